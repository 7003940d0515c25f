"""What the voice gateway does next, by how a call and its interaction stand."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sidecar.call import Call, Phase
from sidecar.decision import Step, decide, offer_of

from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState

STATES = [state for state in InteractionState.values() if state]
ENDED = ("COMPLETED", "CANCELLED", "EXPIRED", "WRAP_UP")


def interaction(state: str, agent: str = "", since: int = 1) -> Interaction:
    value = InteractionState.Value(f"INTERACTION_STATE_{state}")
    at = Timestamp(seconds=since)
    return Interaction(interaction_id="i1", state=value, agent_id=agent, state_since=at, assigned_at=at)


def call(phase: Phase, rung_for: Interaction | None = None) -> Call:
    """One whose phone was rung last for an offer, or an assignment."""
    agent, offer = (rung_for.agent_id, offer_of(rung_for)) if rung_for else ("", "")
    return Call(key="k", version=1, phase=phase, agent=agent, offer=offer)


OFFER = interaction("OFFERED", "ana", since=1)
SECOND_OFFER = interaction("OFFERED", "ana", since=2)
OFFER_TO_ANOTHER = interaction("OFFERED", "carlos", since=2)
ASSIGNMENT = interaction("ASSIGNED", "ana", since=2)
QUEUED = interaction("QUEUED")


@pytest.mark.req("Z1")
@pytest.mark.parametrize("phase", [Phase.NEW, Phase.WAITING, Phase.DECLINED])
def test_what_has_no_interaction_is_routed(phase):
    """A call is routed whatever was known of it before, since its request_id makes it one interaction."""
    assert decide(call(phase), None) is Step.ROUTE


CASES = {
    "queued, and told so": (Phase.NEW, None, QUEUED, Step.HOLD),
    "waits": (Phase.WAITING, None, QUEUED, Step.NOTHING),
    "waits again": (Phase.DECLINED, OFFER, QUEUED, Step.NOTHING),
    "offered at once": (Phase.NEW, None, OFFER, Step.RING),
    "offered later": (Phase.WAITING, None, OFFER, Step.RING),
    "claimed": (Phase.WAITING, None, ASSIGNMENT, Step.RING),
    "declined": (Phase.DECLINED, OFFER, OFFER, Step.REJECT),
    "offered to the same again": (Phase.DECLINED, OFFER, SECOND_OFFER, Step.RING),
    "offered to the next": (Phase.DECLINED, OFFER, OFFER_TO_ANOTHER, Step.RING),
    "assigned and declined": (Phase.DECLINED, ASSIGNMENT, ASSIGNMENT, Step.GIVE_BACK),
    "rings": (Phase.RINGING, OFFER, OFFER, Step.NOTHING),
    "accepted at the desktop": (Phase.RINGING, OFFER, ASSIGNMENT, Step.NOTHING),
    "accepted, and not put through in time": (Phase.DECLINED, OFFER, ASSIGNMENT, Step.RING),
    "rings for an offer that is over": (Phase.RINGING, OFFER, SECOND_OFFER, Step.STOP),
    "rings for what is another's": (Phase.RINGING, OFFER, OFFER_TO_ANOTHER, Step.STOP),
    "rings for what was withdrawn": (Phase.RINGING, OFFER, QUEUED, Step.STOP),
    "answered": (Phase.ANSWERED, OFFER, OFFER, Step.ACCEPT),
    "accepted": (Phase.ANSWERED, OFFER, ASSIGNMENT, Step.CONNECT),
    "answered what is another's": (Phase.ANSWERED, OFFER, OFFER_TO_ANOTHER, Step.STOP),
    "answered too late": (Phase.ANSWERED, OFFER, QUEUED, Step.STOP),
    "talks": (Phase.TALKING, OFFER, ASSIGNMENT, Step.NOTHING),
}


@pytest.mark.req("C9")
@pytest.mark.parametrize(("phase", "rung_for", "found", "step"), CASES.values(), ids=CASES.keys())
def test_a_phone_rings_for_the_offer_that_stands(phase, rung_for, found, step):
    """A phone rings, and is put through, for the offer or assignment that stands, and for no other."""
    assert decide(call(phase, rung_for), found) is step


@pytest.mark.req("T5")
def test_who_has_talked_is_completed():
    """An interaction that its agent has is completed when one of the two hangs up."""
    assert decide(call(Phase.OVER, OFFER), ASSIGNMENT) is Step.COMPLETE


@pytest.mark.req("T5")
@pytest.mark.parametrize("phase", [Phase.ABANDONED, Phase.REFUSED])
@pytest.mark.parametrize("found", [QUEUED, OFFER, ASSIGNMENT], ids=["queued", "offered", "assigned"])
def test_who_leaves_before_is_cancelled(phase, found):
    """An interaction whose contact was never put through is cancelled, even if its agent has accepted it."""
    assert decide(call(phase, OFFER), found) is Step.CANCEL


@pytest.mark.req("G6")
@pytest.mark.parametrize("phase", [Phase.ABANDONED, Phase.REFUSED, Phase.OVER])
@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_on_both_sides_is_forgotten(phase, state):
    """A call is forgotten only when its interaction has ended, too."""
    assert decide(call(phase, OFFER), interaction(state, "ana")) is Step.FORGET


@pytest.mark.req("C13")
@pytest.mark.parametrize("phase", [Phase.NEW, Phase.WAITING, Phase.DECLINED])
@pytest.mark.parametrize("state", ENDED)
def test_who_waits_for_what_has_ended_is_refused(phase, state):
    """A caller whose interaction expired, or was ended by somebody, doesn't wait on."""
    assert decide(call(phase), interaction(state)) is Step.REFUSE


@pytest.mark.req("G6")
def test_there_is_a_step_for_everything():
    """However the two stand, there is an answer: nothing that a restart finds is unforeseen."""
    for phase in Phase:
        for state in STATES:
            found = interaction(InteractionState.Name(state).removeprefix("INTERACTION_STATE_"), "ana")
            assert decide(call(phase, OFFER), found) in Step
        assert decide(call(phase, OFFER), None) in Step
