"""One service for the session; each test has a tenant of its own in it."""

from collections.abc import Iterator
from itertools import count

import pytest
from typer.testing import CliRunner

from cartera.command_line.main import application
from tests.command_line.served import Served, served

NUMBERS = count(1)

TENANT = """
tenant: {{name: Aurora, number: "1"}}
agents:
  - {{agent_id: ana, name: Ana, capacity: 1}}
  - {{agent_id: carlos, name: Carlos, capacity: 1}}
  - {{agent_id: lucia, name: Lucía, capacity: 1, channels: [chat]}}
workgroups:
  - {{workgroup_id: ventas, member_ids: [ana, carlos, lucia], method: {method}, queue_when_nobody_online: true}}
campaigns:
  - campaign_id: voz
    addresses: [{{channel: voice, address: "900"}}, {{channel: voice, address: "911", priority_line: true}}]
    workgroup_ids: [ventas]
    dispositions: [{{name: Venta, sub_dispositions: [Nueva]}}, Nada]
  - campaign_id: chat
    addresses: [{{channel: chat, address: web}}]
    workgroup_ids: [ventas]
    dispositions: [Nada]
contacts: [{{contact_id: elena}}]
"""


class CommandLine:
    """The command line, run in this process, for one tenant."""

    def __init__(self, address: str, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self.variables = {"CARTERA_ADDRESS": address, "CARTERA_TENANT": tenant_id, "LC_ALL": "C"}

    def __call__(self, *arguments, given=None):
        return CliRunner().invoke(application, list(arguments), input=given, env=self.variables)

    def succeeds(self, *arguments, given=None) -> str:
        result = self(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *arguments, given=None, status=1) -> str:
        result = self(*arguments, given=given)
        assert result.exit_code == status, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr


@pytest.fixture(scope="session")
def served_once(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def empty(served_once: Served) -> CommandLine:
    """A tenant that does not exist yet."""
    return CommandLine(served_once.address, f"tenant-{next(NUMBERS)}")


@pytest.fixture
def command_line(empty: CommandLine) -> CommandLine:
    """A tenant with two who take calls and one who takes chats, each one at a time."""
    empty.succeeds("apply", "-f", "-", given=TENANT.format(method="round_robin"))
    return empty


@pytest.fixture
def dispenser(empty: CommandLine) -> CommandLine:
    """The same, where nothing is assigned by itself."""
    empty.succeeds("apply", "-f", "-", given=TENANT.format(method="manual"))
    return empty
