"""A TCP proxy that stands for a network: what passes through it can be cut, held back and delayed.

It runs in a process of its own, which takes orders on its standard input, a line of JSON each, and answers each with a
line: `python -m chaos.proxy`.
"""

import asyncio
import json
import struct
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import uvloop

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)
"""A close that tells the other side at once that nothing more is known of the connection."""


class Link:
    """A port that leads to a target, and what the network does on the way."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self._delay = 0.0
        self._is_cut = False
        self._passes = asyncio.Event()
        self._passes.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)

    def cut(self) -> None:
        """Reset all connections, and every new one."""
        self._is_cut = True
        self._reset()

    def hold(self) -> None:
        """Let nothing pass, and close nothing. New connections are taken, and hear nothing."""
        self._passes.clear()

    def delay(self, seconds: float) -> None:
        """Let everything arrive later, each way."""
        self._delay = seconds

    def heal(self) -> None:
        """All passes again. What was held goes on its way: what TCP has sent it sends until it has arrived."""
        self._is_cut = False
        self._delay = 0.0
        self._passes.set()

    def retarget(self, target: tuple[str, int]) -> None:
        """Lead elsewhere from now on. What led to the former target is reset."""
        self.target = target
        self._reset()

    def _reset(self) -> None:
        for writer in list(self._writers):
            _abort(writer)
        for connection in list(self._connections):
            connection.cancel()

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._connect(reader, writer)
        except (
            OSError,
            RuntimeError,
            asyncio.CancelledError,
        ):  # uvloop's word for a closed connection is a RuntimeError
            _abort(writer)
        finally:
            self._connections.discard(task)

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._is_cut:
            _abort(writer)
            return
        await self._passes.wait()
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except (OSError, RuntimeError, asyncio.CancelledError):
            _abort(far_writer)
            raise
        finally:
            self._writers -= both
            for each in both:
                each.close()

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await self._read(reader):
            await self._travel()
            writer.write(data)
            await writer.drain()
        await self._travel()
        with suppress(OSError):
            writer.write_eof()

    async def _read(self, reader: StreamReader) -> bytes:
        """What has come. That the other side has reset the connection travels no faster than data would."""
        try:
            return await reader.read(CHUNK)
        except ConnectionError:
            await self._travel()
            raise

    async def _travel(self) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        await self._passes.wait()


def _abort(writer: StreamWriter) -> None:
    with suppress(OSError, ValueError, AttributeError):  # it may be closed already
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, RESET)
    writer.transport.abort()


class Links:
    """All links of the process, by name, and the orders about them."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    async def obey(self, order: dict[str, Any]) -> None:
        name, do = order["link"], order["do"]
        target = (order["host"], order["port"]) if "port" in order else ("", 0)
        if do == "open":
            self._links[name] = Link(target)
            await self._links[name].listen(order["listen"])
        elif do == "retarget":
            self._links[name].retarget(target)
        elif do == "delay":
            self._links[name].delay(order["seconds"])
        else:
            {"cut": Link.cut, "hold": Link.hold, "heal": Link.heal}[do](self._links[name])


async def serve() -> None:
    """Take orders until the standard input ends."""
    orders = StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    links = Links()
    while line := await orders.readline():
        await links.obey(json.loads(line))
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve())
