"""The replicas of a run, started again by whoever watches over them when they break, as in production."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from chaos.processes import Nursery, Process
from chaos.replica_control import Control

LOOKED_AFTER = 0.05
"""How often it is looked whether a replica has ended, in seconds."""

STARTED_AGAIN_AFTER = 0.2
"""How long whoever watches waits before it starts one again."""

STARTS_WITHIN = 30.0
STOPS_WITHIN = 20.0


class Place(NamedTuple):
    """Where a replica is, which doesn't change when it is started again."""

    name: str
    port: int
    database_url: str


class Replica:
    """A place, and the process that is there now."""

    def __init__(self, place: Place, directory: Path, settings: dict[str, str], nursery: Nursery) -> None:
        self.place = place
        self.control = Control(directory / f"replica-{place.name}.control")
        self.nursery = nursery
        """Of the code that it runs from its next start on."""
        self.wanted = False
        self.starts = 0
        self._log = directory / f"replica-{place.name}.log"
        self._settings = settings
        self._process: Process | None = None

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.place.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.status is None

    @property
    def is_paused(self) -> bool:
        with suppress(psutil.NoSuchProcess):
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        return False

    def start(self) -> None:
        """Start a process. It is not there yet when this returns."""
        self.wanted = True
        self.starts += 1
        self._process = self.nursery.start("serve", self._environment(), self._log)

    def kill(self) -> None:
        """Kill -9: no warning, no clean-up."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    async def stop(self) -> int | None:
        """SIGTERM, as an operator would. Answers the exit status; None for one that had to be killed."""
        self.wanted = False
        self.resume()
        self._signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.ended(), STOPS_WITHIN)
        except TimeoutError:
            self._signal(signal.SIGUSR2)
            await asyncio.sleep(1)
            self.kill()
            await self.ended()
            return None

    async def ended(self) -> int:
        """The exit status, once it has ended."""
        assert self._process is not None
        return await self._process.ended()

    async def starts_again(self, since: int) -> bool:
        """Whether it is there once more, after so many starts; once it is."""
        end = time.monotonic() + STARTS_WITHIN
        while self.starts <= since and time.monotonic() < end:
            await asyncio.sleep(LOOKED_AFTER)
        return await self.is_there()

    async def is_there(self, within: float = STARTS_WITHIN) -> bool:
        """Whether it takes connections, once it does."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.is_running and _takes_connections(self.place.port):
                return True
            await asyncio.sleep(LOOKED_AFTER)
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send(number)

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARTERA_")}
        environment |= {f"CARTERA_{name.upper()}": value for name, value in self._settings.items()}
        return environment | {
            "CARTERA_DATABASE_URL": self.place.database_url,
            "CARTERA_LISTEN": self.address,
            "CHAOS_CONTROL": str(self._log.with_suffix(".control")),
        }


class Replicas:
    """All of them, and who watches over them."""

    def __init__(self, places: Sequence[Place], directory: Path, settings: dict[str, str], nursery: Nursery) -> None:
        self.all = [Replica(place, directory, settings, nursery) for place in places]
        self._watching: asyncio.Task[None] | None = None

    @property
    def restarts(self) -> int:
        return sum(replica.starts for replica in self.all) - len(self.all)

    async def start(self) -> None:
        for replica in self.all:
            replica.start()
        await self.are_there()
        self._watching = asyncio.create_task(self._watch())

    async def are_there(self) -> None:
        for replica in self.all:
            if not await replica.is_there():
                raise ReplicaFailed(f"replica {replica.name} does not start; see its log")

    async def stop(self) -> list[int | None]:
        """Stop them all gracefully. Answers their exit statuses."""
        self._stop_watching()
        return await asyncio.gather(*(replica.stop() for replica in self.all if replica.is_running))

    def kill(self) -> None:
        """Leave nothing behind, however the run ends."""
        self._stop_watching()
        for replica in self.all:
            replica.wanted = False
            replica.kill()

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _watch(self) -> None:
        """Start again what has ended and is wanted: killed, or without a database when it started."""
        while True:
            ended = [replica for replica in self.all if replica.wanted and not replica.is_running]
            await asyncio.sleep(STARTED_AGAIN_AFTER if ended else LOOKED_AFTER)
            for replica in ended:
                if replica.wanted and not replica.is_running:
                    replica.start()


class ReplicaFailed(Exception):  # noqa: N818 - names what happened
    """A replica can't be had, and the run means nothing."""


def _takes_connections(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
