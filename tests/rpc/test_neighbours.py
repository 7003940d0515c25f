"""One tenant's flood is its own, over gRPC: counted while the database is held, so that no time is measured."""

import asyncio
import threading

import grpc
import pytest

from cartera.engine.turns import WAITING_FOR_EACH
from cartera.routing.v1 import contact_service_pb2, routing_service_pb2
from cartera.settings import Settings
from tests.rpc.conftest import METHODS
from tests.rpc.failures import Failed, failing

pytestmark = pytest.mark.req("G5")

SHARE = READ_THREADS = 2
PERSON_CALLS = 4
FLOOD = SHARE + SHARE * WAITING_FOR_EACH + 10


class Held:
    """A function that waits until it may go on; counts who asks it."""

    def __init__(self, function):
        self._function = function
        self.free = threading.Event()
        self.asked = []
        self._arrived = threading.Semaphore(0)

    def __call__(self, *arguments):
        self.asked.append(arguments)
        self._arrived.release()
        self.free.wait()
        return self._function(*arguments)

    async def is_asked(self, times=1):
        """Until it has been asked so many times more."""
        for _ in range(times):
            await asyncio.to_thread(self._arrived.acquire)


@pytest.fixture
def settings(sqlite_url):
    return Settings(
        listen="127.0.0.1:0",
        database_url=sqlite_url,
        drain_seconds=0,
        shared_calls=2 * SHARE,
        tenant_calls=SHARE,
        read_threads=READ_THREADS,
        person_calls=PERSON_CALLS,
        database_silence_seconds=60,
    )


@pytest.fixture
def hold(monkeypatch):
    """Holds a method of an object, until the test is over at the latest."""
    held = []

    def hold(owner, name):
        held.append(Held(getattr(owner, name)))
        monkeypatch.setattr(owner, name, held[-1])
        return held[-1]

    yield hold
    for each in held:
        each.free.set()


async def answers(calls):
    """What each call brought: its answer, or what it failed with."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return [Failed(each) if isinstance(each, grpc.aio.AioRpcError) else each for each in results]


def calls_of(channel, name, number, tenant_id, **fields):
    method = METHODS[name]
    stub = channel.unary_unary(method.path, method.request.SerializeToString, method.response.FromString)
    return [stub(method.request(tenant_id=tenant_id, **fields)) for _ in range(number)]


@pytest.fixture
def arrived(service, monkeypatch):
    """Released for each call that has come through to the one who commits."""
    semaphore = asyncio.Semaphore(0)
    put = service.engine._committer.put

    def put_and_tell(work):
        put(work)
        semaphore.release()

    monkeypatch.setattr(service.engine._committer, "put", put_and_tell)
    return semaphore


async def test_a_flood_is_refused_while_others_are_served(service, acme, channel, hold, arrived):
    """A flood has its share of places, as many wait as may, and the rest is told when to come again; the calls of
    another tenant are in the next batch, and those of the flood that were taken are all answered.
    """
    append = hold(service.engine._store, "append")
    [first] = calls_of(channel, "CreateTenant", 1, "other", tenant={"name": "Other"})
    await append.is_asked()
    flood = calls_of(channel, "SetAgentStatus", FLOOD, "acme", agent_id="ana", status=1)
    refused = [Failed(error) for error in await failed(flood, 10)]
    second = calls_of(channel, "CreateContact", 1, "other", contact={"contact_id": "luis"})
    for _ in range(1 + SHARE + 1):
        await arrived.acquire()
    append.free.set()
    assert not any(isinstance(each, Failed) for each in await answers([first, *second]))

    served = [each for each in await answers(flood) if not isinstance(each, Failed)]
    assert len(served) == FLOOD - 10
    assert {(each.code, each.reason) for each in refused} == {(grpc.StatusCode.RESOURCE_EXHAUSTED, "TENANT_QUEUE_FULL")}
    delays = [each.details["RetryInfo"].retry_delay.ToTimedelta() for each in refused]
    assert len(set(delays)) > 5
    in_batches = [[write.tenant_id for write in writes] for writes, _ in append.asked]
    assert "other" in in_batches[1]


@pytest.mark.req("G7")
async def test_a_callers_flood_is_its_own(service, acme, channel, hold):
    """Of one agent's calls as many are taken as one caller may have; those of a colleague go on, and so do its own when
    the first are answered.
    """
    append = hold(service.engine._store, "append")
    flood = [acme.acting_as("agent", "ana").SetAgentStatus(agent_id="ana", status=1) for _ in range(PERSON_CALLS + 3)]
    refused = [Failed(error) for error in await failed(flood, 3)]
    colleague = acme.acting_as("agent", "bea").SetAgentStatus(agent_id="bea", status=1)
    append.free.set()
    assert (await colleague).revision
    assert {each.reason for each in refused} == {"CALLER_QUEUE_FULL"}
    assert refused[0].details["ErrorInfo"].metadata["limit"] == str(PERSON_CALLS)
    assert refused[0].details["RetryInfo"].retry_delay.seconds == 1
    assert sum(not isinstance(each, Failed) for each in await answers(flood)) == PERSON_CALLS
    assert await acme.acting_as("agent", "ana").SetAgentStatus(agent_id="ana", status=1)


async def failed(calls, number):
    """The first so many of calls that fail, while the others wait."""
    found = []
    for call in asyncio.as_completed(calls):
        try:
            await call
        except grpc.aio.AioRpcError as error:
            found.append(error)
            if len(found) == number:
                return found
    raise AssertionError(f"only {len(found)} failed")


async def test_a_flood_of_reads_leaves_a_thread_to_others(service, acme, channel, hold):
    """While the reads of a tenant wait for the database, another tenant's read is begun."""
    await asyncio.gather(*calls_of(channel, "CreateTenant", 1, "other", tenant={"name": "Other"}))
    await asyncio.gather(*calls_of(channel, "ListContacts", 1, "other"))
    read = hold(service._reading._reads, "snapshot")
    flood = calls_of(channel, "ListContacts", SHARE, "acme")
    others = calls_of(channel, "ListContacts", 1, "other")
    await read.is_asked(READ_THREADS)
    assert [tenant_id for tenant_id, *_ in read.asked] == ["acme", "other"]
    read.free.set()
    assert not any(isinstance(each, Failed) for each in await answers([*flood, *others]))


async def test_a_request_that_names_two_tenants_is_malformed(channel, acme):
    """Else a flood could be let in as another tenant's."""
    first = contact_service_pb2.ListContactsRequest(tenant_id="other").SerializeToString()
    second = contact_service_pb2.ListContactsRequest(tenant_id="acme").SerializeToString()
    stub = channel.unary_unary(METHODS["ListContacts"].path)
    async with failing(grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED"):
        await stub(first + second)
    assert await stub(second + second)
    last = routing_service_pb2.GetInteractionRequest(interaction_id="i1").SerializeToString()
    get = channel.unary_unary(METHODS["GetInteraction"].path)
    async with failing(grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        await get(last + second)
