"""How `cartera watch` tells what happened: a line that a person can follow."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from cartera.command_line.lines import line_of, lines_of
from cartera.routing.v1 import event_pb2 as events
from cartera.routing.v1.channel_pb2 import PRIORITY_HIGH
from cartera.routing.v1.interaction_pb2 import (
    DELIVERY_STATE_READ,
    ROUTING_REASON_LAST_AGENT,
    ROUTING_REASON_OUTSIDE_HOURS,
    Interaction,
    Note,
)
from cartera.routing.v1.workgroup_pb2 import OverflowStep

AT = Timestamp()
AT.FromDatetime(datetime(2026, 3, 2, 9, 1, 30, tzinfo=UTC))
AFTER = Duration()
AFTER.FromTimedelta(timedelta(seconds=90))
OF = {"interaction_id": "i7", "workgroup_id": "vip", "agent_id": "ana"}
MOVED = Interaction(interaction_id="i7", workgroup_id="vip")


def overflowed(**measure):
    step = OverflowStep(after=AFTER, **measure)
    return {
        "interaction_overflowed": events.InteractionOverflowed(interaction_id="i7", workgroup_id="ventas", step=step)
    }


TOLD = [
    (
        {"interaction_offered": events.InteractionOffered(offer_until=AT, reason=ROUTING_REASON_LAST_AGENT, **OF)},
        "i7 offered to ana until 09:01:30: last agent",
    ),
    (
        {"interaction_offer_missed": events.InteractionOfferMissed(misses=2, cool_down_until=AT, **OF)},
        "i7 missed by ana, 2 in a row, who cools down until 09:01:30",
    ),
    (overflowed(add_workgroup_id="vip"), "i7 has waited 0:01:30 in ventas: vip may have it too"),
    (overflowed(drop_skill="english"), "i7 has waited 0:01:30 in ventas: it no longer demands english"),
    (overflowed(priority=PRIORITY_HIGH), "i7 has waited 0:01:30 in ventas: its priority is high at least"),
    (
        {"interaction_skill_dropped": events.InteractionSkillDropped(interaction_id="i7", skill="sap")},
        "i7 no longer demands sap",
    ),
    (
        {"interaction_expired": events.InteractionExpired(interaction_id="i7", workgroup_id="vip")},
        "i7 expired in vip",
    ),
    (
        {
            "interaction_queued": events.InteractionQueued(
                interaction_id="i7", workgroup_id="vip", reason=ROUTING_REASON_OUTSIDE_HOURS
            )
        },
        "i7 waits in vip: outside hours",
    ),
    (
        {
            "interaction_unattended": events.InteractionUnattended(
                interaction_id="i7", workgroup_id="vip", waiting_since=AT
            )
        },
        "i7 unattended in vip since 09:01:30",
    ),
    (
        {
            "interaction_transferred_to_workgroup": events.InteractionTransferredToWorkgroup(
                interaction=MOVED, from_agent_id="ana", from_workgroup_id="ventas"
            )
        },
        "i7 transferred from ana to workgroup vip",
    ),
    (
        {"interaction_note_written": events.InteractionNoteWritten(note=Note(text="pide factura"), position=2, **OF)},
        "note 2 on i7: pide factura",
    ),
    (
        {
            "message_delivery_changed": events.MessageDeliveryChanged(
                message_id="m1", delivery_state=DELIVERY_STATE_READ, **OF
            )
        },
        "message m1 of i7 is read",
    ),
]


@pytest.mark.req("W1")
@pytest.mark.parametrize(("event", "line"), TOLD, ids=[line for _, line in TOLD])
def test_line(event, line):
    """A line names the interaction, what became of it, and with whom or until when."""
    assert line_of(events.Event(**event)) == line


@pytest.mark.req("W1")
def test_lines_of_a_change():
    """Each event of a change is a line, with the revision and when it was; what is not known is said so."""
    change = events.Change(revision=12, occurred_at=AT, events=[events.Event(**TOLD[5][0]), events.Event()])
    assert list(lines_of(change)) == [
        "    12  09:01:30  i7 no longer demands sap",
        "    12  09:01:30  something that this version does not know",
    ]


@pytest.mark.req("C11")
def test_overflow_step_of_a_later_version():
    """A measure that this version doesn't know is no fault."""
    assert line_of(events.Event(**overflowed())).endswith(": something that this version does not know")
