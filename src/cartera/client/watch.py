"""Watches: the feed of a tenant's changes, and its monitoring table, which resume by themselves."""

from cartera.client.streams import AsyncStream, Stream
from cartera.routing.v1.event_service_pb2 import WatchEventsResponse
from cartera.routing.v1.monitor_service_pb2 import WatchMonitorResponse


class Watch(Stream[WatchEventsResponse]):
    """The steps of the feed, changes and bookmarks: each change once and in order, whatever connections do.

    `revision` is where to start after another time. `close()`, from any thread, or a CarteraError ends it.
    """


class AsyncWatch(AsyncStream[WatchEventsResponse]):
    """As Watch, for `async for`. It ends by `close()`, by cancellation, or by a CarteraError."""


class MonitorWatch(Stream[WatchMonitorResponse]):
    """The monitoring tables, each whole; the newest is all that counts. `close()` or a CarteraError ends it."""


class AsyncMonitorWatch(AsyncStream[WatchMonitorResponse]):
    """As MonitorWatch, for `async for`."""
