import pytest

from cartera.client import AsyncClient, Client
from cartera.client.calls import Call
from tests.client.scripted import SERVICES

ATTRIBUTES = {
    "RoutingService": "routing",
    "AgentService": "agents",
    "PortfolioService": "portfolios",
    "ContactService": "contacts",
    "ConfigurationService": "configuration",
    "EventService": "events",
    "MonitorService": "monitor",
}
UNARY = [(service, method) for service in SERVICES for method in service.methods if not method.server_streaming]


@pytest.mark.req("G1")
@pytest.mark.parametrize(("service", "method"), UNARY, ids=[method.full_name for _, method in UNARY])
def test_every_rpc_is_a_method_of_both_clients(service, method):
    """Each unary RPC of the contract is offered with its own request and response."""
    with Client("127.0.0.1:1") as client:
        declared = getattr(type(getattr(client, ATTRIBUTES[service.name])), method.name)
    assert isinstance(declared, Call)
    assert declared.request.DESCRIPTOR.full_name == method.input_type.full_name
    assert declared.response.DESCRIPTOR.full_name == method.output_type.full_name


async def test_both_clients_have_the_same_services():
    """The asynchronous client has the services of the synchronous one, with the same calls."""
    async with AsyncClient("127.0.0.1:1") as asynchronous:
        with Client("127.0.0.1:1") as synchronous:
            for attribute in ATTRIBUTES.values():
                ours, theirs = getattr(synchronous, attribute), getattr(asynchronous, attribute)
                assert calls_of(ours) == calls_of(theirs)


def calls_of(service):
    return {name for name in dir(type(service)) if isinstance(getattr(type(service), name), Call)}


def test_streams_are_reached_by_watch():
    """The streams are the RPCs that are no methods: `watch` and `watch_monitor` offer them."""
    streams = [method.name for service in SERVICES for method in service.methods if method.server_streaming]
    assert streams == ["WatchEvents", "WatchMonitor"]
