"""The port where metrics are read: as much of HTTP as Prometheus needs."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus

import structlog

from cartera.telemetry.exposition import Page

_LOG = structlog.get_logger()

PATH = "/metrics"

PATIENCE = 10.0
"""Seconds for a request to be there, and for its answer to be taken."""

MOST_BYTES = 8192
"""Of a request's head."""

AT_ONCE = 16
"""Connections at a time. Others are closed at once: what callers need is not to be used up here."""

Write = Callable[[str], Awaitable[Page]]


class Port:
    """Serves metrics."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._server: asyncio.Server | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Begin, and answer the port: port 0 is any that is free. OSError where nothing can be served there."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=MOST_BYTES)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """End."""
        if self._server is not None:
            self._server.close()
        for task in list(self._under_way):
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        if len(self._under_way) >= AT_ONCE:
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None, "each connection is answered in a task of its own"
        self._under_way.add(task)
        try:
            with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(PATIENCE):
                    await self._answer(reader, writer)
        except asyncio.CancelledError:
            return  # the service ends
        finally:
            self._under_way.discard(task)
            writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *headers = head.split("\r\n")
        method, path, *_ = (*line.split(" "), "", "")
        status, page = await self._answer_to(method, path.partition("?")[0], _accept_of(headers))
        writer.write(_response(status, page, with_text=method != "HEAD"))
        await writer.drain()

    async def _answer_to(self, method: str, path: str, accept: str) -> tuple[HTTPStatus, Page]:
        if method not in {"GET", "HEAD"}:
            return _plainly(HTTPStatus.METHOD_NOT_ALLOWED)
        if path != PATH:
            return _plainly(HTTPStatus.NOT_FOUND)
        try:
            return HTTPStatus.OK, await self._write(accept)
        except Exception:  # noqa: BLE001 - whoever asks is told, and the log has the rest
            _LOG.exception("metrics could not be read")
            return _plainly(HTTPStatus.INTERNAL_SERVER_ERROR)


def _accept_of(headers: list[str]) -> str:
    named = (header.partition(":") for header in headers)
    return ",".join(value.strip() for name, _, value in named if name.strip().lower() == "accept")


def _plainly(status: HTTPStatus) -> tuple[HTTPStatus, Page]:
    return status, Page("text/plain; charset=utf-8", f"{status.phrase}; metrics are at {PATH}\n".encode())


def _response(status: HTTPStatus, page: Page, *, with_text: bool) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {page.content_type}\r\n"
        f"Content-Length: {len(page.text)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (page.text if with_text else b"")
