"""The floor as metrics show it: few labels, however many workgroups there are, and what is past isn't shown."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from cartera.bootstrap import Service
from cartera.core.unanswered import Wait
from cartera.engine.census import AgentCount, TenantCount
from cartera.engine.slices import Slices
from cartera.routing.v1 import configuration_service_pb2 as configuration
from cartera.settings import Settings, SettingsError
from cartera.telemetry.catalogue import AGENTS, OLDEST_WAIT, OTHER, WAITING
from cartera.telemetry.floor import floor
from tests.fixtures.service import HeldClock
from tests.rpc.conftest import ACME, Caller

# One service for all of them, in their order.
pytestmark = pytest.mark.req("G4")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def tenant(name, waits=(), quiet=(), agents=AgentCount()):
    """Waits as workgroup, number and seconds."""
    since = tuple(Wait(workgroup, number, NOW - timedelta(seconds=seconds)) for workgroup, number, seconds in waits)
    return TenantCount(name, since, tuple(quiet), agents)


async def read(tenants, labels):
    found = {}
    for metric, names, value in await floor(tenants, labels, NOW, Slices()):
        found.setdefault(metric, {})[names] = value
    return found


async def test_the_longest_waits_have_labels_and_the_rest_is_summed():
    """A thousand workgroups, of which a hundred are shown: those where it is waited longest, whoever's they are."""
    tenants = [tenant(f"t{one}", [(f"w{two}", 2, 100 * two + one) for two in range(100)]) for one in range(10)]
    found = await read(tenants, 100)
    assert len(found[WAITING]) == len(found[OLDEST_WAIT]) == 101
    longest = sorted((value for names, value in found[OLDEST_WAIT].items() if names != (OTHER, OTHER)), reverse=True)
    assert longest == [100 * two + one for two in range(99, 89, -1) for one in range(9, -1, -1)]
    assert found[WAITING][OTHER, OTHER] == 2 * 900
    assert found[OLDEST_WAIT][OTHER, OTHER] == 100 * 89 + 9


async def test_where_nobody_waits_is_shown_as_far_as_there_is_room():
    """A workgroup that is quiet has its zero; where there is room for all, there is no rest."""
    tenants = [tenant("a", [("busy", 1, 5)], ["quiet-1", "quiet-2"]), tenant("b", quiet=["quiet-3"])]
    assert (await read(tenants, 4))[WAITING] == {
        ("a", "busy"): 1,
        ("a", "quiet-1"): 0,
        ("a", "quiet-2"): 0,
        ("b", "quiet-3"): 0,
    }
    assert (await read(tenants, 2))[WAITING] == {("a", "busy"): 1, ("a", "quiet-1"): 0, (OTHER, OTHER): 0}


async def test_agents_are_shown_of_as_many_tenants():
    """Of those where it is waited, then of those who have most; the rest is summed by status."""
    tenants = [tenant(f"t{number}", agents=AgentCount(number, 1, 1)) for number in range(5)]
    tenants.append(tenant("waited", [("w", 1, 9)], agents=AgentCount(1, 0, 0)))
    agents = (await read(tenants, 2))[AGENTS]
    assert {names[0] for names in agents} == {"waited", "t4", OTHER}
    assert [agents[OTHER, status] for status in AgentCount._fields] == [0 + 1 + 2 + 3, 4, 4]


async def test_work_in_slices_lets_others_have_their_turn():
    """Once a slice is over, whoever is ready comes first."""
    order = []
    slices = Slices(seconds=0)
    asyncio.get_running_loop().call_soon(order.append, "other")
    await slices.rest()
    order.append("one")
    assert order == ["other", "one"]


async def test_a_tenant_that_was_changed_elsewhere_is_shown_there(tmp_path):
    """Of two replicas, the one that knows the latest; the other shows it again when it is called."""
    settings = Settings(listen="127.0.0.1:0", database_url=f"sqlite:///{tmp_path / 'cartera.db'}", drain_seconds=0)
    first, second = (Service(settings, HeldClock()) for _ in range(2))
    await first.start()
    await second.start()
    async with grpc.aio.insecure_channel(first.address) as one, grpc.aio.insecure_channel(second.address) as other:
        await Caller(one).ApplyConfiguration(configuration=configuration.Configuration(**ACME))
        assert await counted(first) == [("acme", 0)]
        await Caller(other).RouteInteraction(campaign_id="ventas", contact_id="c1", channel=2)
        assert (await counted(first), await counted(second)) == ([], [("acme", 1)])
        await Caller(one).RouteInteraction(campaign_id="ventas", contact_id="c2", channel=2)
        assert (await counted(first), await counted(second)) == ([("acme", 2)], [])
    await first.stop()
    await second.stop()


async def counted(service):
    census = await service.engine.census()
    return [(each.tenant_id, sum(wait.number for wait in each.waits)) for each in census.tenants]


@pytest.mark.parametrize(
    ("setting", "module"),
    [({"admin_listen": "127.0.0.1:0"}, "grpc_channelz.v1.channelz"), ({"traces": True}, "opentelemetry")],
)
async def test_an_extra_that_is_not_installed_is_said(monkeypatch, tmp_path, setting, module):
    """In one line, which names it."""
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "cartera.telemetry.tracing", raising=False)
    url = f"sqlite:///{tmp_path / 'cartera.db'}"
    with pytest.raises(SettingsError, match=r"install cartera\["):
        await Service(Settings(listen="127.0.0.1:0", database_url=url, drain_seconds=0, **setting)).start()


async def test_a_port_for_metrics_that_is_in_use_is_said(tmp_path):
    """As that of the service is."""
    settings = Settings(
        listen="127.0.0.1:0",
        database_url=f"sqlite:///{tmp_path / 'cartera.db'}",
        drain_seconds=0,
        metrics_listen="127.0.0.1:0",
    )
    first = Service(settings)
    await first.start()
    taken = f"127.0.0.1:{first.telemetry.metrics_port}"
    with pytest.raises(OSError, match=r"in use|cannot listen"):
        await Service(settings.model_copy(update={"metrics_listen": taken})).start()
    await first.stop()
