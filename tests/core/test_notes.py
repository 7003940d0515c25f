"""Notes are written about an interaction, while it is open and afterwards (T6)."""

from datetime import timedelta

import pytest

from cartera.core.commands import CompleteInteraction, Transfer, WriteNote
from cartera.core.events import InteractionNoteWritten
from cartera.core.evolve import evolve
from cartera.core.handle import needs
from cartera.core.records import Note
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given, supervisor_actor
from tests.core.tenants import chat, online, ventas

pytestmark = pytest.mark.req("T6")

MINUTE = timedelta(minutes=1)
ANA = agent_actor("ana")


def held_by_ana():
    return given(ventas("ana", "bruno", supervisor_ids=("sara",)), online("ana", "bruno")).when(chat("luis"))


def written(story, *texts, by=ANA, position=0):
    """The interaction's notes once some more are written, a minute after one another."""
    for text in texts:
        story.when(WriteNote(story.id_of("luis"), text, position), by=by, after=MINUTE)
    return [note.text for note in story.interaction("luis").notes]


def test_note_is_added():
    """A note is added behind those that are there, with who wrote it and when."""
    story = held_by_ana()
    assert written(story, "llamar mañana", "prefiere la tarde") == ["llamar mañana", "prefiere la tarde"]
    note = Note("prefiere la tarde", ANA, START + 2 * MINUTE)
    story.then(InteractionNoteWritten(story.id_of("luis"), "ventas", "ana", note, 2))


@pytest.mark.parametrize(("position", "expected"), [(1, ["nueva", "dos"]), (2, ["uno", "nueva"])])
@pytest.mark.parametrize("by", [ANA, supervisor_actor("sara"), ADMINISTRATOR])
def test_note_is_replaced(by, position, expected):
    """A note is replaced where it stands, whoever wrote it before, and is then of who replaced it."""
    story = held_by_ana()
    written(story, "uno", by=ADMINISTRATOR)
    written(story, "dos")
    assert written(story, "nueva", by=by, position=position) == expected
    assert story.events[0].position == position
    assert story.interaction("luis").notes[position - 1].author == by


@pytest.mark.parametrize("position", [2, 7])
def test_note_that_is_not_there(position):
    """A position at which there is no note is refused."""
    story = held_by_ana()
    written(story, "uno")
    refused = (ErrorReason.NOTE_NOT_FOUND, f"interaction/{story.id_of('luis')}")
    story.rejects(WriteNote(story.id_of("luis"), "nueva", position), refused)
    assert story.violations[0].data == {"position": str(position)}


def test_interaction_that_is_not_there():
    """A note about an interaction that there is not is refused."""
    held_by_ana().rejects(WriteNote("nada", "hola"), (ErrorReason.RESOURCE_NOT_FOUND, "interaction/nada"))


def test_of_agents_only_the_holder_writes():
    """An agent writes about what it holds and nothing else."""
    story = held_by_ana()
    denied = (ErrorReason.PERMISSION_DENIED, f"interaction/{story.id_of('luis')}")
    story.rejects(WriteNote(story.id_of("luis"), "hola"), denied, by=agent_actor("bruno"))
    story.when(Transfer(story.id_of("luis"), agent_id="bruno", note="es tuyo"), by=ANA)
    story.rejects(WriteNote(story.id_of("luis"), "hola"), denied, by=ANA)
    assert written(story, "hola", by=agent_actor("bruno")) == ["es tuyo", "hola"]


def test_note_after_the_end():
    """Who held an interaction last writes about it after its end; it stays ended."""
    story = held_by_ana()
    story.when(CompleteInteraction(story.id_of("luis"), "Venta", note="contenta"))
    ended = story.interaction("luis")
    assert needs(WriteNote(ended.interaction_id, "hola")).interaction_ids == (ended.interaction_id,)
    assert written(story, "pidió factura") == ["contenta", "pidió factura"]
    assert written(story, "muy contenta", position=1) == ["muy contenta", "pidió factura"]
    assert story.interaction("luis")._replace(notes=ended.notes) == ended


def test_note_about_what_is_not_in_memory():
    """A state that has let go of an ended interaction takes in a note about it, though it has nowhere to put it; one
    that has read the note already doesn't get it twice.
    """
    story = held_by_ana()
    written(story, "uno", "dos")
    (event,) = story.events
    evolve(State(), event, story.now)
    evolve(story.state, event, story.now)
    assert [note.text for note in story.interaction("luis").notes] == ["uno", "dos"]
