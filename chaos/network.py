"""The network between the parts of a run: links of the proxy, by name."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any


class Network:
    """The proxy's process, as the run sees it."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._names: list[str] = []

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chaos.proxy", stdin=PIPE, stdout=PIPE, start_new_session=True
        )

    async def stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def open(self, name: str, listen: int, target: tuple[str, int]) -> None:
        """A new link: what connects to the port is led to the target."""
        self._names.append(name)
        await self._order(name, "open", listen=listen, host=target[0], port=target[1])

    async def cut(self, name: str) -> None:
        await self._order(name, "cut")

    async def hold(self, name: str) -> None:
        await self._order(name, "hold")

    async def delay(self, name: str, seconds: float) -> None:
        await self._order(name, "delay", seconds=seconds)

    async def heal(self, name: str) -> None:
        await self._order(name, "heal")

    async def retarget(self, prefix: str, target: tuple[str, int]) -> None:
        """Lead all links whose names begin so elsewhere."""
        for name in self.names(prefix):
            await self._order(name, "retarget", host=target[0], port=target[1])

    def names(self, prefix: str = "") -> list[str]:
        return [name for name in self._names if name.startswith(prefix)]

    async def _order(self, link: str, do: str, **details: Any) -> None:

        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps({"link": link, "do": do, **details}).encode() + b"\n")
            await self._process.stdin.drain()
            if not await self._process.stdout.readline():
                raise ProxyFailed(f"the proxy ended when told to {do} {link}")


class ProxyFailed(Exception):  # noqa: N818 - names what happened
    """The network is no more; the run means nothing."""
