"""A watcher: follows a tenant's feed, and resumes behind what it was sent whenever its stream ends."""

import asyncio
import contextlib
import time
from random import Random
from typing import Any, NamedTuple

import grpc

from cartera.routing.v1.event_pb2 import EventKind
from cartera.routing.v1.event_service_pb2 import WatchEventsRequest, WatchEventsResponse
from chaos.history import WatchJournal
from chaos.traffic.connections import Connections, failure_of

SILENCE_SECONDS = 15.0
"""After which a watcher takes its stream for dead: a mark is due every 10 s."""

KINDS = (
    EventKind.EVENT_KIND_INTERACTION_ASSIGNED,
    EventKind.EVENT_KIND_INTERACTION_COMPLETED,
    EventKind.EVENT_KIND_INTERACTION_CANCELLED,
    EventKind.EVENT_KIND_AGENT_STATUS_CHANGED,
)


class Habit(NamedTuple):
    """How a watcher watches."""

    name: str
    agent_ids: tuple[str, ...] = ()
    kinds: tuple[EventKind.ValueType, ...] = ()
    pause: float = 0.0
    """Between two steps that it reads."""
    stay: float = 0.0
    """After about how long it leaves and comes back. Zero: it stays."""
    from_now: bool = False
    """It begins with what comes, not with the first revision."""


HABITS = (
    Habit("leaving", stay=0.5),
    Habit("of-agents", agent_ids=("ana", "hugo")),
    Habit("slow", pause=1.0),
    Habit("whole"),
    Habit("of-kinds", kinds=KINDS, stay=5.0),
    Habit("from-now", from_now=True),
)


class Watcher:
    """Watches one tenant."""

    def __init__(
        self, tenant_id: str, habit: Habit, connections: Connections, journal: WatchJournal, chance: Random
    ) -> None:
        self.tenant_id = tenant_id
        self._habit = habit
        self._connections = connections
        self._journal = journal
        self._chance = chance
        self._stream = 0
        self._reached: int | None = None if habit.from_now else 0
        self._until: int | None = None
        self._silent = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._run())
        return self._task

    def finish(self, revision: int) -> None:
        """It ends once it has come so far; it hurries from now on."""
        self._until = revision
        if self._task is not None and self._is_done():
            self._task.cancel()

    async def _run(self) -> None:
        while not self._is_done():
            await self._watch(self._chance.choice(self._others() or self._connections.addresses))
            await asyncio.sleep(self._chance.uniform(0.01, 0.2))

    def _others(self) -> list[str]:
        """The addresses but the one whose last stream went silent."""
        return [address for address in self._connections.addresses if address != self._silent]

    def _is_done(self) -> bool:
        return self._until is not None and (self._reached or 0) >= self._until

    async def _watch(self, address: str) -> None:
        self._stream += 1
        payload = self._request().SerializeToString()
        self._journal.opened(self._stream, address, self._reached, payload, time.monotonic())
        stream = self._connections.stream(address)(payload)
        self._silent = ""
        code, reason = "", ""
        try:
            code, reason = await self._read(stream)
        except grpc.aio.AioRpcError as error:
            code, reason, _ = failure_of(error)
            if code == "OUT_OF_RANGE":
                self._reached = None
        except TimeoutError:
            reason, self._silent = "silent", address
        except asyncio.CancelledError:
            code, reason = "CANCELLED", "done"
            raise
        finally:
            stream.cancel()
            self._journal.ended(self._stream, code, reason, time.monotonic())

    def _request(self) -> WatchEventsRequest:
        request = WatchEventsRequest(tenant_id=self.tenant_id, agent_ids=self._habit.agent_ids, kinds=self._habit.kinds)
        if self._reached is not None:
            request.start_after_revision = self._reached
        return request

    async def _read(self, stream: Any) -> tuple[str, str]:
        stay = self._habit.stay * self._chance.uniform(0.5, 1.5)
        leaves_at = time.monotonic() + stay if stay else None
        while not self._is_done():
            step = await asyncio.wait_for(stream.read(), SILENCE_SECONDS)
            if step is grpc.aio.EOF:
                return "OK", ""
            self._take(step)
            if leaves_at is not None and time.monotonic() > leaves_at:
                return "CANCELLED", "left"
            if self._habit.pause and self._until is None:
                await asyncio.sleep(self._habit.pause)
        return "CANCELLED", "done"

    def _take(self, payload: bytes) -> None:
        self._journal.sent(self._stream, payload, time.monotonic())
        step = WatchEventsResponse.FromString(payload)
        self._reached = step.change.revision if step.HasField("change") else step.bookmark.revision


async def run_until_done(watchers: list[asyncio.Task[None]], seconds: float) -> None:
    """Wait for watchers to end; those that don't are cancelled."""
    if watchers:
        _, late = await asyncio.wait(watchers, timeout=seconds)
        for task in late:
            task.cancel()
        for task in watchers:
            with contextlib.suppress(asyncio.CancelledError):
                await task
