"""The clients: one channel, the services, and the feed."""

from datetime import timedelta
from typing import Any, Self, Unpack

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from cartera.client.channel import open_async_channel, open_channel
from cartera.client.position import Filters, LastTable, MonitorFilters, Position, Start
from cartera.client.services import (
    AgentService,
    AsyncAgentService,
    AsyncConfigurationService,
    AsyncContactService,
    AsyncEventService,
    AsyncMonitorService,
    AsyncPortfolioService,
    AsyncRoutingService,
    ConfigurationService,
    ContactService,
    EventService,
    MonitorService,
    PortfolioService,
    RoutingService,
)
from cartera.client.session import Session, SessionOptions
from cartera.client.watch import AsyncMonitorWatch, AsyncWatch, MonitorWatch, Watch
from cartera.routing.v1.event_service_pb2_grpc import EventServiceStub
from cartera.routing.v1.monitor_service_pb2_grpc import MonitorServiceStub

DEFAULT_ADDRESS = "127.0.0.1:7733"


class Client:
    """A synchronous client of one tenant.

    `credentials` make the connection TLS; `tls` makes them from files. A channel that is passed in is used as it is,
    and left open. The other options are explained at SessionOptions.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        channel: grpc.Channel | None = None,
        **options: Unpack[SessionOptions],
    ) -> None:
        self._own_channel = open_channel(address, credentials) if channel is None else None
        # A watch waits by itself, and wants to know that it has to. A channel of grpcio-testing has no such option.
        self._stream_options: dict[str, Any] = {} if channel else {"wait_for_ready": False}
        self._session = Session(**options)
        used: Any = channel or self._own_channel
        self._events = EventServiceStub(used)
        self._monitor = MonitorServiceStub(used)
        self.routing = RoutingService(used, self._session)
        self.agents = AgentService(used, self._session)
        self.portfolios = PortfolioService(used, self._session)
        self.contacts = ContactService(used, self._session)
        self.configuration = ConfigurationService(used, self._session)
        self.events = EventService(used, self._session)
        self.monitor = MonitorService(used, self._session)

    def watch(
        self,
        start_after_revision: int | None = None,
        *,
        start_after_occurred_at: Timestamp | None = None,
        give_up_after: float | None = None,
        **filters: Unpack[Filters],
    ) -> Watch:
        """Follows the tenant's changes after a revision, or from now on; now is when this returns.

        Who goes on where another watch was also says when the change of that revision happened: where a backup was
        restored meanwhile, the service can then tell.

        With `give_up_after` it fails where it could not reach the service for so many seconds.
        """
        if start_after_revision is None:
            # Named, so that a connection lost before the first step loses nothing either.
            start_after_revision = self.configuration.GetTenant().revision
        start = Start(start_after_revision, start_after_occurred_at)
        position = Position(self._session, start, give_up_after, filters)
        return Watch(position, lambda: self._events.WatchEvents(position.request, **self._options_of_stream()))

    def watch_monitor(
        self,
        *,
        interval: timedelta | None = None,
        give_up_after: float | None = None,
        **filters: Unpack[MonitorFilters],
    ) -> MonitorWatch:
        """Follows the tenant's monitoring table: one at once, and a new one whenever something has changed, but no
        sooner than an interval after the last; left out, a second.

        With `give_up_after` it fails where it could not reach the service for so many seconds.
        """
        last = LastTable(self._session, interval, give_up_after, filters)
        return MonitorWatch(last, lambda: self._monitor.WatchMonitor(last.request, **self._options_of_stream()))

    def _options_of_stream(self) -> dict[str, Any]:
        return {"metadata": self._session.metadata, **self._stream_options}

    def close(self) -> None:
        if self._own_channel is not None:
            self._own_channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """An asynchronous client of one tenant. What it takes is what Client takes."""

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        channel: grpc.aio.Channel | None = None,
        **options: Unpack[SessionOptions],
    ) -> None:
        self._own_channel = open_async_channel(address, credentials) if channel is None else None
        self._stream_options: dict[str, Any] = {} if channel else {"wait_for_ready": False}
        self._session = Session(**options)
        used: Any = channel or self._own_channel
        self._events = EventServiceStub(used)
        self._monitor = MonitorServiceStub(used)
        self.routing = AsyncRoutingService(used, self._session)
        self.agents = AsyncAgentService(used, self._session)
        self.portfolios = AsyncPortfolioService(used, self._session)
        self.contacts = AsyncContactService(used, self._session)
        self.configuration = AsyncConfigurationService(used, self._session)
        self.events = AsyncEventService(used, self._session)
        self.monitor = AsyncMonitorService(used, self._session)

    async def watch(
        self,
        start_after_revision: int | None = None,
        *,
        start_after_occurred_at: Timestamp | None = None,
        give_up_after: float | None = None,
        **filters: Unpack[Filters],
    ) -> AsyncWatch:
        """As Client.watch."""
        if start_after_revision is None:
            start_after_revision = (await self.configuration.GetTenant()).revision
        start = Start(start_after_revision, start_after_occurred_at)
        position = Position(self._session, start, give_up_after, filters)
        return AsyncWatch(position, lambda: self._events.WatchEvents(position.request, **self._options_of_stream()))

    def watch_monitor(
        self,
        *,
        interval: timedelta | None = None,
        give_up_after: float | None = None,
        **filters: Unpack[MonitorFilters],
    ) -> AsyncMonitorWatch:
        """As Client.watch_monitor."""
        last = LastTable(self._session, interval, give_up_after, filters)
        return AsyncMonitorWatch(last, lambda: self._monitor.WatchMonitor(last.request, **self._options_of_stream()))

    def _options_of_stream(self) -> dict[str, Any]:
        return {"metadata": self._session.metadata, **self._stream_options}

    async def close(self) -> None:
        if self._own_channel is not None:
            await self._own_channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
