"""The laws of the core hold in the service too: over gRPC, on each kind of database, whatever is called."""

import asyncio
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cartera.core.state import State
from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.core.laws import broken_laws
from tests.fixtures.service import RunningService, running
from tests.oracle.cases import cases
from tests.oracle.judging import judge
from tests.oracle.subjects.service import ServiceTenant

numbers = count()

SHORT = settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class Lawful:
    """A subject whose rows are held to the laws after every call, besides what the oracle says of its answers."""

    def __init__(self, service: RunningService, url: str, tenant_id: str) -> None:
        self._service = service
        self._store = open_store(url)
        self.tenant_id = tenant_id
        self.tenant = ServiceTenant(service, tenant_id)
        self.configure, self.picture = self.tenant.configure, self.tenant.picture

    async def advance(self, seconds: int) -> None:
        await self.tenant.advance(seconds)
        self._hold()

    async def do(self, command: Any) -> set[str]:
        refused = await self.tenant.do(command)
        self._hold()
        return refused

    def _hold(self) -> None:
        loaded = self._store.load_tenant(self.tenant_id)
        assert loaded is not None
        state = State()
        state.load_tenant(loaded.records)
        assert broken_laws(state, self._service.clock.now()) == []

    def close(self) -> None:
        assert verify(self._store, self.tenant_id) == []
        self._store.close()


@pytest.mark.req("C1", "C6", "C7", "M1", "M2", "K2", "E1", "G5")
@SHORT
@given(case=cases(25))
def test_laws_hold_over_grpc(database_url: str, case: Any) -> None:
    """After every call of a random sequence no law is broken and the oracle agrees; in the end the rows are the log."""
    asyncio.run(_live(database_url, case))


async def _live(url: str, case: Any) -> None:
    async with running(url) as service:
        lawful = Lawful(service, url, f"laws-{next(numbers)}")
        try:
            await judge(lawful, *case)
            await lawful.tenant.floor.leave()
        finally:
            lawful.close()
