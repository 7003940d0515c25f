"""Watches: the feed of a tenant's changes, which resumes by itself."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

import grpc

from cartera.client.errors import error_from
from cartera.client.position import Position
from cartera.routing.v1.event_service_pb2 import WatchEventsResponse


class Watch(Iterator[WatchEventsResponse]):
    """The steps of the feed, changes and bookmarks: each change once and in order, whatever connections do.

    `revision` is where to start after another time. `close()`, from any thread, or a CarteraError ends it.
    """

    def __init__(self, position: Position, connect: Callable[[], Any]) -> None:
        self._position = position
        self._connect = connect
        self._stream: Any = None
        self._closed = threading.Event()

    @property
    def revision(self) -> int:
        return self._position.revision

    def __next__(self) -> WatchEventsResponse:
        while not self._closed.is_set():
            step = self._receive()
            if step is not None and self._position.accept(step):
                return step
        raise StopIteration

    def _receive(self) -> WatchEventsResponse | None:
        """The next step of the stream, or None where the stream broke or ended and a new one is due."""
        try:
            if self._stream is None:
                self._stream = self._connect()
            step: WatchEventsResponse | None = next(self._stream, None)
        except grpc.RpcError as failure:
            self._pause(failure)
            return None
        if step is None:
            self._pause(None)
        return step

    def _pause(self, failure: grpc.RpcError | None) -> None:
        self._stream = None
        if not self._closed.is_set():
            self._closed.wait(self._position.pause_after(error_from(failure) if failure else None))

    def close(self) -> None:
        self._closed.set()
        stream = self._stream
        if stream is not None:
            stream.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncWatch(AsyncIterator[WatchEventsResponse]):
    """As Watch, for `async for`. It ends by `close()`, by cancellation, or by a CarteraError."""

    def __init__(self, position: Position, connect: Callable[[], Any]) -> None:
        self._position = position
        self._connect = connect
        self._stream: Any = None
        self._closed = False

    @property
    def revision(self) -> int:
        return self._position.revision

    async def __anext__(self) -> WatchEventsResponse:
        while not self._closed:
            step = await self._receive()
            if step is not None and self._position.accept(step):
                return step
        raise StopAsyncIteration

    async def _receive(self) -> WatchEventsResponse | None:
        try:
            if self._stream is None:
                self._stream = self._connect()
            step = await self._stream.read()
        except grpc.RpcError as failure:
            await self._pause(failure)
            return None
        if step is grpc.aio.EOF:
            await self._pause(None)
            return None
        return step  # type: ignore[no-any-return]  # the stub's type is lost where both channels share a path

    async def _pause(self, failure: grpc.RpcError | None) -> None:
        self._stream = None
        if not self._closed:
            await asyncio.sleep(self._position.pause_after(error_from(failure) if failure else None))

    async def close(self) -> None:
        self._closed = True
        if self._stream is not None:
            self._stream.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
