"""What stories of offers share (C9): a workgroup that offers, who answers, and where it then is."""

from datetime import timedelta

from cartera.core.records import AgentPresence
from cartera.core.vocabulary import InteractionState, RoutingReason
from tests.core.specification import agent_actor, given
from tests.core.tenants import online, ventas

SECOND = timedelta(seconds=1)
RINGS, COOL_DOWN = 20 * SECOND, 30 * SECOND
WAITS = (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")


def offering(*members, **fields):
    """A workgroup that offers what it gives for 20 seconds; its members are online."""
    return given(ventas(*members, offer_timeout=RINGS, **fields), online(*members))


def offered_to(agent_id, reason=RoutingReason.ROUND_ROBIN):
    return InteractionState.OFFERED, reason, agent_id


def held_by(agent_id, reason=RoutingReason.ROUND_ROBIN):
    return InteractionState.ASSIGNED, reason, agent_id


def answers(story, command, agent_id, contact_id="luis", **fields):
    """The agent accepts or rejects what it is offered."""
    return story.when(command(story.id_of(contact_id), agent_id), by=agent_actor(agent_id), **fields)


def presence(story, agent_id="ana"):
    return story.get(AgentPresence, agent_id)
