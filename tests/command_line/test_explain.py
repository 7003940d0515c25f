"""`cartera explain`: why it went there, in the terminal."""

import json

import pytest

from cartera.command_line.explanation import CAUSES, LEFT_OUT, NOT_ASKED, STEPS, tree_of
from cartera.routing.v1.explanation_pb2 import (
    DecisionCause,
    ExplainedCandidate,
    ExplainedStep,
    Explanation,
    LeftOut,
    NotAsked,
    SelectionStep,
)

pytestmark = pytest.mark.req("W3")


def route(command_line, contact, channel="voice"):
    campaign = {"voice": "voz", "chat": "chat"}[channel]
    arguments = ("--campaign", campaign, "--contact", contact, "--channel", channel, "--json")
    return json.loads(command_line.succeeds("route", *arguments))["interaction"]["interaction_id"]


def lines(told):
    """The lines without what draws the tree, and without the numbers of revisions and times."""
    return [line.lstrip("│├└─ ").rstrip() for line in told.splitlines()]


def test_it_tells_who_got_it_and_why_the_others_did_not(command_line):
    """The decision stands first, then what led to it, then each step with its candidates."""
    for agent in ("ana", "carlos"):
        command_line.succeeds("agent", "status", agent, "online")
    route(command_line, "+34600")
    given = route(command_line, "+34601")
    told = lines(command_line.succeeds("explain", given))
    assert told[0].startswith(f"{given} ASSIGNED to carlos: round robin (revision ")
    assert told[1] == "because it had arrived, by administrator"
    assert "exclusive agent: not asked, the contact had none" in told
    assert "workgroup ventas, by round robin, after ana: carlos" in told
    assert "carlos: chosen (turn 1, position 2)" in told
    assert "ana: left out, no free slot (1 of 1 units)" in told
    assert "lucia: left out, offline, does not handle the channel" in told


def test_a_revision_names_the_decision(command_line):
    """Without one the last is told, with one that one; a revision without a decision is refused in one line."""
    waiting = route(command_line, "+34600")
    arrived = waiting.removeprefix("i")
    command_line.succeeds("agent", "status", "ana", "online")
    assert "because it waited, and somebody became available, by administrator" in lines(
        command_line.succeeds("explain", waiting)
    )
    first = lines(command_line.succeeds("explain", waiting, "--revision", arrived))
    assert first[0].startswith(f"{waiting} QUEUED: nobody online (revision {arrived}, ")
    complaint = command_line.fails("explain", waiting, "--revision", "1")
    assert (len(complaint.splitlines()), "DECISION_NOT_FOUND" in complaint) == (1, True)


def test_a_claim_tells_what_was_checked(dispenser):
    """Who asked, and the errors that there would have been."""
    dispenser.succeeds("agent", "status", "ana", "online")
    claimed = route(dispenser, "+34600")
    dispenser.succeeds("interaction", "claim", "ana")
    told = lines(dispenser.succeeds("explain", claimed))
    assert "because it was claimed, by administrator" in told
    assert any(line.startswith("checked, and not so: interaction not waiting, agent not online") for line in told)


def test_candidates_beyond_a_number_are_counted(command_line):
    """The nearest are told, the others by reason."""
    given = route(command_line, "+34600", "chat")
    told = lines(command_line.succeeds("explain", given, "--candidates", "1"))
    assert "ana: left out, offline" in told
    assert "and 2 more; of all 3: 3 offline" in told


def test_scripts_get_all_of_it(command_line):
    """In JSON it is the answer of the service."""
    given = route(command_line, "+34600")
    answer = json.loads(command_line.succeeds("explain", given, "--json"))
    assert answer["explanation"]["interaction_id"] == given
    assert answer["explanation"]["reproduced"] is True


@pytest.mark.parametrize(
    ("words", "enumeration"),
    [(CAUSES, DecisionCause), (NOT_ASKED, NotAsked), (LEFT_OUT, LeftOut), (STEPS, SelectionStep)],
    ids=["causes", "not asked", "left out", "steps"],
)
def test_everything_that_can_be_told_has_words(words, enumeration):
    """A new value in the contract has to be told, too."""
    assert set(words) == set(enumeration.values()) - {0}


def test_what_a_later_service_tells_is_no_failure():
    """A value that this version doesn't know is told as such, and an answer with nothing in it too."""
    candidate = ExplainedCandidate(agent_id="ana")
    candidate.left_out.append(99)  # type: ignore[arg-type]
    step = ExplainedStep(candidates=[candidate], candidate_count=1)
    tree = tree_of(Explanation(steps=[step]))
    assert str(tree.children[-1].children[0].label) == "ana: left out, ?"
