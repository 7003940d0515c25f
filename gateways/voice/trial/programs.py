"""The programs of the trial, each in a directory of its own below a temporary one, on ports that were free."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

VOICE = Path(__file__).parents[1]
CARTERA = [sys.executable, "-m", "cartera"]
PATIENCE_SECONDS = 60.0
LOOKED_EVERY_SECONDS = 0.02

TENANT = "aurora"
DISPOSITION = "Atendida"
DECISION_SECONDS = 6.0


class Broken(Exception):
    """The trial can't go on. It says nothing about the gateway."""


def free_port() -> int:
    return _free(socket.SOCK_STREAM)


def free_udp_port() -> int:
    return _free(socket.SOCK_DGRAM)


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            raise Broken(f"{what} didn't come about in {seconds:.0f} s")
        time.sleep(LOOKED_EVERY_SECONDS)


class Program:
    """A process whose output goes to a file."""

    def __init__(
        self, directory: Path, name: str, command: list[str], environment: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.directory = directory / name
        self.directory.mkdir(exist_ok=True)
        self.output = self.directory / "output"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self, text: str) -> bool:
        if self.process.poll() is not None:
            raise Broken(f"{self.name} ended with {self.process.returncode}: see {self.output}")
        return text in self.output.read_text(errors="replace")

    def end(self, number: int = signal.SIGTERM, seconds: float = PATIENCE_SECONDS) -> int:
        """A killed program can't end its own processes, so they are killed with it."""
        if self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.end(signal.SIGKILL)


class Stage:
    """Where everything stands, and how it is started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cartera_address = f"127.0.0.1:{free_port()}"
        self.sip_port = free_udp_port()
        self.control_port = free_port()
        self.database_url = f"sqlite:///{directory / 'cartera.db'}"
        self._secret = secrets.token_hex()
        self._running: list[Program] = []

    def cartera(self) -> Program:
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("CARTERA_")}
        command = [*CARTERA, "serve", "--listen", self.cartera_address, "--database-url", self.database_url]
        program = self.start("cartera", command, quiet | {"CARTERA_DRAIN_SECONDS": "0"})
        ready = f"serves at {self.cartera_address}"
        wait_until(lambda: program.said(ready), "Cartera")
        return program

    def apply(self, file: Path) -> None:
        self.command("--address", self.cartera_address, "apply", "-f", str(file))

    def command(self, *arguments: str) -> None:
        done = subprocess.run([*CARTERA, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"cartera {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def kamailio(self) -> Program:
        environment = os.environ | {
            "VOICE_SIP_ADDRESS": f"127.0.0.1:{self.sip_port}",
            "VOICE_CONTROL_ADDRESS": f"127.0.0.1:{self.control_port}",
            "VOICE_CALLS_SCRIPT": str(VOICE / "kamailio" / "calls.py"),
            "VOICE_DECISION_SECONDS": str(DECISION_SECONDS),
            "VOICE_SECRET": self._secret,
        }
        place = str(self.directory / "kamailio")
        settings = str(VOICE / "kamailio" / "kamailio.cfg")
        program = self.start(
            "kamailio", ["kamailio", "-DD", "-E", "-f", settings, "-Y", place, "-w", place], environment
        )
        wait_until(lambda: program.said("") and self._answers(), "Kamailio")
        return program

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.control_port)) == 0

    def sidecar(self) -> Program:
        command = [sys.executable, "-m", "sidecar", "--tenant", TENANT, "--disposition", DISPOSITION, "--verbose"]
        addresses = ["--cartera", self.cartera_address, "--kamailio", f"127.0.0.1:{self.control_port}"]
        return self.start("sidecar", [*command, *addresses], os.environ | {"PYTHONPATH": str(VOICE)})

    def sipp(
        self,
        name: str,
        scenario: str,
        *options: str,
        remote_port: int | None = None,
        replacing: tuple[str, str] = ("", ""),
    ) -> Program:
        """One that calls has a remote port; one that is called has none."""
        text = (VOICE / "trial" / "scenarios" / f"{scenario}.xml").read_text().replace(*replacing)
        path = self.directory / f"{name}-{scenario}.xml"
        path.write_text(text)
        remote = [] if remote_port is None else [f"127.0.0.1:{remote_port}"]
        traces = ["-trace_err", "-trace_logs", "-trace_shortmsg"]
        always = ["-i", "127.0.0.1", "-nostdin", "-deadcall_wait", "0", "-watchdog_interval", "0", *traces]
        return self.start(name, ["sipp", *remote, "-sf", str(path), *always, *options])

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> Program:
        if shutil.which(command[0]) is None:
            raise Broken(f"there is no {command[0]}")
        program = Program(self.directory, name, command, environment)
        self._running.append(program)
        return program

    def end(self) -> None:
        for program in reversed(self._running):
            program.end(seconds=5)
