"""Where the keys come from that tokens are verified with, and when they are looked for anew."""

import asyncio
from collections.abc import Awaitable, Callable
from http.client import HTTPException
from typing import Protocol

import structlog

from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.claims import unknown
from cartera.rpc.fetching import fetch
from cartera.rpc.keys import Key, KeysError, KeySet, keys_of_document

log = structlog.get_logger()

LEAST_SECONDS = 5.0
"""Between two fetches, whoever asks for one."""

_MOST_ASKED = 100


class KeySource(Protocol):
    """Keys, which may be others a moment later."""

    value: KeySet


class Keys:
    """The keys of all sources."""

    def __init__(self, *sources: "KeySource", fetched: "FetchedKeys | None" = None) -> None:
        self._sources = (*sources, fetched) if fetched else sources
        self._fetched = fetched
        self._parts: tuple[KeySet, ...] = ()
        self._joined = KeySet()

    @property
    def current(self) -> KeySet:
        """All of them; the same object until one of them changes."""
        parts = tuple([source.value for source in self._sources])
        if parts != self._parts:
            self._parts, self._joined = parts, KeySet(key for part in parts for key in part)
        return self._joined

    def fitting(self, algorithm: str, key_id: str | None) -> tuple[Key, ...]:
        """The keys that a token may be signed with, one at least.

        Raises:
            Rejected: there is none; or none yet, and it is being fetched.

        """
        fitting = self.current.fitting(algorithm, key_id)
        if fitting:
            return fitting
        if self._fetched is not None and self._fetched.may_have(key_id):
            raise reject(ErrorReason.KEYS_UNAVAILABLE, "caller")
        raise unknown("the token is signed with a key that is not known")


class FetchedKeys:
    """A JSON Web Key Set behind a URL. While it can't be had, the last one holds."""

    def __init__(self, url: str, every: float, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.value = KeySet()
        self._url = url
        self._every = every
        self._pause = pause
        self._wanted = asyncio.Event()
        self._asked: set[str] = set()
        self._missed: frozenset[str] = frozenset()
        self._content = b""

    def may_have(self, key_id: str | None) -> bool:
        """Whether a key that isn't there may be in the next answer, which is then asked for soon."""
        if not self.value:
            return True
        if key_id is None or len(self._asked) >= _MOST_ASKED:
            return False
        self._wanted.set()
        self._asked.add(key_id)
        return key_id not in self._missed

    async def fetch(self) -> None:
        """Ask for the keys."""
        asked, self._asked = self._asked, set()
        self._wanted.clear()
        try:
            content = await asyncio.to_thread(fetch, self._url)
            keys = self.value if content == self._content else keys_of_document(content)
        except (OSError, HTTPException, KeysError) as error:
            log.warning("keys cannot be fetched", held=len(self.value), problem=str(error))
            return
        self._missed = frozenset(asked)
        if keys is not self.value:
            self.value, self._content = keys, content
            log.info("keys fetched", keys=len(keys))

    async def follow(self) -> None:
        """Ask again from time to time, and when a key is missing."""
        while True:
            await self._pause(LEAST_SECONDS)
            if self.value:
                await self._wanted_or_time()
            await self.fetch()

    async def _wanted_or_time(self) -> None:
        try:
            async with asyncio.timeout(self._every):
                await self._wanted.wait()
        except TimeoutError:
            return
