from datetime import timedelta

import grpc
import pytest

from cartera.client import AsyncClient, CarteraError
from cartera.routing.v1.monitor_service_pb2 import WatchMonitorResponse
from tests.client.scripted import ScriptedService, followed, status

pytestmark = pytest.mark.req("W2")

STREAM = "MonitorService/WatchMonitor"


def table(revision):
    return WatchMonitorResponse(revision=revision)


def test_every_table_is_delivered():
    """Each table that comes is delivered, also one of the same revision: its times are new."""
    service = ScriptedService()
    watch = service.client.watch_monitor()
    with followed(watch) as tables:
        service.take_stream(STREAM).send(table(4), table(4), table(5))
        assert [tables.next() for _ in range(3)] == [table(4), table(4), table(5)]
        assert watch.revision == 5


@pytest.mark.parametrize("reason", ["", "SERVICE_DRAINING", "WATCHER_TOO_SLOW"])
def test_a_broken_stream_begins_anew(reason):
    """After a lost connection, or one that the service ended, the next table comes, asked for as the first was."""
    service = ScriptedService()
    watch = service.client.watch_monitor(interval=timedelta(seconds=0.5), workgroup_ids=["ventas"], agent_ids=["ana"])
    with followed(watch) as tables:
        first = service.take_stream(STREAM)
        if reason:
            first.fail(status(grpc.StatusCode.UNAVAILABLE, reason), stream=True)
        else:
            first.break_off(stream=True)
        second = service.take_stream(STREAM)
        second.send(table(9))
        assert tables.next() == table(9)
    assert first.request == second.request
    assert (first.request.tenant_id, first.request.interval.ToTimedelta()) == ("acme", timedelta(seconds=0.5))
    assert (list(second.request.workgroup_ids), list(second.request.agent_ids)) == (["ventas"], ["ana"])


def test_a_refusal_ends_it():
    """What won't get better is a typed error."""
    service = ScriptedService()
    with followed(service.client.watch_monitor()) as tables:
        service.take_stream(STREAM).fail(status(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"), stream=True)
        assert tables.next().reason == "PERMISSION_DENIED"


def test_it_gives_up_when_asked_to():
    """With give_up_after, a service that stays away is a typed error."""
    service = ScriptedService()
    with followed(service.client.watch_monitor(give_up_after=0.0)) as tables:
        service.take_stream(STREAM).break_off(stream=True)
        assert tables.next().code is grpc.StatusCode.UNAVAILABLE


async def test_the_asynchronous_one_gives_up_alike():
    """The asynchronous client takes the same options."""
    async with AsyncClient("127.0.0.1:1", tenant_id="acme") as client, client.watch_monitor(give_up_after=0.0) as watch:
        with pytest.raises(CarteraError) as caught:
            await anext(watch)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
