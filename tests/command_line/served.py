"""The service as a process of its own, and the command line as people run it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from cartera.command_line.main import application
from chaos.ports import HeldPort
from tests.fixtures.nursery import Process

CARTERA = [sys.executable, "-m", "cartera"]


class Served:
    """A `cartera serve` on SQLite, which can be stopped and started again at the same address."""

    def __init__(self, directory: Path, port: int) -> None:
        self.database_url = f"sqlite:///{directory / 'cartera.db'}"
        self._log = directory / "service.log"
        self.address = f"127.0.0.1:{port}"
        self.process: Process | None = None

    def start(self) -> None:
        arguments = ["serve", "--listen", self.address, "--database-url", self.database_url]
        with self._log.open("a") as log:
            self.process = Process(arguments, environment(), log)
        announced = self.process.stdout.readline()
        assert f"serves at {self.address}" in announced, self._log.read_text()

    def log(self) -> str:
        """What it has written to stderr."""
        return self._log.read_text()

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        self.process.send_signal(with_signal)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status


@contextmanager
def served(directory: Path) -> Iterator[Served]:
    with HeldPort() as port:
        service = Served(directory, port.number)
        service.start()
        yield service
        if service.process.poll() is None:
            service.stop()


def cartera(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command line, run in this process, since to start one takes a second or two: what it prints, what it
    complains of, and its status.
    """
    unset = {name: None for name in os.environ if name.startswith("CARTERA_")}
    given = {**unset, "LC_ALL": "C", **variables}
    ran = CliRunner().invoke(application, list(arguments), env=given, prog_name="cartera")
    return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)


def cartera_process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own."""
    with tempfile.TemporaryFile("w+") as errors, Process(list(arguments), environment(**variables), errors) as process:
        output = process.stdout.read()
        status = process.wait(timeout=60)
        errors.seek(0)
        return subprocess.CompletedProcess(arguments, status, output, errors.read())


def environment(**variables: str) -> dict[str, str]:
    """The present one without the settings of whoever runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CARTERA_")}
    return inherited | {"CARTERA_DRAIN_SECONDS": "0", "LC_ALL": "C.UTF-8"} | variables
