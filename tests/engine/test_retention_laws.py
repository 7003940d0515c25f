"""The law of retention: whatever happened, and wherever the log is cut, what is left of it gives the same."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from cartera.contract import decode_change
from cartera.core.change import Change
from cartera.core.evolve import evolve_change
from cartera.core.records import TABLES
from cartera.core.state import State
from cartera.engine.attempt import _split
from cartera.engine.checkpoints import Checkpoints, complete
from cartera.engine.folding import fold
from cartera.engine.pace import Pace
from cartera.engine.retention import Retention, RetentionLimits
from cartera.engine.verify import verify
from cartera.store.open import open_store
from cartera.store.store import LoggedChange, Store, Write
from tests.core.random_tenants import run_random_commands

HISTORIES, STEPS = 3, 150
NOW = datetime(2100, 1, 1, tzinfo=UTC)


def append(store: Store, tenant_id: str, state: State, payloads: list[bytes]) -> None:
    """Evolve and write some changes, as a batch does."""
    base, changes = state.revision, [decode_change(each) for each in payloads]
    for change in changes:
        evolve_change(state, change)
    upserts, deletes = _split(state.changes())
    logged = [_logged(change, payload) for change, payload in zip(changes, payloads, strict=True)]
    deadline = state.deadlines.first()
    due_at = deadline[0] if deadline else None
    last = changes[-1]
    write = Write(tenant_id, base, last.revision, last.occurred_at, due_at, logged, upserts, deletes, [])
    assert store.append([write], {}) == {tenant_id}
    state.accept_changes()


def _logged(change: Change, payload: bytes) -> LoggedChange:
    return LoggedChange(change.revision, change.occurred_at, payload)


def tables(state: State) -> list[dict]:
    return [dict(state.table(record_type)) for record_type in TABLES]


@pytest.mark.req("G6", "W4")
async def test_what_is_left_of_a_log_gives_what_the_whole_log_gave(database_url: str) -> None:
    """For random histories, checkpoints at random revisions, and pruning up to any of them."""
    store = open_store(database_url)
    checkpoints = Checkpoints(store, lambda: NOW, Pace(0.0))
    for seed in range(HISTORIES):
        chance, tenant_id, state = random.Random(seed), f"t{seed}", State()
        payloads = run_random_commands(seed, STEPS)
        cuts = sorted(chance.sample(range(1, len(payloads)), 4))
        for first, last in zip([0, *cuts], [*cuts, len(payloads)], strict=True):
            append(store, tenant_id, state, payloads[first:last])
            if last in cuts:
                checkpoints.take(tenant_id)
        whole = fold(store, tenant_id)
        assert (whole.began_at, tables(whole.state)) == (0, tables(state))
        oldest = complete(store, tenant_id)[chance.randrange(len(cuts))]
        kept = NOW - oldest.last_event_at
        await Retention(store, lambda: NOW, RetentionLimits(kept, timedelta(0), rows=7, pause=0.0)).tend()
        left = fold(store, tenant_id)
        assert left.began_at >= oldest.revision
        assert tables(left.state) == tables(whole.state)
        assert left.head(tenant_id) == whole.head(tenant_id) == store.heads([tenant_id])[tenant_id]
        assert verify(store, tenant_id) == []
    store.close()
