"""Attends one call, from its arrival until nothing is left to be done about it."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from cartera.client import CarteraError
from cartera.routing.v1.interaction_pb2 import Interaction, QueuePosition

from sidecar.call import HELD, Call
from sidecar.decision import OFFERED, Step, decide, offer_of
from sidecar.desk import Desk, Standing
from sidecar.feed import Feed
from sidecar.kamailio import Kamailio
from sidecar.refusal import GONE, NO_SUCH_NUMBER, Refusal, refusal_of

RING_SECONDS = 20.0
"""How long a phone rings for what its agent was assigned without an offer."""

MARGIN_SECONDS = 0.3
"""How much sooner than the offer the ringing ends: no answer is then a rejection, and not two things at once."""

SHORTEST_RING_SECONDS = 0.1

LOOK_AGAIN_SECONDS = 45.0
"""Whoever waits is told so at least once a minute; otherwise a proxy on the way may give the call up."""

ORDER_SECONDS = 2.0
"""When an order that changed nothing is given again."""

FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 5.0
"""After failures: each pause is twice the one before."""

logger = logging.getLogger(__name__)


class Attendant:
    """Looks, decides, does, and waits for a change. What it needs to know after a restart is elsewhere."""

    def __init__(self, call: Call, desk: Desk, feed: Feed, kamailio: Kamailio) -> None:
        self.call = call
        self._desk = desk
        self._feed = feed
        self._kamailio = kamailio
        self._interaction_id = call.interaction
        self._standing: Standing | None = None
        self._stale_before = 0
        self._failures = 0
        self._changed = asyncio.Event()

    def told(self, call: Call) -> None:
        """Of a version of the call, by Kamailio."""
        if call.version > self.call.version:
            self.call = call
            self._changed.set()

    def moved(self, revision: int) -> None:
        """The interaction has, in this revision."""
        self._stale_before = max(self._stale_before, revision)
        self._changed.set()

    async def run(self) -> None:
        try:
            while await self._attend():
                pass
        finally:
            self._feed.unfollow(self._interaction_id)

    async def _attend(self) -> bool:
        """Whether there may be more to do."""
        self._changed.clear()
        try:
            await self._look()
            step = decide(self.call, self._interaction)
            logger.debug("%s is %s: %s", self.call.key, self.call.phase, step.name)
            done = await self._do(step)
        except CarteraError as error:
            return await self._failed(error)
        self._failures = 0
        if not done and step is not Step.FORGET:
            await self._wait(step)
        return step is not Step.FORGET

    async def _failed(self, error: CarteraError) -> bool:
        """Look again, and decide anew; but an interaction that doesn't exist need not be ended."""
        if self.call.ended and error.code.name == "NOT_FOUND":
            self._order("forget")
            return False
        logger.warning("%s is %s: %s", self.call.key, self.call.phase, error)
        self._standing = None
        self._stale_before = 0  # after a restore from a backup there may be no such revision any more
        self._failures += 1
        await asyncio.sleep(min(FIRST_PAUSE_SECONDS * 2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS))
        return True

    async def _look(self) -> None:
        if self._interaction_id and (self._standing is None or self._stale_before > self._standing.revision):
            self._feed.follow(self._interaction_id, self.moved)
            self._standing = await self._desk.look(self._interaction_id, self._stale_before)

    async def _wait(self, step: Step) -> None:
        seconds = LOOK_AGAIN_SECONDS if step is Step.NOTHING else ORDER_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
            return
        if step is Step.NOTHING and self.call.phase in HELD and self._standing:
            self._standing = await self._desk.look(self._interaction_id, 0)
            self._hold()

    async def _do(self, step: Step) -> bool:
        """Whether it is done. An order is, when Kamailio tells how the call stands by then."""
        match step:
            case Step.ROUTE:
                return await self._route()
            case Step.ACCEPT | Step.REJECT | Step.GIVE_BACK | Step.COMPLETE | Step.CANCEL:
                revision = await getattr(self._desk, step.name.lower())(self._known)
                self._stale_before = max(self._stale_before, revision)
                return True
            case Step.HOLD:
                self._hold()
            case Step.RING:
                self._ring()
            case Step.REFUSE:
                self._refuse(GONE)
            case Step.STOP | Step.CONNECT | Step.FORGET:
                self._order(step.name.lower())
        return False

    async def _route(self) -> bool:
        try:
            standing = await self._desk.route(self.call)
        except CarteraError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            logger.info("%s is refused: %s", self.call.key, error)
            self._refuse(refusal)
            return False
        if standing is None:
            self._refuse(NO_SUCH_NUMBER)
            return False
        self._standing = standing
        self._interaction_id = standing.interaction.interaction_id
        self._feed.follow(self._interaction_id, self.moved)
        # It may have moved before this process followed it; and to a repeated request the first answer is given.
        self._stale_before = max(self._stale_before, self._feed.revision)
        return True

    def _hold(self) -> None:
        assert self._standing is not None
        self._order("hold", interaction=self._interaction_id, phrase=_phrase(self._standing.position))

    def _ring(self) -> None:
        interaction = self._known
        self._order(
            "ring",
            interaction=interaction.interaction_id,
            agent=interaction.agent_id,
            offer=offer_of(interaction),
            seconds=_seconds_to_ring(interaction),
        )

    def _refuse(self, refusal: Refusal) -> None:
        self._order("refuse", status=refusal.status, phrase=refusal.phrase, retry_after=refusal.retry_after)

    def _order(self, what: str, **details: Any) -> None:
        """Kamailio carries it out if the call is still as it was when this was decided."""
        logger.debug("%s: %s %s", self.call.key, what, details)
        self._kamailio.say(do=what, key=self.call.key, version=self.call.version, **details)

    @property
    def _interaction(self) -> Interaction | None:
        return self._standing.interaction if self._standing else None

    @property
    def _known(self) -> Interaction:
        assert self._standing is not None
        return self._standing.interaction


def _seconds_to_ring(interaction: Interaction) -> float:
    if interaction.state != OFFERED:
        return RING_SECONDS
    left = interaction.state_until.ToDatetime(UTC) - datetime.now(UTC)
    return max(left.total_seconds() - MARGIN_SECONDS, SHORTEST_RING_SECONDS)


def _phrase(position: QueuePosition) -> str:
    """What SIP's 182 says to people: it has a place for this, and no header."""
    if not position.position:
        return "Queued"
    told = f"Queued; position {position.position}"
    if not position.HasField("estimated_wait"):
        return told
    return f"{told}; expected waiting time is {max(1, position.estimated_wait.seconds)} seconds"
