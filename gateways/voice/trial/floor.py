"""The people of the trial: agents with their phones, and callers."""

import signal

from cartera.client import Client
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_ONLINE

from trial import plan, sip_record
from trial.programs import Broken, Program, Stage, free_udp_port

CALLERS_SECONDS = 120
SINGLE_CALLER_SECONDS = 25
"""Their calls have come to an end by then; otherwise SIPp gives up."""


class Floor:
    """Who takes part, and what their SIPp writes down of it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.phones: dict[str, Program] = {}
        self.callers: list[Program] = []

    def bring_in(self, client: Client) -> None:
        """Phones first: an agent who is online without one declines every call."""
        self.phones = self._install({agent: plan.behaviours(agent) for agent in plan.CAPACITIES})
        for agent in self.phones:
            client.agents.SetAgentStatus(agent_id=agent, status=AGENT_STATUS_ONLINE)

    def install(self, does: dict[str, str]) -> None:
        """Phones that always do the same, and of which no account is kept."""
        self._install({agent: [behaviour] for agent, behaviour in does.items()})

    def _install(self, does: dict[str, list[str]]) -> dict[str, Program]:
        ports = {agent: free_udp_port() for agent in does}
        self._register(ports)
        phones = {}
        for agent, behaviours in does.items():
            rows = self._rows(agent, behaviours)
            phones[agent] = self._stage.sipp(agent, "phone", "-p", str(ports[agent]), "-inf", rows)
        return phones

    def _rows(self, name: str, rows: list[str]) -> str:
        """A file for SIPp, whose calls take a row each, and the first again after the last."""
        path = self._stage.directory / f"{name}.csv"
        path.write_text("\n".join(["SEQUENTIAL", *rows, ""]))
        return str(path)

    def _register(self, ports: dict[str, int]) -> None:
        rows = self._rows("phones", [f"{agent};{port}" for agent, port in ports.items()])
        options = ("-inf", rows, "-m", str(len(ports)), "-timeout", "20", "-timeout_error")
        registration = self._stage.sipp("registration", "register", *options, remote_port=self._stage.sip_port)
        if registration.process.wait():
            raise Broken(f"the phones could not register: see {registration.directory}")

    def call(self, group: plan.Group, port: int) -> None:
        rows = self._rows(group.name, [f"{number};{caller}" for number, caller in group.calls])
        how_many = ("-inf", rows, "-m", str(len(group.calls)), "-r", str(group.rate))
        until = ("-timeout", str(CALLERS_SECONDS), "-timeout_error")
        self.callers.append(self._stage.sipp(group.name, group.scenario, *how_many, *until, remote_port=port))

    def single_call(
        self, name: str, scenario: str, number: str, caller: str, replacing: tuple[str, str] = ("", "")
    ) -> Program:
        """One of which no account is kept: its SIPp ends with 0 if it went as its scenario says."""
        rows = self._rows(name, [f"{number};{caller}"])
        options = ("-inf", rows, "-m", "1", "-timeout", str(SINGLE_CALLER_SECONDS), "-timeout_error")
        port = self._stage.sip_port
        return self._stage.sipp(name, scenario, *options, remote_port=port, replacing=replacing)

    def go_home(self) -> None:
        """SIPp ends when its calls have, and writes what it still has in hand."""
        for phone in self.phones.values():
            phone.end(signal.SIGUSR1)

    def endings(self) -> list[sip_record.Ending]:
        return [ending for program in self.callers for ending in sip_record.endings(program.directory)]

    def ringings(self) -> dict[str, list[sip_record.Ringing]]:
        return {agent: sip_record.ringings(phone.directory) for agent, phone in self.phones.items()}

    def callers_seen(self) -> dict[str, dict[str, str]]:
        return {agent: sip_record.callers_seen(phone.directory) for agent, phone in self.phones.items()}
