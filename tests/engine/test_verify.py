"""Verify tells rows that differ from the log."""

import sqlite3

import pytest
from sqlalchemy.engine import make_url

from cartera.core.commands import AssignPortfolio, CreateResource
from cartera.core.records import Portfolio
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


@pytest.mark.req("G6", "P9")
async def test_the_history_of_ownership_is_compared(sqlite_url: str) -> None:
    """It is never in memory, and yet a row of it that is gone is found."""
    async with replica(sqlite_url) as engine:
        await engine.prepare("ana")
        await engine.do(CreateResource(Portfolio("p1", owner_agent_ids=("ana",))))
        revision = await engine.do(AssignPortfolio("p1", ("luis",)))
    assert verify(open_store(sqlite_url), TENANT) == []
    with sqlite3.connect(make_url(sqlite_url).database or "") as connection:
        connection.execute("DELETE FROM ownership_changes WHERE contact_id = 'luis'")
    (difference,) = verify(open_store(sqlite_url), TENANT)
    assert (difference.record_type, difference.in_rows) == ("OwnershipChange", None)
    assert difference.key[0].startswith(f"{revision:012d}")


@pytest.mark.req("G6")
async def test_a_missing_change_is_found(sqlite_url: str) -> None:
    async with replica(sqlite_url) as engine:
        await engine.prepare("ana")
    with sqlite3.connect(make_url(sqlite_url).database or "") as connection:
        connection.execute("DELETE FROM changes WHERE revision = 2")
    assert [each.record_type for each in verify(open_store(sqlite_url), TENANT)] != []
