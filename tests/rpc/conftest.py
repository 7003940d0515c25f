"""A real service on a free port, on SQLite, with a clock that stands until it is moved."""

import grpc
import pytest

from cartera.bootstrap import Service
from cartera.contract.messages import SERVICES
from cartera.routing.v1 import configuration_service_pb2 as configuration
from cartera.rpc.methods import methods_of
from cartera.settings import Settings
from tests.fixtures.service import HeldClock
from tests.fixtures.tokens import SECRET

ACME = {
    "tenant": {"name": "Acme", "number": "77"},
    "agents": [{"agent_id": name, "capacity": 2} for name in ("ana", "bea", "carla")],
    "workgroups": [
        {"workgroup_id": "sales", "member_ids": ["ana", "bea"], "supervisor_ids": ["sofia"], "method": 1},
        {"workgroup_id": "support", "member_ids": ["carla"], "method": 3},
    ],
    "campaigns": [
        {
            "campaign_id": "ventas",
            "name": "Ventas",
            "project": "Norte",
            "client": "Banco",
            "addresses": [{"channel": 2, "address": "web"}],
            "workgroup_ids": ["sales"],
            "dispositions": [{"name": "Venta"}],
        },
        {
            "campaign_id": "ayuda",
            "addresses": [{"channel": 2, "address": "web"}, {"channel": 1, "address": "900"}],
            "workgroup_ids": ["support"],
            "dispositions": [{"name": "Queja", "sub_dispositions": ["Precio"]}],
        },
    ],
    "portfolios": [
        {"portfolio_id": "gold", "owner_agent_ids": ["ana"]},
        {"portfolio_id": "old", "owner_agent_ids": ["ana"], "state": 2},
        {"portfolio_id": "team", "owner_workgroup_ids": ["support"]},
    ],
    "contacts": [{"contact_id": f"c{number}"} for number in range(5)],
}


class Caller:
    """Calls any method of the contract by its name, as whom it is told."""

    def __init__(self, channel, role="", subject=""):
        self.channel = channel
        claims = {"cartera-role": role, "cartera-subject": subject}
        self.metadata = tuple((key, value) for key, value in claims.items() if value)

    def acting_as(self, role, subject=""):
        return Caller(self.channel, role, subject)

    def __getattr__(self, name):
        method = METHODS[name]
        make = self.channel.unary_stream if method.streams else self.channel.unary_unary
        stub = make(method.path, method.request.SerializeToString, method.response.FromString)
        return lambda **fields: stub(method.request(tenant_id="acme", **fields), metadata=self.metadata)


METHODS = {method.name: method for service in SERVICES for method in methods_of(service)}


@pytest.fixture
def clock():
    return HeldClock()


@pytest.fixture
def settings(sqlite_url):
    return Settings(listen="127.0.0.1:0", database_url=sqlite_url, drain_seconds=0, message_bytes=200_000)


@pytest.fixture
async def service(settings, clock):
    service = Service(settings, clock)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def channel(service):
    async with grpc.aio.insecure_channel(service.address) as channel:
        yield channel


@pytest.fixture
async def guarded_channel(settings, clock):
    """To a service that wants a token of each caller, and sends bookmarks soon."""
    service = Service(settings.model_copy(update={"token_secret": Settings(token_secret=SECRET).token_secret}), clock)
    await service.start()
    service.engine._feed._quiet_seconds = 0.02
    async with grpc.aio.insecure_channel(service.address) as channel:
        yield channel
    await service.stop()


@pytest.fixture
async def nobody(channel):
    """A caller of a service without any tenant."""
    return Caller(channel)


@pytest.fixture
async def acme(nobody):
    """An administrator of a tenant with agents, workgroups, campaigns, portfolios and contacts."""
    await nobody.ApplyConfiguration(configuration=configuration.Configuration(**ACME))
    return nobody
