"""Interactions end with a disposition (T5), or because the contact has left."""

from datetime import timedelta

import pytest

from cartera.core.commands import CancelInteraction, CompleteInteraction
from cartera.core.events import InteractionCancelled, InteractionCompleted
from cartera.core.records import Note, WorkgroupActivity
from cartera.core.vocabulary import ErrorReason, InteractionState
from tests.core.specification import ADMINISTRATOR, GATEWAY, START, agent_actor, given
from tests.core.tenants import chat, online, ventas

MINUTE = timedelta(minutes=1)
COMPLETE = CompleteInteraction("i1", "Venta")


def attended():
    return given(ventas("ana", "bruno"), online("ana", "bruno")).when(chat("c1"))


@pytest.mark.req("T5")
def test_completed():
    """Completing frees the slot, keeps the disposition and the note, and who held the interaction."""
    story = attended().when(
        CompleteInteraction("i1", "Queja", "Demora", "llamó tarde"), by=agent_actor("ana"), after=MINUTE
    )
    note = Note("llamó tarde", agent_actor("ana"), START + MINUTE)
    story.then(InteractionCompleted("i1", "ventas", "ana", "Queja", "Demora", note, MINUTE, None))
    ended = story.interaction("c1")
    assert (ended.state, ended.disposition, ended.sub_disposition, ended.notes, ended.agent_id, ended.ended_at) == (
        InteractionState.COMPLETED,
        "Queja",
        "Demora",
        (note,),
        "ana",
        START + MINUTE,
    )
    assert story.state.units_in_use("ana") == 0


@pytest.mark.req("T5")
@pytest.mark.parametrize(
    ("disposition", "sub_disposition", "reason"),
    [
        ("Nada", "", ErrorReason.DISPOSITION_UNKNOWN),
        ("", "", ErrorReason.DISPOSITION_UNKNOWN),
        ("Transferencia", "", ErrorReason.DISPOSITION_UNKNOWN),
        ("Queja", "", ErrorReason.SUB_DISPOSITION_REQUIRED),
        ("Queja", "Nada", ErrorReason.SUB_DISPOSITION_UNKNOWN),
        ("Venta", "Demora", ErrorReason.SUB_DISPOSITION_UNKNOWN),
        ("Venta", "", None),
        ("Queja", "Trato", None),
    ],
)
def test_dispositions(disposition, sub_disposition, reason):
    """The disposition is one of the campaign's, with a sub-disposition where it has any and not elsewhere."""
    command = CompleteInteraction("i1", disposition, sub_disposition)
    if reason:
        assert attended().rejects(command, (reason, "campaign/tienda")).holder("c1") == "ana"
    else:
        attended().when(command).then(InteractionCompleted)


@pytest.mark.req("T5")
def test_completed_once():
    """The second of two completions is refused, and counts for nothing."""
    story = attended().when(COMPLETE).rejects(COMPLETE, (ErrorReason.INTERACTION_ENDED, "interaction/i1"))
    assert story.get(WorkgroupActivity, "ventas").completed == 1


@pytest.mark.req("T5")
def test_who_completes():
    """An agent completes what it holds; nobody completes what waits or is not there."""
    story = attended().rejects(COMPLETE, (ErrorReason.PERMISSION_DENIED, "interaction/i1"), by=agent_actor("bruno"))
    story.when(chat("c2"), chat("c3"))
    waiting = story.id_of("c3")
    story.rejects(
        CompleteInteraction(waiting, "Venta"), (ErrorReason.INTERACTION_NOT_ASSIGNED, f"interaction/{waiting}")
    )
    story.rejects(CompleteInteraction("nada", "Venta"), (ErrorReason.RESOURCE_NOT_FOUND, "interaction/nada"))


@pytest.mark.req("C8")
def test_mean_handling():
    """The mean handling time begins with the first and moves towards each later one."""
    story = attended().when(COMPLETE, after=8 * MINUTE).when(chat("c2"))
    story.when(CompleteInteraction(story.id_of("c2"), "Venta"), after=16 * MINUTE)
    assert story.get(WorkgroupActivity, "ventas")[2:4] == (2, 9 * MINUTE)


@pytest.mark.req("C1")
def test_cancelled():
    """The contact leaves: what it held is free at once, and the interaction has ended."""
    story = attended().when(CancelInteraction("i1"), by=GATEWAY)
    story.then(InteractionCancelled("i1", "ventas", "ana"))
    assert story.state.units_in_use("ana") == 0
    story.rejects(CancelInteraction("i1"), (ErrorReason.INTERACTION_ENDED, "interaction/i1"))
    story.rejects(COMPLETE, (ErrorReason.INTERACTION_ENDED, "interaction/i1"), by=ADMINISTRATOR)
