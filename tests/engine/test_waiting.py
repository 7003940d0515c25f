"""Nobody waits for longer than is of use."""

import asyncio
import time
from contextlib import closing

import pytest

from cartera.engine.errors import DatabaseUnavailable
from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.engine.floor import TENANT, replica

SOON = 2.0
"""Seconds within which is told what takes about one."""


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
