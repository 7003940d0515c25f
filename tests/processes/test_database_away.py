"""The database goes away, in every way there is, and comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import grpc
import psycopg
import pytest
from sqlalchemy.engine import make_url

from cartera.engine.verify import verify
from cartera.store.migrate import migrate
from cartera.store.open import open_store
from cartera.store.store import OutcomeUnknown
from chaos.ports import HeldPort
from chaos.postgres import Cluster
from tests.processes.absence import WAYS, Network, Way, is_away, running_cluster, served, wait_for_standby
from tests.processes.replicas import TENANT, Told, calling, serving
from tests.store.examples import write

LONG = 1.5
SLOW = f"""
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM count(*) FROM generate_series(1, 10) WHERE pg_sleep({LONG / 10}) IS NOT NULL; RETURN NEW; END
    $$;
    CREATE TRIGGER slow BEFORE INSERT ON interactions FOR EACH ROW EXECUTE FUNCTION slow()
"""

CANCEL_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

SOON = 2.0
"""Seconds within which callers are told, and served again. It takes about one; a busy machine may be slower."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def url(cluster: Cluster) -> str:
    """A migrated database of this test alone, whatever became of the one before."""
    wait_for_standby(cluster, "")
    name = f"cartera_{uuid4().hex}"
    cluster.primary.ask(f"CREATE DATABASE {name}")
    url = cluster.primary.url(name)
    migrate(url)
    return url


@pytest.fixture
async def network(cluster: Cluster) -> AsyncIterator[Network]:
    with HeldPort() as port:
        network = Network(cluster, port.number)
        await network.link.listen(network.port)
        yield network
        network.link.cut()


def through(network: Network, url: str) -> str:
    return make_url(url).set(port=network.port).render_as_string(hide_password=False)


@pytest.mark.req("G4", "G5", "G6")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_callers_hear_soon_that_the_database_is_away_and_are_served_when_it_is_back(
    cluster: Cluster, network: Network, url: str, way: Way
) -> None:
    """Commands, reads and questions end within a second, though their deadlines are far; a watcher's stream goes on;
    a retry finds what was done; health follows.
    """
    async with served(through(network, url)) as caller:
        await caller.prepare()
        first = await caller.route()
        number = first.response.revision + 5
        begun = asyncio.Event()
        watching = asyncio.create_task(caller.watch(number, begun))
        await begun.wait()

        await asyncio.to_thread(way.go, cluster, network)
        routes = [caller.timed(caller.route()) for _ in range(5)]
        timed = await asyncio.gather(*routes, caller.timed(caller.ask()), caller.timed(caller.read()))
        assert max(each.seconds for each in timed) < SOON, timed
        assert [is_away(each.told) for each in timed] == [*[True] * 6, not way.reads]
        await asyncio.wait_for(caller.until_served(served=False), SOON)
        assert await caller.is_served("liveness")
        late = await caller.timed(caller.route(timed[0].told.request))
        assert is_away(late.told)
        assert late.seconds < SOON / 2

        await asyncio.to_thread(way.come, cluster, network)
        back = time.monotonic()
        requests = [each.told.request for each in timed if isinstance(each.told, Told)]
        answers = await asyncio.gather(*map(caller.route_until_answered, requests))
        assert time.monotonic() - back < SOON
        assert not isinstance(await caller.read(), grpc.aio.AioRpcError)
        assert not isinstance(await caller.ask(), grpc.aio.AioRpcError)
        await asyncio.wait_for(caller.until_served(served=True), SOON)
        assert answers == [(await caller.route(request)).response for request in requests]
        assert len({each.interaction.interaction_id for each in answers}) == len(requests)
        assert await asyncio.wait_for(watching, SOON) == list(range(1, number + 1))
    assert verify(open_store(url), TENANT) == []


@pytest.mark.req("G6")
async def test_work_that_takes_long_is_no_absence(url: str) -> None:
    """A batch at which the server is at work is waited for."""
    with psycopg.connect(url) as connection:
        connection.execute(SLOW)
    async with served(url) as caller:
        await caller.prepare()
        slow = await caller.timed(caller.route(campaign_id="counter"))
        assert not isinstance(slow.told.response, grpc.aio.AioRpcError)
        assert slow.seconds > LONG


@pytest.mark.req("G6")
def test_a_commit_that_was_told_not_to_wait_for_the_standby_is_not_acknowledged(cluster: Cluster, url: str) -> None:
    """The server reports such a commit as done; a failover may lose it."""
    with closing(open_store(url)) as store, ThreadPoolExecutor(1) as thread:
        store.append([write("t1", 0)], {})
        wait_for_standby(cluster, "absent")
        try:
            # The server takes a moment to know that it is to wait; what is committed until then is done.
            revision = 1
            future = thread.submit(store.append, [write("t1", revision)], {})
            while not cluster.primary.ask(CANCEL_WAITS):
                if future.done():
                    assert future.result() == {"t1"}
                    revision += 1
                    future = thread.submit(store.append, [write("t1", revision)], {})
            with pytest.raises(OutcomeUnknown):
                future.result(SOON)
        finally:
            wait_for_standby(cluster, "")
        assert store.append([write("t1", revision + 1)], {}) == {"t1"}


@pytest.mark.req("G4")
async def test_a_service_ends_without_its_database(cluster: Cluster, url: str) -> None:
    """SIGTERM while the database is silent: calls are told, and the exit status is 0."""
    with serving(url) as replica:
        async with calling(replica) as caller:
            await caller.prepare()
            cluster.primary.pause()
            try:
                call = asyncio.create_task(caller.route())
                assert await asyncio.to_thread(replica.terminate) == 0
                assert isinstance((await call).response, grpc.aio.AioRpcError)
            finally:
                cluster.primary.resume()
