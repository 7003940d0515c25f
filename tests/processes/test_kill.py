"""kill -9 in the middle of a burst: nothing answered is lost, nothing is doubled (G6)."""

import asyncio

import grpc
import pytest

from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.processes.replicas import CAPACITY, TENANT, Replica, Told, arrivals, calling, gather, most_held, serving

CALLERS = 16
KILLED_AFTER = 150
"""Answers, in the middle of the burst."""


async def burst_until_killed(replica: Replica) -> list[Told]:
    """Callers route and complete until the replica, killed after so many answers, fails them."""
    told: list[Told] = []

    async def call() -> None:
        while True:
            arrived = await caller.route()
            told.append(arrived)
            if isinstance(arrived.response, grpc.aio.AioRpcError):
                return
            if len(told) == KILLED_AFTER:
                replica.kill()
            await caller.complete(arrived.response.interaction.interaction_id)

    async with calling(replica) as caller:
        await caller.prepare()
        await asyncio.gather(*(call() for _ in range(CALLERS)))
    return told


@pytest.mark.req("G2", "G6")
async def test_kill_loses_and_doubles_nothing(database_url: str) -> None:
    """Every answered route is in the log with its answer; every retry of the others gives one interaction; the rows
    are the fold of the log.
    """
    with serving(database_url) as replica:
        told = await burst_until_killed(replica)
    answered = {each.request.request_id: each.response for each in told if not isinstance(each.response, Exception)}
    unknown = [each.request for each in told if isinstance(each.response, Exception)]
    assert len(answered) >= KILLED_AFTER - 1
    assert unknown

    with serving(database_url) as replica:
        async with calling(replica) as caller:
            retried = await gather(*(caller.route(request) for request in unknown))
            repeated = await gather(*(caller.route(each.request) for each in told if each.request not in unknown))
            last = await caller.route()
            changes = await caller.changes(last.response.revision)
    assert all(each.response == answered[each.request.request_id] for each in repeated)
    brought = arrivals(changes)
    requests = [each.request.request_id for each in (*told, last)]
    assert sorted(brought) == sorted(requests)
    assert len(set(brought.values())) == len(requests)
    for each in retried:
        assert brought[each.request.request_id] == each.response.interaction.interaction_id
    assert [change.revision for change in changes] == list(range(1, len(changes) + 1))
    assert most_held(changes) <= CAPACITY
    assert verify(open_store(database_url), TENANT) == []
