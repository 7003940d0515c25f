"""What is to be done next for a call: a function of how the call and its interaction stand, and of nothing else.

What was done before doesn't matter. So nothing is lost with a process: who starts again looks, and goes on.
"""

from enum import Enum, auto

from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState

from sidecar.call import HELD, Call, Phase

OFFERED = InteractionState.INTERACTION_STATE_OFFERED
ASSIGNED = InteractionState.INTERACTION_STATE_ASSIGNED
_ENDED = {
    InteractionState.INTERACTION_STATE_COMPLETED,
    InteractionState.INTERACTION_STATE_CANCELLED,
    InteractionState.INTERACTION_STATE_EXPIRED,
    InteractionState.INTERACTION_STATE_WRAP_UP,
}


class Step(Enum):
    """The next thing to do."""

    NOTHING = auto()
    """Wait for one of the two to change."""

    ROUTE = auto()
    ACCEPT = auto()
    REJECT = auto()
    GIVE_BACK = auto()
    """It was assigned to the agent without being offered, and the phone didn't answer."""
    COMPLETE = auto()
    CANCEL = auto()

    HOLD = auto()
    RING = auto()
    STOP = auto()
    CONNECT = auto()
    REFUSE = auto()
    FORGET = auto()


def decide(call: Call, interaction: Interaction | None) -> Step:
    if call.ended:
        return _end(call, interaction)
    if interaction is None:
        return Step.ROUTE if call.phase in HELD else Step.NOTHING
    if call.phase in HELD:
        return _held(call, interaction)
    if call.phase is Phase.RINGING:
        return Step.NOTHING if _is_for(call, interaction) else Step.STOP
    if call.phase is Phase.ANSWERED:
        return _answered(call, interaction)
    return Step.NOTHING


def offer_of(interaction: Interaction) -> str:
    """Names the occasion on which an agent was given it: a second offer to the same agent is another."""
    if interaction.state == OFFERED:
        return f"{interaction.agent_id} {interaction.state_since.ToJsonString()}"
    if interaction.state == ASSIGNED:
        return f"{interaction.agent_id} {interaction.assigned_at.ToJsonString()}"
    return ""


def has_ended(interaction: Interaction) -> bool:
    return interaction.state in _ENDED


def _is_for(call: Call, interaction: Interaction) -> bool:
    """Whether the agent whose phone rings is still the one; it may have accepted at its desktop meanwhile."""
    if interaction.state == ASSIGNED:
        return interaction.agent_id == call.agent
    return offer_of(interaction) == call.offer


def _held(call: Call, interaction: Interaction) -> Step:
    if has_ended(interaction):
        return Step.REFUSE
    if not offer_of(interaction):
        return Step.HOLD if call.phase is Phase.NEW else Step.NOTHING
    if call.phase is Phase.DECLINED and offer_of(interaction) == call.offer:
        return Step.REJECT if interaction.state == OFFERED else Step.GIVE_BACK
    return Step.RING  # also where it was accepted and yet came to nothing: its agent wants it


def _answered(call: Call, interaction: Interaction) -> Step:
    if not _is_for(call, interaction):
        return Step.STOP
    return Step.ACCEPT if interaction.state == OFFERED else Step.CONNECT


def _end(call: Call, interaction: Interaction | None) -> Step:
    if interaction is None:
        # Whether it was ever routed is not known here; the gateway looks for what no call stands behind.
        return Step.FORGET
    if has_ended(interaction):
        return Step.FORGET
    talked = call.phase is Phase.OVER and interaction.state == ASSIGNED
    return Step.COMPLETE if talked else Step.CANCEL
