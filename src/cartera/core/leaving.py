"""Leaving: what a change of an agent's presence means for what it holds (C5, C9)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cartera.core.availability import channels_handled, channels_online
from cartera.core.belonging import last_agent_of, sticky_portfolio
from cartera.core.events import (
    Event,
    InteractionOfferWithdrawn,
    InteractionReturnCancelled,
    InteractionReturnScheduled,
)
from cartera.core.methods import method_of
from cartera.core.records import Agent, AgentPresence, ExclusiveAgent, Interaction, Portfolio, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, InteractionState, LeavingPolicy


def consequences(state: State, former: AgentPresence, presence: AgentPresence, now: datetime) -> list[Event]:
    """What follows for an agent's interactions from its presence becoming what it is: offers it can't take any more are
    withdrawn at once; what it holds is returned when it leaves, if its workgroup wants that, unless it comes back.
    """
    agent = state.get(Agent, presence.agent_id)
    events = withdrawals(state, agent, presence) if agent else []
    assigned = [each for each in state.held_by(presence.agent_id) if each.state is InteractionState.ASSIGNED]
    if presence.status is AgentStatus.OFFLINE and former.status is not AgentStatus.OFFLINE:
        events.extend(_returns(state, assigned, now))
    if presence.status is not AgentStatus.OFFLINE:
        events.extend(
            InteractionReturnCancelled(each.interaction_id, each.workgroup_id, each.agent_id)
            for each in assigned
            if each.state_until is not None
        )
    return events


def withdrawals(state: State, agent: Agent, presence: AgentPresence | None) -> list[Event]:
    """The offers to an agent that it can't take as it is now: it is not online for their channel (C9)."""
    online = channels_online(agent, presence)
    return [
        InteractionOfferWithdrawn(each.interaction_id, each.workgroup_id, each.agent_id)
        for each in state.held_by(agent.agent_id)
        if each.state is InteractionState.OFFERED and each.channel not in online
    ]


def _returns(state: State, assigned: list[Interaction], now: datetime) -> Iterator[Event]:
    for interaction in assigned:
        wait = _time_until_return(state, interaction, now)
        if wait is not None:
            yield InteractionReturnScheduled(
                interaction.interaction_id, interaction.workgroup_id, interaction.agent_id, now + wait
            )


def _time_until_return(state: State, interaction: Interaction, now: datetime) -> timedelta | None:
    """How long after its agent has left an interaction is returned; None where the agent keeps it: by the workgroup's
    policy, or because that agent would be given it again, online or not (E1, M4, M5, M6).
    """
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or _would_come_back(state, interaction, workgroup, now):
        return None
    if workgroup.leaving_policy is LeavingPolicy.RETURN:
        return timedelta()
    if workgroup.leaving_policy is LeavingPolicy.RETURN_AFTER_DEBOUNCE:
        return workgroup.leaving_debounce or timedelta()
    return None


def _would_come_back(state: State, interaction: Interaction, workgroup: Workgroup, now: datetime) -> bool:
    """Whether the agent is its contact's exclusive agent by now (E1), or else whom the workgroup chooses for it without
    asking who is online (M5, M6), or its contact's last agent (M4) where no owner comes first (K1).
    """
    agent = state.get(Agent, interaction.agent_id)
    exclusive = state.get(ExclusiveAgent, interaction.contact_id, interaction.campaign_id)
    if exclusive:
        return exclusive.agent_id == interaction.agent_id
    if agent is None or interaction.channel not in channels_handled(agent):
        return False
    chosen = method_of(workgroup).chosen
    if chosen:
        return agent.agent_id in chosen(workgroup, interaction.channel)
    if last_agent_of(state, interaction) != agent.agent_id:
        return False
    return not isinstance(sticky_portfolio(state, interaction, "", now), Portfolio)
