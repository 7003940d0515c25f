"""Nobody waits for longer than is of use."""

import asyncio
import errno
import os
import time
from contextlib import closing
from typing import Any

import pytest

from cartera.engine.errors import DatabaseUnavailable
from cartera.engine.verify import verify
from cartera.store.kept import Kept
from cartera.store.open import open_store
from cartera.store.store import Condition, Store
from tests.engine.floor import TENANT, replica

SOON = 2.0
"""Seconds within which is told what takes about one."""

PATIENCE = 20.0
"""How long to wait for what must come, in seconds."""


@pytest.mark.req("G5", "G6")
async def test_a_question_does_not_wait_behind_a_write_that_is_held_up(database_url: str) -> None:
    """Another holds the tenant: who asks hears that soon; what is to be written waits, and is done."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        with closing(open_store(database_url)) as other, other.holding([TENANT]):
            routing = asyncio.create_task(engine.route())
            await asyncio.sleep(0)
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable):
                await engine.held_by("ana")
            assert time.monotonic() - began < SOON
            assert not routing.done()
        await routing
        assert await engine.held_by("ana") == 1
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G6")
async def test_who_waits_for_a_tenant_that_is_held_hears_before_the_deadline(database_url: str) -> None:
    """It is an error that says so and when to try again, and the retry is done once."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        with closing(open_store(database_url)) as other, other.holding([TENANT]):
            deadline = time.monotonic() + 0.9
            with pytest.raises(DatabaseUnavailable):
                await engine.route("caller", deadline=deadline, **asked)
            assert time.monotonic() < deadline
        await engine.route("caller", **asked)
        assert await engine.held_by("ana") == 1
    assert verify(open_store(database_url), TENANT) == []


class OutOfDescriptors:
    """A store that for a while can open nothing, because the process has no descriptor left."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_out = False

    def condition(self) -> Condition:
        self._look()
        return self._store.condition()

    def look(self, after: str, limit: int) -> list[Kept]:
        self._look()
        return self._store.look(after, limit)

    def _look(self) -> None:
        if self.is_out:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.req("G5", "G6")
async def test_who_looks_out_goes_on_when_it_could_not_look(database_url: str) -> None:
    """A database that can't be asked is away, and is there again once it can be; the service ends as it should."""
    store = OutOfDescriptors(open_store(database_url))
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        lookout = engine.engine.lookout
        store.is_out = True
        async with asyncio.timeout(PATIENCE):
            while lookout.is_well:
                await lookout._looked.wait()
        with pytest.raises(DatabaseUnavailable):
            await engine.route()
        await engine.engine._retention.tend()
        store.is_out = False
        async with asyncio.timeout(PATIENCE):
            await lookout.wait_until_well(lambda: False)
        await engine.route()
