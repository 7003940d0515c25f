"""Servers in processes of their own, whose CPU time is read from outside."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

STOP_SECONDS = 30


class ServerFailed(Exception):  # noqa: N818 - names what happened
    """A server did not start."""


class Server:
    """A server that runs, and the database processes that work for it alone."""

    def __init__(self, process: "subprocess.Popen[str]", address: str, database_pid: int | None = None) -> None:
        self.address = address
        self._process = psutil.Process(process.pid)
        self._database = psutil.Process(database_pid) if database_pid else None

    @contextmanager
    def kept_apart(self) -> Iterator[None]:
        """The server has a processor of its own; the others are for the database, and for what is started meanwhile."""
        this = psutil.Process()
        processors = sorted(this.cpu_affinity() or [])
        others = processors[1:] or processors
        self._process.cpu_affinity(processors[:1])
        this.cpu_affinity(others)
        if self._database is not None:
            for process in (self._database, *self._database.children(recursive=True)):
                process.cpu_affinity(others)
        try:
            yield
        finally:
            this.cpu_affinity(processors)

    def cpu_seconds(self) -> float:
        """The CPU time of the server's process so far, user and system, of all its threads."""
        times = self._process.cpu_times()
        return times.user + times.system

    def database_cpu_seconds(self) -> float:
        """The CPU time so far of the database's processes, those that have ended included."""
        if self._database is None:
            return 0.0
        return cpu_seconds_of_family(self._database)

    def resident_bytes(self) -> int:
        """The memory of the server's process."""
        return self._process.memory_info().rss

    def thread_cpu_seconds(self) -> dict[int, float]:
        """The CPU time so far of each of the server's threads."""
        return {each.id: each.user_time + each.system_time for each in self._process.threads()}


def cpu_seconds_of_family(parent: psutil.Process) -> float:
    """The CPU time of a process and its children, whether they still run or not."""
    times = parent.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in parent.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:  # it has just ended, and is counted with its parent
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def running(arguments: Sequence[str], database_pid: int | None = None) -> Iterator[Server]:
    """Run `python -m benchmarks.serving ARGUMENTS` as long as it is needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.serving", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise ServerFailed(f"{arguments[0]} ended with {process.wait()} before it served")
        yield Server(process, address, database_pid)
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
