"""Verify tells rows that differ from the log."""

import sqlite3

import pytest
from sqlalchemy.engine import make_url

from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.engine.floor import TENANT, replica


@pytest.mark.req("G6")
async def test_a_row_that_was_changed_by_hand_is_found(sqlite_url: str) -> None:
    async with replica(sqlite_url) as engine:
        await engine.prepare("ana")
        interaction_id = await engine.route()
    with sqlite3.connect(make_url(sqlite_url).database or "") as connection:
        connection.execute("UPDATE interactions SET agent_id = 'carlos'")
    (difference,) = verify(open_store(sqlite_url), TENANT)
    assert (difference.record_type, difference.key) == ("Interaction", (interaction_id,))
    assert (difference.from_log.agent_id, difference.in_rows.agent_id) == ("ana", "carlos")


@pytest.mark.req("G6")
async def test_a_missing_change_is_found(sqlite_url: str) -> None:
    async with replica(sqlite_url) as engine:
        await engine.prepare("ana")
    with sqlite3.connect(make_url(sqlite_url).database or "") as connection:
        connection.execute("DELETE FROM changes WHERE revision = 2")
    assert [each.record_type for each in verify(open_store(sqlite_url), TENANT)] != []
