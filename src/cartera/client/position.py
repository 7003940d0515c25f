"""Where a stream has come: what survives its connections, for both kinds of client."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple, TypedDict

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from cartera.client.errors import CarteraError
from cartera.client.retry import EXPIRED
from cartera.client.session import Session
from cartera.routing.v1.event_pb2 import Change, EventKind
from cartera.routing.v1.event_service_pb2 import Bookmark, WatchEventsRequest, WatchEventsResponse
from cartera.routing.v1.monitor_service_pb2 import WatchMonitorRequest, WatchMonitorResponse

BROKEN_CONNECTION = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)
"""What gRPC or a proxy says, without an ErrorReason, when a stream breaks."""

RESUMABLE_REASONS = (
    "WATCHER_TOO_SLOW",
    "SERVICE_DRAINING",
    "DATABASE_UNAVAILABLE",
    "TENANT_QUEUE_FULL",
    "KEYS_UNAVAILABLE",
    "TOO_MANY_STREAMS",  # those that broke are counted until the service has noticed
)


class Filters(TypedDict, total=False):
    """What a watch is to deliver; those that are given must all hold."""

    agent_ids: Iterable[str]
    workgroup_ids: Iterable[str]
    interaction_ids: Iterable[str]
    kinds: Iterable[EventKind.ValueType]


class MonitorFilters(TypedDict, total=False):
    """Which rows of the monitoring table; those that are given must all hold."""

    agent_ids: Iterable[str]
    workgroup_ids: Iterable[str]


class Start(NamedTuple):
    """Where a watch begins."""

    revision: int
    """After this revision."""
    occurred_at: Timestamp | None = None
    """When the change of that revision happened, as the service said."""


class Patience:
    """When a stream that broke is opened anew, and when it is time to give up."""

    def __init__(self, session: Session, give_up_after: float | None) -> None:
        self._retry = session.retry
        self._renews = session.renews
        self._give_up_after = give_up_after
        self._failures = 0
        self._reached_at = time.monotonic()

    def reached(self) -> None:
        """The service was reached: patience begins anew."""
        self._failures = 0
        self._reached_at = time.monotonic()

    def pause_after(self, error: CarteraError | None) -> float:
        """How long to wait before connecting anew; raises where that is of no use. None: the stream ended."""
        self._failures += 1
        if error is None:
            return self._retry.first_delay
        if not (resumable(error) or self._renewed(error)) or self._out_of_patience():
            raise error
        return self._retry.delay(self._failures, error)

    def _renewed(self, error: CarteraError) -> bool:
        """Whether there may be a new token; once, since that one is no better where it is refused too."""
        return self._renews and self._failures == 1 and error.reason == EXPIRED

    def _out_of_patience(self) -> bool:
        return self._give_up_after is not None and time.monotonic() - self._reached_at >= self._give_up_after


class Position(Patience):
    """The last revision seen, from which a new connection goes on."""

    def __init__(
        self,
        session: Session,
        start: Start,
        give_up_after: float | None,
        filters: Filters,
    ) -> None:
        super().__init__(session, give_up_after)
        self.request = WatchEventsRequest(
            tenant_id=session.tenant_id,
            start_after_revision=start.revision,
            start_after_occurred_at=start.occurred_at,
            **filters,
        )

    @property
    def revision(self) -> int:
        """Everything up to it has been delivered."""
        return self.request.start_after_revision

    def accept(self, step: WatchEventsResponse) -> bool:
        """Whether the step is new. The revision moves on with it, a bookmark's too."""
        self.reached()
        bookmark = step.HasField("bookmark")
        shown = step.bookmark if bookmark else step.change
        new = bookmark or shown.revision > self.revision
        self._move(shown)
        return new

    def _move(self, shown: Bookmark | Change) -> None:
        """When the change happened goes with its revision: after a restore another one may have the number."""
        if shown.revision > self.revision:
            self.request.ClearField("start_after_occurred_at")
            self.request.start_after_revision = shown.revision
        if shown.revision == self.revision and shown.HasField("occurred_at"):
            self.request.start_after_occurred_at.CopyFrom(shown.occurred_at)


class LastTable(Patience):
    """The revision of the last monitoring table; a new connection begins with a new one, so nothing is resumed."""

    def __init__(
        self, session: Session, interval: timedelta | None, give_up_after: float | None, filters: MonitorFilters
    ) -> None:
        super().__init__(session, give_up_after)
        self.request = WatchMonitorRequest(tenant_id=session.tenant_id, **filters)
        if interval is not None:
            self.request.interval.FromTimedelta(interval)
        self.revision = 0

    def accept(self, step: WatchMonitorResponse) -> bool:
        """Every table is new: its times are."""
        self.reached()
        self.revision = step.revision
        return True


def resumable(error: CarteraError) -> bool:
    if error.reason:
        return error.reason in RESUMABLE_REASONS
    return error.code in BROKEN_CONNECTION
