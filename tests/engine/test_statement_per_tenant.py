"""A statement for each tenant of a batch, for engines that shard by tenant: a tenant wins, loses or fails alone."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from cartera.core.records import Interaction
from cartera.engine.errors import DatabaseUnavailable
from cartera.engine.verify import verify
from cartera.store.open import open_store
from cartera.store.store import OutcomeUnknown, Store, StoreUnavailable, Write
from tests.engine.floor import replica

TENANTS = ("a", "b", "c")


class Watched:
    """A store that tells of which tenants each append was, and fails or waits as it is told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.appends: list[set[str]] = []
        self.before: dict[str, Exception] = {}
        self.after: dict[str, Exception] = {}
        self.held: dict[str, threading.Event] = {}

    def append(self, writes: Sequence[Write], checks: Any) -> set[str]:
        tenants = {*checks, *(write.tenant_id for write in writes)}
        self.appends.append(tenants)
        for tenant_id in tenants & self.held.keys():
            self.held[tenant_id].wait()
        self._fail(self.before, tenants)
        won = self._store.append(writes, checks)
        self._fail(self.after, tenants)
        return won

    @staticmethod
    def _fail(failures: dict[str, Exception], tenants: set[str]) -> None:
        for tenant_id in tenants & failures.keys():
            raise failures.pop(tenant_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def store(postgres_url: str) -> Watched:
    return Watched(open_store(postgres_url))


@pytest.mark.req("G6")
@pytest.mark.parametrize(
    ("fails", "error"), [("before", StoreUnavailable("its node is away")), ("after", OutcomeUnknown("lost"))]
)
async def test_what_goes_wrong_with_a_tenant_concerns_its_callers(
    postgres_url: str, store: Watched, fails: str, error: Exception
) -> None:
    """The statement of one of three tenants fails: the others', before and after it, stand and are answered; the
    retry of its callers is done once.
    """
    async with replica(postgres_url, store=store, statement_per_tenant=True) as engine:
        for tenant_id in TENANTS:
            await engine.prepare("ana", tenant_id=tenant_id)
        getattr(store, fails)["b"] = error
        store.appends.clear()
        asked = {"request_id": "r1", "fingerprint": b"same"}
        routed = [engine.route("caller", tenant_id=tenant_id, **asked) for tenant_id in TENANTS]
        results = await asyncio.gather(*routed, return_exceptions=True)
        assert [type(each) for each in results] == [str, DatabaseUnavailable, str]
        assert store.appends == [{"a"}, {"b"}, {"c"}]
        again = await engine.route("caller", tenant_id="b", **asked)
        interaction = await engine.interaction(again, "b")
        assert interaction is not None
        assert interaction.sequence == int(again[1:])
    for tenant_id in TENANTS:
        assert verify(open_store(postgres_url), tenant_id) == []


@pytest.mark.req("G6")
async def test_who_is_committed_is_answered_before_the_others(postgres_url: str, store: Watched) -> None:
    """A tenant whose node is slow keeps no answer of another's back that is durable."""
    async with replica(postgres_url, store=store, statement_per_tenant=True) as engine:
        for tenant_id in TENANTS:
            await engine.prepare("ana", tenant_id=tenant_id)
        store.held["b"] = threading.Event()
        first, second, third = (asyncio.create_task(engine.route(tenant_id=each)) for each in TENANTS)
        assert await first
        assert not second.done()
        store.held["b"].set()
        assert await asyncio.gather(second, third)


@pytest.mark.req("G2", "G3")
async def test_two_replicas_race_tenant_by_tenant(postgres_url: str) -> None:
    """Every call is sent to both replicas under one request id: each is done once, and the rows are the log's fold."""
    async with (
        replica(postgres_url, statement_per_tenant=True) as first,
        replica(postgres_url, statement_per_tenant=True) as second,
    ):
        for tenant_id in TENANTS:
            await first.prepare("ana", tenant_id=tenant_id)
        calls = [
            each.route(f"caller-{number}", tenant_id=tenant_id, request_id=f"r{number}", fingerprint=b"same")
            for number in range(12)
            for tenant_id in TENANTS
            for each in (first, second)
        ]
        answers = await asyncio.gather(*calls)
        assert answers[::2] == answers[1::2]
        for tenant_id in TENANTS:
            count = await second.engine.query(tenant_id, lambda state, _now: len(state.table(Interaction)))
            assert count == 12
            assert verify(open_store(postgres_url), tenant_id) == []
