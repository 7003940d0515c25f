"""Replicas' processes, started from a nursery and seen from the run."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from queue import Queue
from signal import Signals
from threading import Event, Thread
from typing import IO, cast

ROOT = Path(__file__).parent.parent

LOOKED_AFTER = 0.02
READY_WITHIN = 60.0
FORKED_WITHIN = 60.0


class NurseryFailed(Exception):  # noqa: N818 - names what happened
    """Nothing can be started, and the run means nothing."""


class Process:
    """A process that was started; it may have ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        """With which it ended; less than nothing for a signal."""

    async def ended(self) -> int:
        """The status, once it has ended."""
        while self.status is None:
            await asyncio.sleep(LOOKED_AFTER)
        return self.status

    def send(self, number: Signals) -> None:
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Nursery:
    """Starts processes of one version of the code: what is installed, or what is in a directory."""

    def __init__(self, code: Path | None = None) -> None:
        environment = {**os.environ, **({"PYTHONPATH": str(code)} if code else {})}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.nursery"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        self._ready = Event()
        self._started: Queue[Process] = Queue()
        self._running: dict[int, Process] = {}
        Thread(target=self._hear, name="nursery", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        """Whether all is loaded."""
        return self._ready.is_set()

    def await_ready(self) -> None:
        """Return when all is loaded."""
        if not self._ready.wait(READY_WITHIN):
            raise NurseryFailed("the service's code can't be loaded; see what was written above")

    def start(self, task: str, environment: dict[str, str], log: Path) -> Process:
        """Start a process that serves, or one that migrates the database, or finishes that."""
        self.await_ready()
        orders = cast("IO[str]", self._process.stdin)
        orders.write(json.dumps({"task": task, "environment": environment, "log": str(log)}) + "\n")
        orders.flush()
        return self._started.get(timeout=FORKED_WITHIN)

    def close(self) -> None:
        """End, and kill what it has started. It may not even have begun."""
        if not self._ready.is_set():
            self._process.kill()
        cast("IO[str]", self._process.stdin).close()
        self._process.wait()

    def _hear(self) -> None:
        for line in cast("IO[str]", self._process.stdout):
            said = json.loads(line)
            if "ready" in said:
                self._ready.set()
            elif "status" in said:
                self._running.pop(said["pid"]).status = said["status"]
            else:
                process = self._running[said["pid"]] = Process(said["pid"])
                self._started.put(process)
