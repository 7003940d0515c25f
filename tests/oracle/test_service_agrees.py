"""The service does what the oracle says, over gRPC and on each kind of database: fewer sequences, but longer ones."""

import os
import random

import pytest

from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.fixtures.service import RunningService
from tests.oracle.cases import case
from tests.oracle.chance import Chance
from tests.oracle.judging import judge
from tests.oracle.subjects.service import ServiceTenant

SEQUENCES = int(os.environ.get("CARTERA_ORACLE_SEQUENCES", "3"))
"""How many sequences; set the variable for more."""

STEPS = 80


@pytest.mark.req("C7", "G5", "G6")
@pytest.mark.parametrize("seed", range(SEQUENCES))
async def test_service_agrees_with_the_oracle(service: RunningService, database_url: str, seed: int) -> None:
    """After every call of a long random sequence the service shows the oracle's picture; in the end rows equal log."""
    tenant_id = f"oracle-{seed}"
    subject = ServiceTenant(service, tenant_id)
    await judge(subject, *case(Chance(random.Random(seed).choice), STEPS))
    await subject.floor.leave()
    await service.stop()
    assert verify(open_store(database_url), tenant_id) == []
