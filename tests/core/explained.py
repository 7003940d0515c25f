"""A story whose decisions are explained, each by the state just before it, folded from what the story began with."""

from typing import NamedTuple

from cartera.core.events import Event
from cartera.core.evolve import evolve
from cartera.core.explanation import CANDIDATES, Background, Decision, Explanation, explain, witness
from cartera.core.explanation.decisions import concerns, decision_in, interaction_of
from cartera.core.state import State
from cartera.core.vocabulary import NotAsked, SelectionStep
from tests.core.specification import Story, tables


class Explained(NamedTuple):
    """A decision's event, its explanation, and the state that it was made on."""

    event: Event
    explanation: Explanation
    state: State


class ExplainedStory(Story):
    def __init__(self, *records):
        flat = [each for group in records for each in (group if isinstance(group, list) else [group])]
        super().__init__(*flat)
        self.records = flat

    def explained(self, contact_id, *, number=-1, most=CANDIDATES):
        """Why a contact's latest interaction went where it did, by its last decision or the one of a number."""
        interaction_id = self.id_of(contact_id)
        told = explanations(self.records, self.changes, most)
        return [each for each in told if each.explanation.interaction_id == interaction_id][number].explanation


def explanations(records, changes, most=CANDIDATES):
    """Every decision of a log, explained; explaining leaves the state as it was."""
    state, backgrounds = State(), {}
    state.load(records)
    for change in changes:
        for earlier, event in enumerate(change.events):
            interaction_id = interaction_of(event)
            background = backgrounds.get(interaction_id, Background())
            decision = Decision(interaction_id, change, earlier)
            if interaction_id and decision_in(interaction_id, change._replace(events=(event,))):
                before = tables(state)
                yield Explained(event, explain(state, decision, background, most), state)
                assert tables(state) == before
            if concerns(event, interaction_id):
                backgrounds[interaction_id] = witness(background, interaction_id, state, event, change)
            evolve(state, event, change.occurred_at)
        state.revision, state.last_event_at = change.revision, change.occurred_at


def asked(explanation):
    """The steps that were asked, each with whom it found."""
    return [(each.step, each.agent_id) for each in explanation.steps if not each.not_asked]


def step_of(explanation, step, workgroup_id=""):
    return next(each for each in explanation.steps if each.step is step and workgroup_id in ("", each.workgroup_id))


def not_asked(explanation, step):
    return step_of(explanation, step).not_asked


def left_out(explanation, step=SelectionStep.OWN_WORKGROUP):
    """Why each candidate of a step was left out."""
    return {each.agent_id: set(each.left_out) for each in step_of(explanation, step).candidates}


def compared(explanation, step=SelectionStep.OWN_WORKGROUP):
    """The keys by which each candidate of a step was compared: numbers, times, or None for never."""
    return {
        each.agent_id: {key.key.name: key.number if key.number is not None else key.time for key in each.keys}
        for each in step_of(explanation, step).candidates
        if each.keys
    }


ASKED = NotAsked.UNSPECIFIED
