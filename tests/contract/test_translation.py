"""Values go into messages and come out the same."""

from datetime import UTC, datetime, timedelta

import pytest

from cartera.contract import (
    decode,
    decode_change,
    decode_event,
    encode,
    encode_change,
    encode_event,
    fields_to_bytes,
    to_bytes,
)
from cartera.core import records
from cartera.core.change import Change
from cartera.core.commands import RouteInteraction, Transfer
from cartera.core.events import NUMBERS, InteractionAssigned, InteractionCompleted
from cartera.core.records import Actor, Tenant, Workgroup
from cartera.core.vocabulary import Channel, Direction, Priority, Role, RoutingReason
from cartera.routing.v1 import event_pb2, event_service_pb2, routing_service_pb2, tenant_pb2
from tests.contract.samples import MOMENT, empty, full

RECORDS = [*records.TABLES, records.QueuePosition, records.InteractionView, records.Note]
ASSIGNED = InteractionAssigned("i7", "sales", "ana", RoutingReason.OWNER, "p1", "speaks Portuguese", "s1", "")


@pytest.mark.parametrize("core_type", RECORDS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("make", [full, empty])
def test_records_come_back_as_they_went(core_type, make):
    """Nothing is lost between a record and its message, whether its fields are set or not."""
    value = make(core_type)
    assert decode(encode(value), core_type) == value


@pytest.mark.parametrize("core_type", NUMBERS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("make", [full, empty])
def test_events_come_back_as_they_went(core_type, make):
    """Nothing is lost between an event and its message."""
    event = make(core_type)
    message = event_pb2.Event.FromString(encode_event(event).SerializeToString())
    assert decode_event(message) == event


@pytest.mark.req("W1")
def test_changes_come_back_as_they_went():
    """A change in the log is the change that was decided."""
    change = Change(7, MOMENT, Actor(Role.AGENT, "ana"), "r-1", tuple(map(full, NUMBERS)))
    assert decode_change(encode_change(change)) == change


def test_an_unknown_event_is_not_passed_over():
    """An event of a later version is an error, never silence."""
    with pytest.raises(ValueError, match="does not know"):
        decode_event(event_pb2.Event())


def test_the_bytes_of_a_change_are_pinned():
    """The log of one version can be read by every later one."""
    change = Change(7, MOMENT, Actor(Role.AGENT, "ana"), "r-1", (ASSIGNED,))
    assert encode_change(change).hex() == (
        "0807120b08d7e290cd06108094ef3a1a0708031203616e612203722d312a3082022d0a0269371205"
        "73616c65731a03616e6120022a0270313211737065616b7320506f72747567756573653a027331"
    )


def test_absent_times_stay_absent():
    """None and zero are two things."""
    unset, zero = Tenant("Acme"), Tenant("Acme", session_alert=timedelta())
    assert not encode(unset).HasField("session_alert")
    assert encode(zero).HasField("session_alert")
    assert decode(encode(zero), Tenant).session_alert == timedelta()


@pytest.mark.parametrize(
    "span",
    [timedelta(microseconds=1), timedelta(days=400), -timedelta(microseconds=1), -timedelta(seconds=1.5)],
)
def test_spans_are_protobufs_own(span):
    """A span is the same to us and to protobuf, negative ones too."""
    message = encode(Workgroup("w", owner_wait=span))
    assert message.owner_wait.ToTimedelta() == span
    assert decode(message, Workgroup).owner_wait == span


@pytest.mark.parametrize(
    "moment",
    [MOMENT, datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)],
)
def test_moments_are_protobufs_own(moment):
    """A moment is the same to us and to protobuf, before 1970 too."""
    message = encode(records.AgentPresence("ana", status_since=moment))
    assert message.status_since.ToDatetime(tzinfo=UTC) == moment
    assert decode(message, records.AgentPresence).status_since == moment


def test_a_request_becomes_its_command():
    """What concerns the carrying stays behind; enumerations are the core's own."""
    request = routing_service_pb2.RouteInteractionRequest(
        tenant_id="acme", request_id="r-1", campaign_id="sales", contact_id="+34600", channel=2, tags=["vip"]
    )
    command = decode(request, RouteInteraction)
    assert command == RouteInteraction("sales", "+34600", Channel.CHAT, tags=("vip",))
    assert isinstance(command.channel, Channel)
    assert (command.direction, command.priority) == (Direction.UNSPECIFIED, Priority.UNSPECIFIED)


def test_of_a_choice_the_rest_is_empty():
    """A transfer has a target of one kind."""
    request = routing_service_pb2.TransferRequest(interaction_id="i1", campaign_id="support", note="n")
    assert decode(request, Transfer) == Transfer("i1", campaign_id="support", note="n")


def test_fields_of_a_response_may_be_values_and_lists_of_them():
    """Core values are translated, plain values written as they are, and None is a field that is unset."""
    answer = fields_to_bytes(
        routing_service_pb2.ListInteractionsResponse,
        {"revision": 300, "views": [full(records.InteractionView)] * 2, "next_page_token": "ñ"},
    )
    message = routing_service_pb2.ListInteractionsResponse.FromString(answer)
    assert (message.revision, message.next_page_token) == (300, "ñ")
    assert [decode(each, records.InteractionView) for each in message.views] == [full(records.InteractionView)] * 2
    assert fields_to_bytes(tenant_pb2.Tenant, {"name": "", "session_limit": None}) == b""


def test_an_optional_zero_is_there():
    """Zero and nothing are two things where the contract says so."""
    answer = fields_to_bytes(event_service_pb2.WatchEventsRequest, {"start_after_revision": 0})
    assert event_service_pb2.WatchEventsRequest.FromString(answer).HasField("start_after_revision")


@pytest.mark.parametrize("make", [full, empty])
@pytest.mark.parametrize("core_type", [*RECORDS, *NUMBERS], ids=lambda each: each.__name__)
def test_the_bytes_are_protobufs_own(core_type, make):
    """What is written without making a message is what protobuf would write."""
    value = make(core_type)
    assert to_bytes(value) == encode(value).SerializeToString(deterministic=True)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 1023, 1024, 16_383, 16_384, 2**31 - 1, 2**63 - 1, -1, -(2**63)])
def test_numbers_are_protobufs_own(number):
    """A number of any size is the same to us and to protobuf."""
    assert encode(records.WorkgroupActivity("w", completed=number)).completed == number


def test_a_long_text_comes_back():
    """A length may take more than one byte."""
    for length in (127, 128, 1023, 1024, 40_000):
        assert encode(Tenant("ñ" * length)).name == "ñ" * length


def test_a_completion_without_a_note_has_none():
    """A note that was not written is not an empty one."""
    completed = InteractionCompleted("i1", "w", "ana", "Venta", "", None, timedelta(seconds=90), None)
    assert not encode(completed).HasField("note")
    assert decode(encode(completed), InteractionCompleted) == completed
