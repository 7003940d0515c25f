import re
import shlex
from pathlib import Path

import pytest

from tests.command_line.served import cartera, served

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


COMMAND = re.compile(r"^    cartera (?!serve|watch)([^#\n]*)", re.MULTILINE)


@pytest.mark.req("G1", "G6")
def test_the_first_route_of_the_readme(tmp_path, capsys):
    """The commands and the Python of the README, as they stand there, against a real service."""
    text = (ROOT / "README.md").read_text("utf-8")
    with served(tmp_path) as service:
        commands = [shlex.split(command) for command in COMMAND.findall(text)]
        assert [command[0] for command in commands] == ["apply", "agent", "route", "verify"]
        for command in commands:
            place = (
                ["--database-url", service.database_url] if command[0] == "verify" else ["--address", service.address]
            )
            tenant = [] if command[0] == "apply" else ["--tenant", "demo"]
            words = [str(ROOT / word) if word.startswith("examples/") else word for word in command]
            done = cartera(*words, *tenant, *place)
            assert done.returncode == 0, done.stderr
        for block in BLOCK.findall(text):
            exec(block.replace("127.0.0.1:7733", service.address), {})  # noqa: S102, our own documentation
    assert capsys.readouterr().out.startswith("ana ")


@pytest.mark.req("G1", "G2", "G3", "W1")
def test_the_examples_for_integrators_run(tmp_path, monkeypatch, capsys):
    """Every block of both pages, one after the other, against a real service."""
    monkeypatch.chdir(tmp_path)  # they keep a position in a file
    with served(tmp_path) as service:
        applied = cartera("apply", "-f", str(ROOT / "examples" / "demo-tenant.yaml"), "--address", service.address)
        assert applied.returncode == 0, applied.stderr
        for page in ("integrating.md", "errors-and-retries.md"):
            names: dict[str, object] = {}
            for block in BLOCK.findall((ROOT / "docs" / page).read_text("utf-8")):
                exec(block.replace("127.0.0.1:7733", service.address), names)  # noqa: S102, our own documentation
    said = capsys.readouterr().out
    assert "ring carlos" in said
    assert re.search(r"connect i\d+ with carlos", said)
    assert re.search(r"connect i\d+ with valentina", said)
    assert re.search(r"ring valentina for i\d+ until", said)
    assert re.search(r"end i\d+", said)
    assert re.search(r"carlos chosen \(\d of \d units\)", said)
    assert "FAILED_PRECONDITION CAMPAIGN_LACKS_CHANNEL" in said
    assert re.search(r"\d open; watch from \d+", said)
