"""Notes: what people write about an interaction, open or ended, for those who attend the contact later (T6)."""

from cartera.core.commands import WriteNote
from cartera.core.decide.context import Context
from cartera.core.decide.required import require_interaction, subject_of
from cartera.core.events import Event, InteractionNoteWritten
from cartera.core.records import Interaction, Note
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason


def write_note(state: State, command: WriteNote, context: Context) -> list[Event]:
    """Add a note to an interaction, or replace the one at a position, whoever wrote it; of agents only who holds the
    interaction, or held it last, may.
    """
    interaction = require_interaction(state, command.interaction_id, context.caller)
    if command.position > len(interaction.notes):
        subject = subject_of(Interaction, interaction.interaction_id)
        raise reject(ErrorReason.NOTE_NOT_FOUND, subject, position=str(command.position))
    return [
        InteractionNoteWritten(
            interaction_id=interaction.interaction_id,
            workgroup_id=interaction.workgroup_id,
            agent_id=interaction.agent_id,
            note=Note(command.text, context.actor, context.now),
            position=command.position or len(interaction.notes) + 1,
        ),
    ]
