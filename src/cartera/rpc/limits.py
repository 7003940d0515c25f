"""How many calls and streams at once, of which tenant, and the end of taking any."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from cartera.engine.errors import Draining, QueueFull, TooManyStreams
from cartera.engine.turns import Place, TurnLimits, Turns

_LOG = structlog.get_logger()

_RETRY_AFTER = 5.0

TOLD_EVERY = 10.0
"""The seconds between two lines in the log that say that a tenant's calls are refused."""

STREAMS_FOR_EACH_FREE = 4
"""How many streams a tenant may have for each that is left: alone it may have four fifths of all, and however many
tenants take what they can, some are left.
"""

_TENANT_ID_TAG = 0x0A
_LONGEST_OF_ONE_BYTE = 0x7F


def tenant_of(payload: bytes) -> bytes:
    """The tenant that a request names, without making a message of it: it is the first field of each, and is written
    first. Empty where it isn't; all such calls count as one tenant's.
    """
    if len(payload) > 1 and payload[0] == _TENANT_ID_TAG and payload[1] <= _LONGEST_OF_ONE_BYTE:
        return payload[2 : 2 + payload[1]]
    return b""


class UnaryCalls:
    """Calls beyond the limits wait their turn, unless their deadline comes first, or too many of their tenant wait."""

    def __init__(self, limits: TurnLimits) -> None:
        self._turns = Turns(limits)
        self._under_way = 0
        self._told_at: dict[bytes, float] = {}
        self._closed = False
        self._idle = asyncio.Event()

    def ask(self, tenant: bytes) -> Place:
        """Begin a call of a tenant, which goes on when it is let in; `leave` ends it.

        Raises:
            Draining: no more are taken.

        """
        if self._closed:
            raise Draining
        self._under_way += 1
        return self._turns.ask(tenant)

    def let_in(self, place: Place) -> bool:
        """Whether the call may go on at once; else it is to `wait`."""
        return self._turns.let_in(place)

    async def wait(self, place: Place, tenant: bytes) -> None:
        """Wait for the call's turn. Where this raises, the call has ended.

        Raises:
            QueueFull: too many of the tenant's calls wait.

        """
        try:
            await self._turns.wait(place)
        except BaseException as error:
            self._end()
            if isinstance(error, QueueFull):
                self._tell(tenant, error)
            raise

    def leave(self, place: Place) -> None:
        """End the call."""
        self._turns.leave(place)
        self._end()

    def _tell(self, tenant: bytes, refusal: QueueFull) -> None:
        """Log that a tenant's calls are refused, from time to time."""
        now = time.monotonic()
        if now - self._told_at.get(tenant, -math.inf) < TOLD_EVERY:
            return
        self._told_at = {each: told_at for each, told_at in self._told_at.items() if now - told_at < TOLD_EVERY}
        self._told_at[tenant] = now
        _LOG.warning("a flood is refused", tenant=tenant.decode(errors="replace"), retry_after=refusal.retry_after)

    def _end(self) -> None:
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

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._of_tenant: Counter[str] = Counter()

    @contextmanager
    def one(self, tenant_id: str) -> Iterator[None]:
        """Room for one stream of a tenant."""
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
