"""Follows the tenant's feed, and says to whom it matters that something has happened to an interaction."""

import logging
from collections.abc import Callable

from cartera.client import AsyncClient, CarteraError
from cartera.routing.v1.event_pb2 import EventKind

CAMPAIGN_KINDS = (EventKind.EVENT_KIND_CAMPAIGN_SAVED, EventKind.EVENT_KIND_CAMPAIGN_DELETED)
INTERACTION_KINDS = (
    EventKind.EVENT_KIND_INTERACTION_OFFERED,
    EventKind.EVENT_KIND_INTERACTION_OFFER_REJECTED,
    EventKind.EVENT_KIND_INTERACTION_OFFER_MISSED,
    EventKind.EVENT_KIND_INTERACTION_OFFER_WITHDRAWN,
    EventKind.EVENT_KIND_INTERACTION_ASSIGNED,
    EventKind.EVENT_KIND_INTERACTION_TRANSFERRED_TO_AGENT,
    EventKind.EVENT_KIND_INTERACTION_TRANSFERRED_TO_CAMPAIGN,
    EventKind.EVENT_KIND_INTERACTION_TRANSFERRED_TO_WORKGROUP,
    EventKind.EVENT_KIND_INTERACTION_RETURNED,
    EventKind.EVENT_KIND_INTERACTION_COMPLETED,
    EventKind.EVENT_KIND_INTERACTION_CANCELLED,
    EventKind.EVENT_KIND_INTERACTION_EXPIRED,
)

OUT_OF_RANGE = "OUT_OF_RANGE"

logger = logging.getLogger(__name__)

Moved = Callable[[int], None]
"""Told the revision in which it happened."""


class Feed:
    """It needs no memory of where it was: who follows an interaction reads it when it begins to."""

    def __init__(self, client: AsyncClient, campaigns_changed: Callable[[], None]) -> None:
        self._client = client
        self._campaigns_changed = campaigns_changed
        self._followers: dict[str, Moved] = {}
        self.revision = 0

    def follow(self, interaction_id: str, moved: Moved) -> None:
        self._followers[interaction_id] = moved

    def unfollow(self, interaction_id: str) -> None:
        self._followers.pop(interaction_id, None)

    async def run(self) -> None:
        """The watch resumes by itself after a lost connection. Where it can't, it begins anew, and all look again."""
        while True:
            watch = await self._client.watch(kinds=INTERACTION_KINDS + CAMPAIGN_KINDS)
            self._begin(watch.revision)
            try:
                async for step in watch:
                    self.revision = watch.revision
                    for event in step.change.events:
                        self._tell(event.WhichOneof("kind"), event)
            except CarteraError as error:
                if error.code.name != OUT_OF_RANGE:
                    raise
                logger.warning("the feed begins anew: %s", error)

    def _begin(self, revision: int) -> None:
        self.revision = revision
        self._campaigns_changed()
        for moved in list(self._followers.values()):
            moved(revision)

    def _tell(self, kind: str | None, event: object) -> None:
        if kind in ("campaign_saved", "campaign_deleted"):
            self._campaigns_changed()
        interaction_id = getattr(getattr(event, kind or ""), "interaction_id", "")
        if moved := self._followers.get(interaction_id):
            moved(self.revision)
