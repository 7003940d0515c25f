"""Streams that resume by themselves, for both kinds of client."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, Protocol, Self, TypeVar

import grpc

from cartera.client.errors import CarteraError, error_from

StepT = TypeVar("StepT")
StepT_contra = TypeVar("StepT_contra", contravariant=True)


class Progress(Protocol[StepT_contra]):
    """How far a stream has come, over all its connections."""

    @property
    def revision(self) -> int:
        """The last revision that it has shown."""

    def accept(self, step: StepT_contra) -> bool:
        """Take note of a step. Whether it is to be delivered."""

    def pause_after(self, error: CarteraError | None) -> float:
        """How long to wait before connecting anew; raises where that is of no use. None: the stream ended."""


class Stream(Iterator[StepT], Generic[StepT]):
    """The steps of a stream, whatever connections do. `close()`, from any thread, or a CarteraError ends it."""

    def __init__(self, progress: Progress[StepT], connect: Callable[[], Any]) -> None:
        self._progress = progress
        self._connect = connect
        self._stream: Any = None
        self._closed = threading.Event()

    @property
    def revision(self) -> int:
        return self._progress.revision

    def __next__(self) -> StepT:
        while not self._closed.is_set():
            step = self._receive()
            if step is not None and self._progress.accept(step):
                return step
        raise StopIteration

    def _receive(self) -> StepT | None:
        """The next step of the stream, or None where the stream broke or ended and a new one is due."""
        try:
            if self._stream is None:
                self._stream = self._connect()
            step: StepT | None = next(self._stream, None)
        except grpc.RpcError as failure:
            self._pause(failure)
            return None
        if step is None:
            self._pause(None)
        return step

    def _pause(self, failure: grpc.RpcError | None) -> None:
        self._stream = None
        if not self._closed.is_set():
            self._closed.wait(self._progress.pause_after(error_from(failure) if failure else None))

    def close(self) -> None:
        self._closed.set()
        stream = self._stream
        if stream is not None:
            stream.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncStream(AsyncIterator[StepT], Generic[StepT]):
    """As Stream, for `async for`. It ends by `close()`, by cancellation, or by a CarteraError."""

    def __init__(self, progress: Progress[StepT], connect: Callable[[], Any]) -> None:
        self._progress = progress
        self._connect = connect
        self._stream: Any = None
        self._closed = False

    @property
    def revision(self) -> int:
        return self._progress.revision

    async def __anext__(self) -> StepT:
        while not self._closed:
            step = await self._receive()
            if step is not None and self._progress.accept(step):
                return step
        raise StopAsyncIteration

    async def _receive(self) -> StepT | None:
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
            await asyncio.sleep(self._progress.pause_after(error_from(failure) if failure else None))

    async def close(self) -> None:
        self._closed = True
        if self._stream is not None:
            self._stream.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
