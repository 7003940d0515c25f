"""What befalls a server: what no caller brings about from outside is put here.

A database that is away, a service that drains, a fault of ours. Each gives the variables that its cases need.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from typing import NoReturn

import grpc

from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.routing.v1 import (
    configuration_service_pb2,
    configuration_service_pb2_grpc,
    event_service_pb2,
    event_service_pb2_grpc,
)
from cartera.store.store import StoreUnavailable
from tests.contract.suite.issuer import tokens
from tests.contract.suite.service import ClockedService

HOME = "home"
"""The tenant that is there from the beginning, on servers where a case can't begin one of its own."""

ANA, NOBODY = Actor(Role.AGENT, "ana"), Actor(Role.GATEWAY)
AS_ANA = (("cartera-role", "agent"), ("cartera-subject", "ana"))
QUIET_SECONDS = 0.05
TOO_OLD = timedelta(days=91)

Variables = dict[str, str]


@asynccontextmanager
async def well(_service: ClockedService) -> AsyncIterator[Variables]:
    """Nothing is the matter."""
    yield {}


@asynccontextmanager
async def guarded(service: ClockedService) -> AsyncIterator[Variables]:
    """Callers must prove who they are."""
    issued = tokens(HOME)
    yield await _begin_home(service, issued["administrator_token"]) | issued


@asynccontextmanager
async def keyless(_service: ClockedService) -> AsyncIterator[Variables]:
    """The keys of tokens could not be fetched yet."""
    yield {"home": HOME} | tokens(HOME)


@asynccontextmanager
async def brisk(service: ClockedService) -> AsyncIterator[Variables]:
    """A stream is quiet after a moment, and not after seconds."""
    service.engine._feed._quiet_seconds = QUIET_SECONDS
    yield {}


@asynccontextmanager
async def pruned(service: ClockedService) -> AsyncIterator[Variables]:
    """The log's beginning is dropped, for it is old."""
    home = await _begin_home(service)
    service.clock.move(TOO_OLD)
    await service.engine.tend()
    await _do_something(service)
    yield home


@asynccontextmanager
async def restored(service: ClockedService) -> AsyncIterator[Variables]:
    """A backup was restored: what happened after it was lost, and something else has happened since."""
    home = await _begin_home(service)
    lost = await _after_a_backup(service)
    await _do_something(service)
    yield home | lost


async def _after_a_backup(service: ClockedService) -> Variables:
    """What happened in the life that the backup ended."""
    former = ClockedService(service.database.with_name("former.db"))
    with closing(sqlite3.connect(service.database)) as source, closing(sqlite3.connect(former.database)) as backup:
        source.backup(backup)
    await former.start()
    try:
        return await _do_something(former)
    finally:
        await former.stop()


@asynccontextmanager
async def away(service: ClockedService) -> AsyncIterator[Variables]:
    """The database is away."""
    home = await _begin_home(service)

    def condition() -> NoReturn:
        raise StoreUnavailable("it is away")

    service._store.condition = condition
    while service.engine.lookout.is_well:
        await service.engine.lookout._looked.wait()
    yield home


@asynccontextmanager
async def busy(service: ClockedService) -> AsyncIterator[Variables]:
    """The one place for calls is taken: who calls waits for it."""
    home = await _begin_home(service)
    with _call_under_way(service, NOBODY):
        yield home


@asynccontextmanager
async def full(service: ClockedService) -> AsyncIterator[Variables]:
    """The one place for streams is taken, the one for calls, and the one to wait for that."""
    home = await _begin_home(service)
    async with _open_stream(service):
        with _call_under_way(service, NOBODY):
            waiting = asyncio.create_task(_wait_for_a_place(service))
            yield home
            waiting.cancel()


@asynccontextmanager
async def crowded(service: ClockedService) -> AsyncIterator[Variables]:
    """Ana has as many calls and streams as one caller may."""
    home = await _begin_home(service)
    async with _open_stream(service, AS_ANA):
        with _call_under_way(service, ANA):
            yield home


@asynccontextmanager
async def sluggish(service: ClockedService) -> AsyncIterator[Variables]:
    """No watcher is quick enough."""
    home = await _begin_home(service)

    async def write(_context: object, _response: bytes, responses: AsyncGenerator[bytes]) -> None:
        await responses.athrow(TimeoutError())

    service._server._handlers._write = write
    yield home


@asynccontextmanager
async def draining(service: ClockedService) -> AsyncIterator[Variables]:
    """The service ends, and waits for a call that was begun before."""
    home = await _begin_home(service)
    with _call_under_way(service, NOBODY):
        stopping = asyncio.create_task(service._server.stop())
        while not service._server._unary_calls._closed:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        yield home
    await stopping


@asynccontextmanager
async def faulty(service: ClockedService) -> AsyncIterator[Variables]:
    """The service has a fault."""
    home = await _begin_home(service)

    async def fail(*_: object) -> NoReturn:
        raise ZeroDivisionError("the fault, which nobody outside may read of")

    service.engine.submit = fail
    service._reading.ask = fail
    yield home


async def _begin_home(service: ClockedService, token: str = "") -> Variables:
    request = configuration_service_pb2.CreateTenantRequest(tenant_id=HOME)
    request.tenant.name = "Home"
    metadata = [("authorization", f"Bearer {token}")] if token else []
    async with grpc.aio.insecure_channel(service.address) as channel:
        stub = configuration_service_pb2_grpc.ConfigurationServiceStub(channel)
        await stub.CreateTenant(request, metadata=metadata)
    return {"home": HOME}


async def _do_something(service: ClockedService) -> Variables:
    """Change something; answers its revision, and when a watcher is told that it happened."""
    request = configuration_service_pb2.CreateScriptRequest(tenant_id=HOME)
    request.script.script_id = "new"
    async with grpc.aio.insecure_channel(service.address) as channel:
        made = await configuration_service_pb2_grpc.ConfigurationServiceStub(channel).CreateScript(request)
        watched = event_service_pb2.WatchEventsRequest(tenant_id=HOME, start_after_revision=made.revision)
        stream = event_service_pb2_grpc.EventServiceStub(channel).WatchEvents(watched)
        reached = (await stream.read()).bookmark
        stream.cancel()
    return {"seen": str(reached.revision), "seen_at": reached.occurred_at.ToJsonString()}


@asynccontextmanager
async def _open_stream(service: ClockedService, metadata: tuple[tuple[str, str], ...] = ()) -> AsyncIterator[None]:
    async with grpc.aio.insecure_channel(service.address) as channel:
        stub = event_service_pb2_grpc.EventServiceStub(channel)
        stream = stub.WatchEvents(event_service_pb2.WatchEventsRequest(tenant_id=HOME), metadata=metadata)
        await stream.read()
        yield
        stream.cancel()


@contextmanager
def _call_under_way(service: ClockedService, actor: Actor) -> Iterator[None]:
    calls = service._server._unary_calls
    entry = calls.ask(HOME.encode(), actor)
    assert calls.let_in(entry)
    yield
    calls.leave(entry)


async def _wait_for_a_place(service: ClockedService) -> None:
    calls = service._server._unary_calls
    await calls.wait(calls.ask(HOME.encode(), NOBODY))
