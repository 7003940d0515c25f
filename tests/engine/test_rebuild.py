"""Rows that were changed by hand are told by verify, and made right by rebuild, on each kind of database."""

from typing import Any

import pytest

from cartera.core.commands import AssignPortfolio, CreateResource
from cartera.core.records import Portfolio
from cartera.engine.folding import LogBroken
from cartera.engine.rebuild import ChangedMeanwhile, Rebuilt, fold_anew, rebuild
from cartera.engine.verify import verify
from cartera.store.open import open_store
from cartera.store.rewriting import InUse, rewriting
from tests.engine.damage import change
from tests.engine.floor import TENANT, HeldClock, replica
from tests.engine.test_retention import DAY, limits, work

pytestmark = pytest.mark.req("G6")

DAMAGE = {
    ("Interaction", "i5"): "UPDATE interactions SET agent_id = 'carlos' WHERE interaction_id = 'i5'",
    ("AgentPresence", "ana"): "DELETE FROM agent_presences WHERE agent_id = 'ana'",
    ("OwnershipChange", ""): "DELETE FROM ownership_changes",
    ("Contact", "eve"): (
        "INSERT INTO contacts (tenant_id, contact_id, name, attributes, tags, organization_id, etag) "
        "SELECT tenant_id, 'eve', name, attributes, tags, organization_id, etag FROM contacts WHERE contact_id = 'luis'"
    ),
    ("Campaign", "web"): "UPDATE campaigns SET addresses = '[]' WHERE campaign_id = 'web'",
    ("Head", TENANT): "UPDATE heads SET revision = revision + 5, next_due_at = NULL",
}


def verified(url: str) -> list[Any]:
    store = open_store(url)
    try:
        return verify(store, TENANT)
    finally:
        store.close()


def rebuilt(url: str) -> Rebuilt:
    store = open_store(url)
    rebuilding = fold_anew(store, TENANT)
    store.close()
    return rebuild(rebuilding, rewriting(url, TENANT))


@pytest.mark.parametrize("pruned", [False, True], ids=["whole log", "pruned log"])
async def test_what_is_wrong_is_told_and_made_right(database_url: str, *, pruned: bool) -> None:
    """Changed, deleted and added rows, and a head; then the service goes on, with its timers."""
    clock = HeldClock()
    async with replica(database_url, clock, retention=limits()) as engine:
        await engine.prepare("ana")
        await engine.do(CreateResource(Portfolio("p1", owner_agent_ids=("ana",))))
        await engine.do(AssignPortfolio("p1", ("luis",)))
        await work(engine, 2)
        if pruned:
            for days in (31, 60):
                clock.advance(days * DAY)
                await engine.engine.tend()
            await work(engine, 1)
        last = await work(engine, 1)
    change(database_url, *DAMAGE.values())
    told = {
        (each.record_type, "" if each.record_type == "OwnershipChange" else each.key[0])
        for each in verified(database_url)
    }
    assert told == set(DAMAGE)
    assert rebuilt(database_url) == Rebuilt(5, True, 0)
    assert verified(database_url) == []
    async with replica(database_url, clock) as engine:
        assert await engine.complete(await engine.route()) == last + 2
        clock.advance(13 * 3600.0)
        await engine.engine.sweep()
        assert await engine.engine.query(TENANT, lambda state, _now: state.revision) > last + 2
    assert verified(database_url) == []


async def test_a_head_that_is_gone_or_behind_is_made_again(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
    for damage in ("UPDATE heads SET revision = 1", "DELETE FROM heads"):
        change(database_url, damage)
        assert [each.record_type for each in verified(database_url)] == ["Head"]
        assert rebuilt(database_url) == Rebuilt(0, True, 0)
        assert verified(database_url) == []


async def test_a_checkpoint_of_wrong_rows_is_told_and_dropped(database_url: str) -> None:
    """It would be what the log is folded from next."""
    clock = HeldClock()
    async with replica(database_url, clock, retention=limits()) as engine:
        await engine.prepare("ana")
        change(database_url, "UPDATE agents SET name = 'Mallory' WHERE agent_id = 'carlos'")
        clock.advance(31 * DAY)
        await engine.engine.tend()
    wrong, _ = verified(database_url)
    assert (wrong.checkpoint, wrong.record_type, wrong.in_rows.name) == (2, "Agent", "Mallory")
    assert rebuilt(database_url) == Rebuilt(1, False, 1)
    assert verified(database_url) == []


async def test_nothing_is_rewritten_while_a_service_runs(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has in memory would be written over it."""
    monkeypatch.setattr("cartera.store.rewriting.PATIENCE", 0.2)
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        change(database_url, "DELETE FROM agents")
        with pytest.raises(InUse):
            rebuilt(database_url)
        assert len(verified(database_url)) == 2


async def test_nothing_is_rewritten_of_a_tenant_that_has_changed_meanwhile(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
    store = open_store(database_url)
    rebuilding = fold_anew(store, TENANT)
    store.close()
    async with replica(database_url) as engine:
        await engine.route()
    change(database_url, "UPDATE agents SET name = 'Mallory'")
    with pytest.raises(ChangedMeanwhile):
        rebuild(rebuilding, rewriting(database_url, TENANT))
    assert len(verified(database_url)) == 2


async def test_a_log_with_a_gap_rebuilds_nothing(database_url: str) -> None:
    """Nor is one that is gone taken for an empty tenant."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        await work(engine, 1)
    change(database_url, "DELETE FROM changes WHERE revision = 2")
    [missing] = verified(database_url)
    assert (missing.record_type, missing.key) == ("change", ("2",))
    with pytest.raises(LogBroken):
        rebuilt(database_url)
    change(database_url, "DELETE FROM changes")
    with pytest.raises(LogBroken):
        rebuilt(database_url)
