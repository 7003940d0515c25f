import subprocess

import pytest
import typer.main

from cartera.command_line.lines import LINES, line_of
from cartera.command_line.main import Program, application
from cartera.routing.v1.event_pb2 import Event
from cartera.settings import Settings
from tests.command_line.served import CARTERA, cartera, environment


def commands(group=None, path=()):
    group = group or typer.main.get_command(application)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands())


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_explains_itself(path, command):
    """Each command says what it does, with an example."""
    assert command.help
    if path != ("version",):
        assert f"`cartera {' '.join(path)}" in command.help
    assert all(parameter.help for parameter in command.params if parameter.param_type_name == "option")


def test_every_kind_of_event_has_a_line():
    """A new event in the contract has to be told, too."""
    assert set(LINES) == set(Event.DESCRIPTOR.fields_by_name)
    for kind in LINES:
        event = Event()
        getattr(event, kind).SetInParent()
        assert line_of(event)


def test_nobody_there_is_one_line():
    """A service that isn't there is said in one line."""
    ran = cartera("agent", "list", "--tenant", "t", "--address", "127.0.0.1:1")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("cartera: the service does not answer: ")
    assert len(ran.stderr.splitlines()) == 1


def test_a_fault_of_the_program_is_one_line_too(monkeypatch, capsys):
    """Even what nobody foresaw is no traceback, unless it is asked for."""

    def broken(*_: object, **__: object):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(typer.core.TyperGroup, "main", broken)
    with pytest.raises(SystemExit) as ended:
        Program(name="cartera").main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "cartera: a fault of this program (RuntimeError: unforeseen); CARTERA_TRACEBACK=1 shows where\n"
    )
    monkeypatch.setenv("CARTERA_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="unforeseen"):
        Program(name="cartera").main()


def test_version_and_help():
    """The program says which it is, and what it can do."""
    version = subprocess.run([*CARTERA, "version"], capture_output=True, text=True, check=True, env=environment())
    assert version.stdout.startswith("cartera 0.")
    listed = cartera("--help").stdout
    assert all(name in listed for name in ("serve", "migrate", "apply", "route", "agent", "watch", "verify"))


def test_options_stand_before_or_after_the_command():
    """Both name the same service."""
    for arguments in (("--address", "127.0.0.1:1", "health"), ("health", "--address", "127.0.0.1:1")):
        assert "the service at 127.0.0.1:1 does not answer" in cartera(*arguments).stderr


def test_all_settings_are_listed():
    """Every setting can be found without reading the source."""
    listed = cartera("serve", "--settings").stdout.splitlines()
    assert {f"CARTERA_{name.upper()}" for name in Settings.model_fields} == {line.split()[0] for line in listed}
