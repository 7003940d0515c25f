"""How many calls and streams at once, of which tenant and which caller, and the end of taking any."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.engine.errors import CallerQueueFull, Draining, QueueFull, TooManyStreams
from cartera.engine.turns import Place, TurnLimits, Turns
from cartera.rpc.callers import CallerKey, CallerLimits, Callers, CallerStreams

_LOG = structlog.get_logger()

_RETRY_AFTER = 5.0

TOLD_EVERY = 10.0
"""The seconds between two lines in the log that say that a tenant's calls are refused."""

STREAMS_FOR_EACH_FREE = 4
"""How many streams a tenant may have for each that is left: alone it may have four fifths of all, and however many
tenants take what they can, some are left.
"""

CALLERS_PART = 0.75
"""How much of its tenant's room one caller may take where calls wait."""

NOBODY = Actor(Role.UNSPECIFIED)
Entry = tuple[Place, bytes, CallerKey | None]
"""A call at the door: the place that it asks for, its tenant, and by which it is counted as its caller's."""

_TENANT_ID_TAG = 0x0A
_LONGEST_OF_ONE_BYTE = 0x7F


def tenant_of(payload: bytes) -> bytes:
    """The tenant that a request names, without making a message of it: it is the first field of each, and is written
    first. Empty where it isn't; all such calls count as one tenant's.
    """
    if len(payload) > 1 and payload[0] == _TENANT_ID_TAG and payload[1] <= _LONGEST_OF_ONE_BYTE:
        return payload[2 : 2 + payload[1]]
    return b""


def printable(name: str) -> str:
    """A name that nobody has checked, so that it can't make a line of the log look like two, or work a terminal."""
    return name if name.isprintable() else ascii(name)


class UnaryCalls:
    """Calls beyond the limits wait their turn, unless their deadline comes first, or too many of their tenant wait."""

    def __init__(self, limits: TurnLimits, callers: CallerLimits = CallerLimits()) -> None:
        self._turns = Turns(limits)
        self._callers = Callers(callers)
        self._under_way = 0
        self._told_at: dict[bytes, float] = {}
        self._closed = False
        self._idle = asyncio.Event()

    def ask(self, tenant: bytes, actor: Actor = NOBODY) -> Entry:
        """Begin a call of a tenant, which goes on when it is let in; `leave` ends it.

        Raises:
            Draining: no more are taken.
            CallerQueueFull: the caller has as many as one may.

        """
        if self._closed:
            raise Draining
        try:
            caller = self._callers.begin(tenant, actor)
        except CallerQueueFull as refusal:
            self._tell(tenant, refusal)
            raise
        self._under_way += 1
        return self._turns.ask(tenant), tenant, caller

    def let_in(self, entry: Entry) -> bool:
        """Whether the call may go on at once; else it is to `wait`."""
        return self._turns.let_in(entry[0])

    async def wait(self, entry: Entry) -> None:
        """Wait for the call's turn. Where this raises, the call has ended.

        Raises:
            QueueFull: too many of the tenant's calls wait.
            CallerQueueFull: too many of the caller's do.

        """
        place, tenant, caller = entry
        try:
            self._leave_room_to_others(place, caller)
            await self._turns.wait(place)
        except BaseException as error:
            self._end(caller)
            if isinstance(error, QueueFull | CallerQueueFull):
                self._tell(tenant, error)
            raise

    def _leave_room_to_others(self, place: Place, caller: CallerKey | None) -> None:
        if caller is None:
            return
        most = CALLERS_PART * self._turns.room(place)
        if self._callers.has_more(caller, most):
            raise CallerQueueFull(self._turns.time_to_come(place), int(most))

    def leave(self, entry: Entry) -> None:
        """End the call."""
        self._turns.leave(entry[0])
        self._end(entry[2])

    def _tell(self, tenant: bytes, refusal: QueueFull | CallerQueueFull) -> None:
        """Log that a tenant's calls are refused, from time to time."""
        now = time.monotonic()
        if now - self._told_at.get(tenant, -math.inf) < TOLD_EVERY:
            return
        self._told_at = {each: told_at for each, told_at in self._told_at.items() if now - told_at < TOLD_EVERY}
        self._told_at[tenant] = now
        tenant_id = printable(tenant.decode(errors="replace"))
        _LOG.warning("a flood is refused", tenant_id=tenant_id, retry_after=refusal.retry_after)

    def _end(self, caller: CallerKey | None) -> None:
        self._callers.end(caller)
        self._under_way -= 1
        if self._closed and not self._under_way:
            self._idle.set()

    async def finish(self) -> None:
        """Take no more, and wait for those under way."""
        self._closed = True
        if self._under_way:
            await self._idle.wait()


class Streams:
    """Streams beyond the limits are refused: waiting for one to end could take for ever."""

    def __init__(self, limit: int, callers: CallerLimits = CallerLimits()) -> None:
        self._free = limit
        self._of_tenant: Counter[str] = Counter()
        self._callers = CallerStreams(callers)

    @contextmanager
    def one(self, tenant_id: str, actor: Actor = NOBODY) -> Iterator[None]:
        """Room for one stream of a tenant, and of a caller."""
        with self._callers.one(tenant_id, actor), self._one_of_tenant(tenant_id):
            yield

    @contextmanager
    def _one_of_tenant(self, tenant_id: str) -> Iterator[None]:
        if self._free <= 0 or self._of_tenant[tenant_id] >= STREAMS_FOR_EACH_FREE * self._free:
            raise TooManyStreams(_RETRY_AFTER)
        self._free -= 1
        self._of_tenant[tenant_id] += 1
        try:
            yield
        finally:
            self._free += 1
            self._of_tenant[tenant_id] -= 1
            if not self._of_tenant[tenant_id]:
                del self._of_tenant[tenant_id]
