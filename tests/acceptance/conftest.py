"""The contact centre that the acceptance tests play in."""

from collections.abc import AsyncIterator

import pytest

from tests.acceptance.floor import Floor
from tests.fixtures.service import RunningService


@pytest.fixture
async def floor(service: RunningService) -> AsyncIterator[Floor]:
    """A tenant without anything in it yet, on a real server and on each kind of database."""
    floor = Floor(service)
    await floor.administrator.configuration.CreateTenant(tenant={"name": "Clínica Sol", "number": "1001"})
    yield floor
    await floor.leave()
