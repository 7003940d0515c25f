"""The demo's watcher: it follows the feed in the background, and whoever asks waits for what it sees."""

import threading
from typing import Any, Self

from cartera.client import Watch
from cartera.routing.v1.event_pb2 import Change

PATIENCE = 120.0


class Failure(Exception):  # noqa: N818, it is the demo's
    """Something is not as it should be."""


class Feed:
    """All changes of the tenant, as they come."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._changes: list[Change] = []
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()
        self._thread.join()

    def _collect(self) -> None:
        for step in self._watch:
            if step.HasField("change"):
                with self._changed:
                    self._changes.append(step.change)
                    self._changed.notify_all()

    def assignment(self, interaction_id: str) -> Any:
        """The last assignment of the interaction; waits for the first."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._assignments(interaction_id), PATIENCE):
                raise Failure(f"nobody got {interaction_id}")
            return self._assignments(interaction_id)[-1]

    def _assignments(self, interaction_id: str) -> list[Any]:
        events = [event for change in self._changes for event in change.events]
        given = [event.interaction_assigned for event in events if event.HasField("interaction_assigned")]
        return [each for each in given if each.interaction_id == interaction_id]

    def up_to(self, revision: int) -> list[Change]:
        """Everything seen, once the revision has been."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._changes[-1:] and self._changes[-1].revision >= revision, PATIENCE
            ):
                raise Failure(f"the watcher did not come to revision {revision}")
            return list(self._changes)
