"""All calls of a Kamailio: each has its attendant."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from typing import Any

from cartera.client import CarteraError

from sidecar.attendant import Attendant
from sidecar.call import Call
from sidecar.desk import Desk
from sidecar.feed import Feed
from sidecar.kamailio import Kamailio

LIST_SECONDS = 30.0
"""Between two looks at all calls and all interactions, for what got lost on the way."""

ANSWER_SECONDS = 10.0
FAILURE_PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Listing:
    """All calls, as far as Kamailio has told them since it was asked."""

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self.calls: dict[str, Call] = {}
        self.complete = asyncio.Event()

    def live(self) -> set[str]:
        return {key for key, call in self.calls.items() if not call.ended}


class Gateway:
    """Gives each call an attendant, and ends what no call stands behind any more."""

    def __init__(self, desk: Desk, feed: Feed, kamailio: Kamailio) -> None:
        self._desk = desk
        self._feed = feed
        self._kamailio = kamailio
        self._attendants: dict[str, Attendant] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._listing: Listing | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            async for messages in self._kamailio.connections():
                settling = group.create_task(self._settle())
                await self._hear(messages)
                settling.cancel()

    async def _follow(self) -> None:
        while True:
            try:
                await self._feed.run()
            except CarteraError as error:
                logger.warning("the feed can't be followed: %s", error)
            await asyncio.sleep(FAILURE_PAUSE_SECONDS)

    async def _hear(self, messages: AsyncIterator[dict[str, Any]]) -> None:
        self._kamailio.say(do="list", list="")  # to attend to them at once, whether Cartera can be reached or not
        async for message in messages:
            if "key" in message:
                self._attend(Call.told(message))
            elif self._listing and message["listed"] == self._listing.name:
                self._listing.complete.set()

    def _attend(self, call: Call) -> None:
        if self._listing:
            self._listing.calls[call.key] = call
        if call.key in self._attendants:
            self._attendants[call.key].told(call)
            return
        attendant = Attendant(call, self._desk, self._feed, self._kamailio)
        self._attendants[call.key] = attendant
        self._tasks[call.key] = asyncio.create_task(attendant.run())
        self._tasks[call.key].add_done_callback(lambda task: self._attended(call.key, task))

    def _attended(self, key: str, task: asyncio.Task[None]) -> None:
        """After a failure the next listing brings the call, if it is still there, a new attendant."""
        del self._attendants[key], self._tasks[key]
        if not task.cancelled() and (failure := task.exception()):
            logger.error("%s can't be attended to", key, exc_info=failure)

    async def _settle(self) -> None:
        while True:
            pause = LIST_SECONDS
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._settle_once()
            except (CarteraError, TimeoutError) as error:
                logger.warning("calls and interactions can't be compared: %s", error)
                pause = FAILURE_PAUSE_SECONDS
            await asyncio.sleep(pause)

    async def _settle_once(self) -> None:
        """Interactions first, calls after: what has an interaction by then was a call before, and is still one unless
        it has ended.
        """
        waiting = [pair async for pair in self._desk.waiting()]
        self._listing = listing = Listing()
        self._kamailio.say(do="list", list=listing.name)
        await listing.complete.wait()
        self._listing = None
        for key in self._tasks.keys() - listing.calls.keys():
            self._tasks[key].cancel()  # another Kamailio has come, which knows nothing of them
        for key, interaction in waiting:
            if key not in listing.live():
                logger.warning("no call stands behind %s any more", interaction.interaction_id)
                await self._desk.cancel(interaction)
