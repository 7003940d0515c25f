"""Both clients against the real service, which is stopped and started under them."""

import signal

import pytest

from cartera.client import AsyncClient, CarteraError, Client
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from tests.client.scripted import followed, in_background
from tests.command_line.served import served

AGENT = {"agent_id": "ana", "capacity": 1}


@pytest.fixture
def service(tmp_path):
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def client(service):
    with Client(service.address, tenant_id="acme", role="administrator", deadline=60.0) as made:
        made.configuration.CreateTenant(tenant={"name": "Acme"})
        made.agents.CreateAgent(agent=AGENT)
        yield made


@pytest.mark.req("W1", "G6")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_watch_outlives_the_service(service, client, ending):
    """The service is drained or killed, and comes back: the watch goes on, with nothing missed and nothing twice."""
    with followed(client.watch(0)) as steps:
        assert revisions(steps, 2) == [1, 2]
        service.stop(ending)
        service.start()
        client.agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_ONLINE)
        client.agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_PAUSED, reason_code="lunch")
        assert revisions(steps, 2) == [3, 4]


def revisions(steps, count):
    found = []
    while len(found) < count:
        step = steps.next()
        if step.HasField("change"):
            found.append(step.change.revision)
    return found


@pytest.mark.req("G2", "G6")
def test_a_call_waits_for_a_service_that_restarts(service, client):
    """A call made while the service is away is done once it is back."""
    service.stop(signal.SIGKILL)
    with in_background(client.agents.SetAgentStatus, agent_id="ana", status=AGENT_STATUS_ONLINE) as answer:
        service.start()
        assert answer.result(timeout=120).revision == 3


@pytest.mark.req("G2")
def test_a_repeated_request_gets_the_first_answer(client):
    """The same request_id is the same operation, for whoever calls."""
    answers = [
        client.agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_ONLINE, request_id="one") for _ in range(2)
    ]
    assert answers[0] == answers[1]
    with pytest.raises(CarteraError) as caught:
        client.agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_PAUSED, reason_code="x", request_id="one")
    assert caught.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.req("W1")
async def test_the_asynchronous_client_does_the_same(service):
    """Calls, errors and a watch that outlives the service."""
    async with AsyncClient(service.address, tenant_id="acme", role="administrator", deadline=60.0) as client:
        await client.configuration.CreateTenant(tenant={"name": "Acme"})
        async with await client.watch() as watch:
            await client.agents.CreateAgent(agent=AGENT)
            assert await anext_revision(watch) == 2
            service.stop(signal.SIGKILL)
            service.start()
            await client.agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_ONLINE)
            assert await anext_revision(watch) == 3
            assert watch.revision == 3
        with pytest.raises(CarteraError) as caught:
            await client.agents.GetAgent(agent_id="nobody")
        assert caught.value.reason == "RESOURCE_NOT_FOUND"


@pytest.mark.req("W1")
async def test_an_asynchronous_watch_ends_typed(service):
    """OUT_OF_RANGE ends it, with the revisions in the metadata."""
    async with AsyncClient(service.address, tenant_id="acme", role="administrator", deadline=60.0) as client:
        await client.configuration.CreateTenant(tenant={"name": "Acme"})
        async with await client.watch(1000) as watch:
            with pytest.raises(CarteraError) as caught:
                await anext(watch)
    assert caught.value.reason == "REVISION_IN_THE_FUTURE"
    assert caught.value.metadata["current"] == "1"


async def anext_revision(watch):
    while True:
        step = await anext(watch)
        if step.HasField("change"):
            return step.change.revision
