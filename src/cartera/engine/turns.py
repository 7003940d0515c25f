"""Turns: a place for each who asks, shared among tenants, so that one tenant's flood is its own.

A tenant that asks alone may have every place. While others ask too, it may have as many as the others want at their
busiest, on average: tenants that want alike hold each other up in nothing, and what one wants beyond that would only
make the others wait for it. It is never less than a few, nor more than an equal share of some. Who comes beyond that
waits behind those of its tenant that came before; beyond some times as many as have places it is refused, and told when
its turn would come.
"""

import asyncio
import math
import time
from asyncio import CancelledError, Future
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import NamedTuple

from cartera.engine.errors import QueueFull

ASKING = 0.5
"""For how many seconds after its last call a tenant is one of those that ask."""

LOOKED_EVERY = 0.25
"""How often it is looked which tenants have become quiet, in seconds."""

WAITING_FOR_EACH = 16
"""How many of a tenant wait for each place that it may have, while others ask too."""

SOONEST, LATEST = 0.1, 10.0
"""When who is refused is to come again, in seconds."""

SUPPOSED_ENDED, SUPPOSED_SECONDS = 10.0, 0.1
"""How many are taken to have ended in what time, before it is known."""

FORGOTTEN = 0.7
"""How much of what was wanted a tenant forgets in a second, if it wants less since."""

MEMORY = 2.0
"""After how many seconds what was seen of a tenant's pace counts half."""


class TurnLimits(NamedTuple):
    """How many are let in at once."""

    places: int
    """Of all tenants together."""
    shared: int
    """What tenants share equally while several ask. With more at once none is served faster, and all wait longer."""
    least: int
    """What each tenant may have, however many ask and however little they want."""
    waiting: float = math.inf
    """How many of a tenant wait at most, even where no other asks."""


class Place:
    """What one tenant has of the turns; given to who is let in."""

    __slots__ = ("asked_at", "called", "come_at", "counted_from", "ended", "taken", "waiting", "wanted")

    def __init__(self, now: float) -> None:
        self.asked_at = now
        self.wanted = 1.0
        """How many have been let in or waited at the busiest moment of late; what was a second ago counts half."""
        self.taken = 0
        """How many have been let in, those who have been called and haven't noticed yet included."""
        self.called = 0
        """How many have been called and haven't noticed yet."""
        self.waiting: deque[Future[None]] = deque()
        self.come_at = 0.0
        """When the one that was refused last was told to come again."""
        self.count_from(now)

    def ask(self, now: float) -> float:
        """Take in that one more asks. Returns by how much more is wanted, or less."""
        before, passed = self.wanted, now - self.asked_at
        self.asked_at = now
        self.wanted = max(self.taken + len(self.waiting) + 1, before * (1 - min(FORGOTTEN * passed, 1)))
        return self.wanted - before

    def count_from(self, now: float) -> None:
        """Begin to count those that end: from now on some wait."""
        self.counted_from, self.ended = now - SUPPOSED_SECONDS, SUPPOSED_ENDED

    def pace(self, now: float) -> float:
        """The seconds from one that ends to the next, of late."""
        return (now - self.counted_from) / self.ended

    def count(self, now: float) -> None:
        """Take in that one has ended while others waited."""
        self.ended += 1
        if now - self.counted_from > MEMORY:
            self.counted_from, self.ended = now - MEMORY / 2, self.ended * (MEMORY / 2) / (now - self.counted_from)

    def time_to_come(self, now: float) -> float:
        """When there would be a turn for one more, after all that wait and all that were told so before: each gets a
        time of its own, so that they neither come back all at once nor sooner than they can be served.
        """
        pace = self.pace(now)
        turn_at = max(self.come_at, now + len(self.waiting) * pace) + pace
        self.come_at = min(turn_at, now + LATEST)
        return max(SOONEST, self.come_at - now)


class Turns:
    """Lets in, tenant by tenant. All of it is for one event loop."""

    def __init__(self, limits: TurnLimits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._taken = 0
        self._wanted = 0.0
        self._asking: dict[Hashable, Place] = {}
        self._look_at = -math.inf
        """When it is looked next who has become quiet."""
        self._queue: deque[Place] = deque()
        """The tenants of whom some wait, in the order of their turns."""

    @asynccontextmanager
    async def turn(self, tenant: Hashable) -> AsyncIterator[None]:
        """A place, for as long as it is needed; see `enter`."""
        place = await self.enter(tenant)
        try:
            yield
        finally:
            self.leave(place)

    async def enter(self, tenant: Hashable) -> Place:
        """Be let in, at once or when it is the tenant's turn. What is given is to be handed to `leave`.

        Raises:
            QueueFull: too many of the tenant wait already.

        """
        place = self.ask(tenant)
        if not self.let_in(place):
            await self.wait(place)
        return place

    def ask(self, tenant: Hashable) -> Place:
        """The tenant's place, for which one more asks. The first half of `enter`, for who asks very often."""
        now = self._monotonic()
        if now >= self._look_at:
            self._forget_the_quiet(now)
        place = self._asking.get(tenant)
        if place is None:
            place = self._asking[tenant] = Place(now)
            self._wanted += place.wanted
        else:
            self._wanted += place.ask(now)
        return place

    def let_in(self, place: Place) -> bool:
        """Let one in, if it is its turn already; else it is to `wait`."""
        if place.waiting or place.called or not self._has_room(place):
            return False
        place.taken += 1
        self._taken += 1
        return True

    def leave(self, place: Place) -> None:
        """Make room for the next."""
        was_full = self._taken >= self._limits.places
        place.taken -= 1
        self._taken -= 1
        if place.waiting:
            place.count(self._monotonic())
        if was_full:
            self._call_in_turn()
        elif place.waiting:
            self._call(place)

    def _forget_the_quiet(self, now: float) -> None:
        """A tenant with calls under way still asks."""
        self._look_at = now + LOOKED_EVERY
        for tenant, place in list(self._asking.items()):
            if place.asked_at < now - ASKING and not place.taken and not place.waiting:
                self._wanted -= place.wanted
                del self._asking[tenant]

    def _has_room(self, place: Place) -> bool:
        return self._taken < self._limits.places and place.taken < self._share(place)

    def _share(self, place: Place) -> float:
        """How many places a tenant may have now."""
        others = len(self._asking) - 1
        if not others:
            return self._limits.places
        wanted = (self._wanted - place.wanted) / others
        return max(self._limits.least, min(self._limits.shared / (others + 1), wanted))

    def room(self, place: Place) -> float:
        """How many of a tenant may be let in or wait now, in all."""
        return self._share(place) + self._most_waiting(place)

    def time_to_come(self, place: Place) -> float:
        """The seconds after which one that is refused had better come again; each is told a time of its own."""
        return place.time_to_come(self._monotonic())

    def _most_waiting(self, place: Place) -> float:
        alone = len(self._asking) == 1
        return self._limits.waiting if alone else min(self._limits.waiting, WAITING_FOR_EACH * self._share(place))

    async def wait(self, place: Place) -> None:
        """Wait until it is one's turn.

        Raises:
            QueueFull: too many of the tenant wait already.

        """
        if len(place.waiting) >= self._most_waiting(place):
            raise QueueFull(self.time_to_come(place))
        if not place.waiting:
            place.count_from(self._monotonic())
            self._queue.append(place)
        turn = asyncio.get_running_loop().create_future()
        place.waiting.append(turn)
        self._call(place)  # it may only wait for those who were called just now, to stay behind them
        try:
            await turn
        except CancelledError:
            self._give_up(place, turn)
            raise
        place.called -= 1

    def _give_up(self, place: Place, turn: "Future[None]") -> None:
        """Who waited has left; it may have been called just before."""
        if not turn.cancelled():
            place.called -= 1
            self.leave(place)
        elif turn in place.waiting:
            place.waiting.remove(turn)
            if not place.waiting:
                self._queue.remove(place)

    def _call(self, place: Place) -> None:
        """Call those of a tenant for whom there is room."""
        while place.waiting and self._has_room(place):
            turn = place.waiting.popleft()
            if turn.cancelled():  # its task hasn't noticed yet
                continue
            place.taken += 1
            place.called += 1
            self._taken += 1
            turn.set_result(None)
        if not place.waiting:
            self._queue.remove(place)

    def _call_in_turn(self) -> None:
        """Give the place that has come free to the next tenant that may have it."""
        for _ in range(len(self._queue)):
            self._queue.rotate(-1)
            place = self._queue[-1]
            if self._has_room(place):
                self._call(place)
                return
