import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from cartera.client import CarteraError
from cartera.routing.v1.configuration_service_pb2 import GetTenantResponse
from cartera.routing.v1.event_pb2 import EVENT_KIND_INTERACTION_ASSIGNED, Change
from cartera.routing.v1.event_service_pb2 import Bookmark, WatchEventsResponse
from tests.client.scripted import ScriptedService, followed, in_background, status


def change(revision):
    return WatchEventsResponse(change=Change(revision=revision))


def bookmark(revision):
    return WatchEventsResponse(bookmark=Bookmark(revision=revision))


@pytest.mark.req("W1")
@pytest.mark.parametrize("last", [change(5), bookmark(5)], ids=["change", "bookmark"])
def test_watch_resumes_after_the_last_step(last):
    """After a lost connection the watch goes on behind what it has delivered, a progress mark included."""
    service = ScriptedService()
    watch = service.client.watch(3)
    with followed(watch) as steps:
        first = service.take_stream()
        first.send(change(4), last)
        assert [steps.next(), steps.next()] == [change(4), last]
        first.break_off(stream=True)
        second = service.take_stream()
        second.send(change(6))
        assert steps.next() == change(6)
    assert first.request.start_after_revision == 3
    assert second.request.start_after_revision == 5
    assert watch.revision == 6


@pytest.mark.req("W1")
def test_watch_says_when_the_last_change_happened():
    """So that the service can tell whether it is still the one that has the revision. What is not known is not said."""
    service = ScriptedService()
    first, second = Timestamp(seconds=11), Timestamp(seconds=12)
    told = [bookmark(1), bookmark(2), WatchEventsResponse(change=Change(revision=3, occurred_at=second)), bookmark(3)]
    said = [first, first, None, second, second]
    with followed(service.client.watch(1, start_after_occurred_at=first)) as steps:
        for step, expected in zip([*told, None], said, strict=True):
            stream = service.take_stream()
            at = stream.request
            assert (at.start_after_occurred_at if at.HasField("start_after_occurred_at") else None) == expected
            if step:
                stream.send(step)
                assert steps.next() == step
            stream.break_off(stream=True)


@pytest.mark.req("W1")
def test_watch_resumes_after_a_stream_that_ends():
    """A service that drains ends its streams; another one serves."""
    service = ScriptedService()
    with followed(service.client.watch(0)) as steps:
        first = service.take_stream()
        first.send(bookmark(8))
        first.end()
        service.take_stream().send(change(9))
        assert [steps.next(), steps.next()] == [bookmark(8), change(9)]


@pytest.mark.req("W1")
@pytest.mark.parametrize("reason", ["WATCHER_TOO_SLOW", "TOO_MANY_STREAMS", "SERVICE_DRAINING", "DATABASE_UNAVAILABLE"])
def test_watch_resumes_where_the_service_says_it_can(reason):
    """A watcher that was cut goes on."""
    service = ScriptedService()
    with followed(service.client.watch(0)) as steps:
        service.take_stream().fail(status(grpc.StatusCode.UNAVAILABLE, reason), stream=True)
        service.take_stream().send(change(1))
        assert steps.next() == change(1)


@pytest.mark.req("W1")
def test_watch_delivers_no_change_twice():
    """A change that comes again, whatever the reason, is not delivered again."""
    service = ScriptedService()
    with followed(service.client.watch(0)) as steps:
        first = service.take_stream()
        first.send(change(1), change(2))
        assert [steps.next(), steps.next()] == [change(1), change(2)]
        first.break_off(stream=True)
        service.take_stream().send(change(2), change(3))
        assert steps.next() == change(3)


@pytest.mark.req("W1")
def test_watch_from_now_begins_when_it_is_asked():
    """Now is the tenant's revision at that moment: a connection lost before the first step loses nothing."""
    service = ScriptedService()
    with in_background(service.client.watch) as made:
        service.take("ConfigurationService/GetTenant").answer(GetTenantResponse(revision=41))
    with followed(made.result(timeout=120)):
        first = service.take_stream()
        first.break_off(stream=True)
        second = service.take_stream()
    assert first.request.start_after_revision == second.request.start_after_revision == 41


@pytest.mark.req("W1")
@pytest.mark.parametrize("reason", ["REVISION_PRUNED", "REVISION_IN_THE_FUTURE"])
def test_watch_ends_where_the_revision_is_out_of_range(reason):
    """What can't be resumed is a typed error, not an endless loop."""
    service = ScriptedService()
    with followed(service.client.watch(3)) as steps:
        service.take_stream().fail(status(grpc.StatusCode.OUT_OF_RANGE, reason), stream=True)
        error = steps.next()
    assert isinstance(error, CarteraError)
    assert (error.code, error.reason) == (grpc.StatusCode.OUT_OF_RANGE, reason)


@pytest.mark.req("W1")
def test_filters_and_tenant_are_asked_for_on_every_connection():
    """A resumed stream has the filters of the first."""
    service = ScriptedService()
    watch = service.client.watch(0, agent_ids=["ana"], kinds=[EVENT_KIND_INTERACTION_ASSIGNED])
    with followed(watch):
        service.take_stream().break_off(stream=True)
        second = service.take_stream()
    assert second.request.tenant_id == "acme"
    assert second.request.agent_ids == ["ana"]
    assert second.request.kinds == [EVENT_KIND_INTERACTION_ASSIGNED]


def test_a_closed_watch_ends():
    """close() from another thread ends the loop without an error."""
    service = ScriptedService()
    watch = service.client.watch(0)
    with followed(watch) as steps:
        service.take_stream().send(change(1))
        assert steps.next() == change(1)
        watch.close()
        assert steps.next() is None


def test_watch_gives_up_when_asked_to():
    """With give_up_after, a service that stays away is a typed error."""
    service = ScriptedService()
    with followed(service.client.watch(0, give_up_after=0.0)) as steps:
        service.take_stream().break_off(stream=True)
        assert steps.next().code is grpc.StatusCode.UNAVAILABLE
