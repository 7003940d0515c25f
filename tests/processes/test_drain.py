"""SIGTERM: streams end with a last bookmark, what was taken on is answered, the exit status is 0 (G4)."""

import asyncio
import os
import socket
import time

import grpc
import pytest

from cartera.routing.v1 import event_service_pb2
from cartera.store.migrate import CONNECT_SECONDS
from tests.fixtures.nursery import Process
from tests.processes.replicas import TENANT, calling, gather, serving


@pytest.mark.req("G4")
async def test_a_stream_ends_with_a_bookmark(sqlite_url: str) -> None:
    with serving(sqlite_url) as replica:
        async with calling(replica) as caller:
            await caller.prepare()
            last = await caller.route()
            stream = caller.events.WatchEvents(
                event_service_pb2.WatchEventsRequest(tenant_id=TENANT, start_after_revision=0)
            )
            steps, stopping = [], None
            with pytest.raises(grpc.aio.AioRpcError) as ended:  # noqa: PT012 - it is the loop that ends
                async for step in stream:
                    steps.append(step)
                    if step.change.revision == last.response.revision:
                        stopping = asyncio.create_task(asyncio.to_thread(replica.terminate))
            assert ended.value.code() is grpc.StatusCode.UNAVAILABLE  # elsewhere it goes on
            assert steps[-1].bookmark.revision == last.response.revision
            assert stopping is not None
            assert await stopping == 0


@pytest.mark.req("G4", "G6")
async def test_what_was_taken_on_is_answered(sqlite_url: str) -> None:
    """Calls under way at SIGTERM are answered, or refused as a whole; none is cut in the middle."""
    with serving(sqlite_url) as replica:
        async with calling(replica) as caller:
            await caller.prepare()
            calls = asyncio.create_task(gather(*(caller.route() for _ in range(200))))  # noqa: RUF006 - awaited below
            await caller.route()
            status = await asyncio.to_thread(replica.terminate)
            told = await calls
    assert status == 0
    answered = [each for each in told if not isinstance(each.response, Exception)]
    assert answered
    with serving(sqlite_url) as replica:
        async with calling(replica) as caller:
            repeated = await gather(*(caller.route(each.request) for each in answered))
    assert [each.response for each in repeated] == [each.response for each in answered]


@pytest.mark.req("G4")
def test_a_start_that_waits_for_a_silent_database_is_ended_too() -> None:
    """Somebody takes the connection and says nothing: the operator doesn't have to wait for that."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        environment = {**os.environ, "CARTERA_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{port}/none"}
        with Process(["serve"], environment) as process:
            silent.settimeout(60)
            connection, _ = silent.accept()
            began = time.monotonic()
            process.terminate()
            assert process.wait(timeout=60) == 0
            assert time.monotonic() - began < float(CONNECT_SECONDS) / 2
            connection.close()
