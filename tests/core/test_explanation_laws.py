"""The laws of explanations: what is told is what happened, and who was left out could not have been chosen (W3)."""

import random

import pytest

from cartera.core.audience import WAITING
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ComparisonKey, LeftOut, RoutingReason, SelectionStep
from tests.core import laws
from tests.core.explained import explanations
from tests.core.random_tenants import Chance
from tests.core.specification import Story

pytestmark = pytest.mark.req("W3")

RUNS, STEPS = 20, 100

STEPS_OF_REASONS = {
    RoutingReason.EXCLUSIVE_AGENT: SelectionStep.EXCLUSIVE_AGENT,
    RoutingReason.OWNER: SelectionStep.OWNER,
    RoutingReason.BACKUP_OWNER: SelectionStep.BACKUP_OWNER,
    RoutingReason.LAST_AGENT: SelectionStep.LAST_AGENT,
}
"""The step that a reason names; the others are those of workgroups."""

LOST = {LeftOut.RANKED_BEHIND, LeftOut.LOWER_SKILL_SCORE}
OF_ROOM = {LeftOut.NO_FREE_SLOT, LeftOut.CHANNEL_LIMIT_REACHED, LeftOut.HOLDS_EXCLUSIVE_CHANNEL}
OF_WORKGROUPS = {SelectionStep.OWN_WORKGROUP, SelectionStep.OVERFLOW_WORKGROUP}


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_explanation_tells_what_happened(seed):
    """For every decision of a random story: who was chosen, by which step and for which reason, is what the event
    says; and everybody else who was considered has a reason for being left out, which holds by the records.
    """
    chance, story = Chance(random.Random(seed).choice), Story()
    story.when(chance.configuration())
    for _ in range(STEPS):
        command, actor, elapsed = chance.command(story)
        try:
            story.when(command, by=actor, after=elapsed)
        except Rejected:
            continue
    for event, explanation, state in explanations([], story.changes):
        assert explanation.reproduced, explanation
        _hold_to_the_event(event, explanation)
        for step in explanation.steps:
            _hold_step(state, explanation.interaction, step)


def _hold_to_the_event(event, explanation):
    found = [step for step in explanation.steps if step.agent_id]
    if explanation.state in WAITING:
        assert not found
        assert not explanation.agent_id
        return
    agent_id = getattr(event, "agent_id", "")
    assert explanation.agent_id == agent_id
    if not explanation.steps:
        return
    (step,) = found
    assert (step.agent_id, explanation.reason) == (agent_id, event.reason)
    expected = STEPS_OF_REASONS.get(event.reason)
    assert step.step is expected or (expected is None and step.workgroup_id == event.chosen_in_workgroup_id)


def _hold_step(state, interaction, step):
    if step.not_asked:
        assert not step.agent_id
        assert not step.candidates
        return
    assert len(step.candidates) == step.candidate_count
    for candidate in step.candidates:
        assert bool(candidate.left_out) is (candidate.agent_id != step.agent_id)
        _hold_reasons(state, interaction, step, candidate)
    if step.agent_id:
        _hold_comparison(step)
    for counted in step.left_out:
        assert counted.candidates == sum(counted.reason in each.left_out for each in step.candidates)


def _hold_reasons(state, interaction, step, candidate):
    """What the reasons say is so by the records; and who has none could have been chosen."""
    agent_id, channel, reasons = candidate.agent_id, interaction.channel, set(candidate.left_out)
    if LeftOut.AGENT_DELETED in reasons:
        return
    could = agent_id in _eligible(state, interaction, step)
    assert could is not bool(reasons - LOST), (step.step, candidate)
    if not could:
        assert bool(reasons & OF_ROOM) is not laws.has_room(state, agent_id, channel)
        assert (LeftOut.COOLING_DOWN in reasons) is laws.rests(state, agent_id)
    if not could and step.step in OF_WORKGROUPS:
        assert (LeftOut.LACKS_SKILL in reasons) is not laws.has_skills(state, agent_id, interaction)


def _eligible(state, interaction, step):
    """Who could have been chosen at a step, told from the records."""
    asked = [each.agent_id for each in step.candidates]
    channel = interaction.channel
    if step.step in OF_WORKGROUPS:
        members = laws.of_workgroup(state, interaction, step.workgroup_id)
        own = step.step is SelectionStep.OWN_WORKGROUP
        return [each for each in members if own or laws.is_available(state, each, channel)]
    if step.step in (SelectionStep.OWNER, SelectionStep.BACKUP_OWNER):
        return [each for each in asked if laws.is_available(state, each, channel)]
    fit = [each for each in asked if laws.has_room_and_does_not_rest(state, each, channel)]
    if step.step is SelectionStep.EXCLUSIVE_AGENT:
        return fit
    return [each for each in fit if laws.handles(state, each, channel)]


def _hold_comparison(step):
    """Who was chosen comes first by the keys, and who would have been chosen instead comes second."""
    ranks = {each.agent_id: _rank(each) for each in step.candidates if each.keys}
    if not ranks:
        return
    in_order = sorted(ranks, key=ranks.__getitem__)
    assert in_order[0] == step.agent_id
    assert in_order[1:2] == ([step.runner_up_agent_id] if step.runner_up_agent_id else [])
    assert bool(step.decided_by) is (len(in_order) > 1)


def _rank(candidate):
    return tuple(_value(key) for key in candidate.keys)


def _value(key):
    """The highest skill score comes first; otherwise the least number or the earliest time, and never before any."""
    if key.key is ComparisonKey.SKILL_SCORE:
        return -key.number
    if key.key in (ComparisonKey.LAST_ASSIGNED_AT, ComparisonKey.IDLE_SINCE):
        return key.time or laws.NEVER
    return key.number
