"""Two replicas, each a process of its own, on one PostgreSQL (G5)."""

import asyncio

import grpc
import pytest

from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.processes.replicas import (
    AGENTS,
    CAPACITY,
    TENANT,
    Caller,
    arrivals,
    calling,
    gather,
    most_held,
    serving,
)

ROUTES = 60


@pytest.mark.req("C1", "G5")
async def test_routes_race_on_two_replicas(postgres_url: str) -> None:
    """More calls than slots, routed on both at once: every slot is taken, none twice; completing calls on one replica
    gives their slots to what waits from the other; both feeds show one history.
    """
    with serving(postgres_url) as one, serving(postgres_url) as other:
        async with calling(one) as first, calling(other) as second:
            await first.prepare()
            told = await gather(*(each.route() for each in (first, second) * (ROUTES // 2)))
            held = [each.response.interaction for each in told if each.response.interaction.agent_id]
            assert len(held) == CAPACITY * len(AGENTS)
            await gather(*(second.complete(each.interaction_id) for each in held))
            last = await second.route()
            changes = await first.changes(last.response.revision)
            assert changes == await second.changes(last.response.revision)
    assert len(arrivals(changes)) == ROUTES + 1
    assert most_held(changes) == CAPACITY
    assert [change.revision for change in changes] == list(range(1, len(changes) + 1))
    assert verify(open_store(postgres_url), TENANT) == []


@pytest.mark.req("M9", "G5")
async def test_claims_race_on_two_replicas(postgres_url: str) -> None:
    """Ten waiting calls, each claimed by all agents on both replicas at once: one owner each, the others refused."""
    with serving(postgres_url) as one, serving(postgres_url) as other:
        async with calling(one) as first, calling(other) as second:
            await first.prepare()
            waiting = [(await first.route(campaign_id="counter")).response.interaction for _ in range(10)]
            for interaction in waiting:
                told = await gather(*_claims((first, second), interaction.interaction_id))
                refused = [each.response for each in told if isinstance(each.response, grpc.aio.AioRpcError)]
                assert len(refused) == len(told) - 1
                assert {each.code() for each in refused} == {grpc.StatusCode.FAILED_PRECONDITION}
    assert verify(open_store(postgres_url), TENANT) == []


def _claims(callers: tuple[Caller, ...], interaction_id: str) -> list[object]:
    return [caller.claim(agent_id, interaction_id) for agent_id in AGENTS for caller in callers]


@pytest.mark.req("W1", "G5")
async def test_a_watcher_sees_the_other_replicas_changes(postgres_url: str) -> None:
    """A stream on one replica delivers what is routed on the other, once and in order."""
    with serving(postgres_url) as one, serving(postgres_url) as other:
        async with calling(one) as first, calling(other) as second:
            await second.prepare()
            start = (await second.route()).response.revision
            watching = asyncio.create_task(first.changes(start + 20))
            for _ in range(20):
                await second.route()
            changes = await asyncio.wait_for(watching, 30)
    assert [change.revision for change in changes] == list(range(1, start + 21))
