"""What always holds, told from the records alone: slow, plain, and on its own, so that the core can be held to it."""

from datetime import UTC, datetime
from fractions import Fraction

from cartera.core.records import (
    Agent,
    AgentPresence,
    ExclusiveAgent,
    Interaction,
    Portfolio,
    PortfolioActivity,
    Workgroup,
)
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    InteractionState,
    PortfolioState,
    Priority,
    RoutingReason,
)

WAITING = {InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED, InteractionState.UNASSIGNED}
ENDED = {InteractionState.COMPLETED, InteractionState.CANCELLED}
NEVER = datetime.min.replace(tzinfo=UTC)


def interactions(state, *states):
    return [each for each in state.table(Interaction).values() if each.state in states]


def units(state, agent_id):
    return sum(each.agent_id == agent_id for each in interactions(state, InteractionState.ASSIGNED))


def has_room(state, agent_id):
    return units(state, agent_id) < state.get(Agent, agent_id).capacity


def takes(state, agent_id, channel):
    """Whether an agent is online for a channel."""
    agent, presence = state.get(Agent, agent_id), state.get(AgentPresence, agent_id)
    if presence is None or presence.status is not AgentStatus.ONLINE:
        return False
    return channel in (agent.channels or (channel,)) and channel in (presence.channels or (channel,))


def owners(state, interaction):
    """The owners in the order of their rotation."""
    of_teams = [each for team in interaction.owner_workgroup_ids for each in state.get(Workgroup, team).member_ids]
    return list(dict.fromkeys((*interaction.owner_agent_ids, *of_teams)))


def available(state, interaction):
    """The agents who may be given a waiting interaction now, without being asked."""
    if interaction.state is InteractionState.UNASSIGNED:
        return []
    if interaction.exclusive_agent_id:
        return [each for each in (interaction.exclusive_agent_id,) if has_room(state, each)]
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup.method is AssignmentMethod.MANUAL:
        return []
    kept = interaction.owner_wait_until is not None
    eligible = owners(state, interaction) + ([] if kept else list(workgroup.member_ids))
    ready = [each for each in eligible if takes(state, each, interaction.channel) and has_room(state, each)]
    return list(dict.fromkeys(ready))


def order_of_service(state, interaction, now):
    """What the queue is ordered by: the priority that counts, then arrival."""
    ageing = state.get(Workgroup, interaction.workgroup_id).ageing_interval
    steps = (now - interaction.arrived_at) // ageing if ageing else 0
    return -min(interaction.priority + steps, Priority.URGENT), interaction.arrived_at, interaction.sequence


def next_in_rotation(members, last, ready):
    """The first after the last one, round the members, of those who are ready."""
    start = members.index(last) + 1 if last in members else 0
    return next(each for each in (*members[start:], *members[:start]) if each in ready)


def least_loaded(state, members, ready):
    def rank(agent_id):
        presence = state.get(AgentPresence, agent_id)
        load = Fraction(units(state, agent_id), state.get(Agent, agent_id).capacity)
        return load, presence.last_assigned_at or NEVER, members.index(agent_id)

    return min(ready, key=rank)


def picked(state, interaction, turns):
    """Who is to get an interaction that somebody is available for, and by which rule; given the workgroups' turns."""
    ready = available(state, interaction)
    if interaction.exclusive_agent_id:
        return interaction.exclusive_agent_id, RoutingReason.EXCLUSIVE_AGENT
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    own = owners(state, interaction)
    ready_owners = [each for each in own if each in ready]
    if ready_owners:
        members, candidates, reason = own, ready_owners, RoutingReason.OWNER
        activity = state.get(PortfolioActivity, interaction.portfolio_id)
        last = activity.turn_agent_id if activity else ""
    else:
        members, candidates, reason = workgroup.member_ids, ready, RoutingReason[workgroup.method.name]
        last = turns.get(workgroup.workgroup_id, "")
    if workgroup.method is AssignmentMethod.ROUND_ROBIN:
        return next_in_rotation(members, last, candidates), reason
    return least_loaded(state, members, candidates), reason


def broken_laws(state, now):
    """Every law that does not hold between two commands, in words."""
    return [*_of_waiting(state, now), *_of_holding(state), *_of_belonging(state), *_of_time(state, now)]


def _of_waiting(state, now):
    for each in interactions(state, *WAITING):
        for agent_id in available(state, each):
            yield f"{each.interaction_id} waits and {agent_id} is available"
    for each in interactions(state, InteractionState.RECEIVED):
        yield f"{each.interaction_id} is not placed"
    for kind in ("unplaced", "displaced", "matchable"):
        if getattr(state, kind):
            yield f"{kind} is left"


def _of_holding(state):
    for each in state.table(Interaction).values():
        held = each.state is InteractionState.ASSIGNED
        if held and not (each.agent_id and each.assigned_at):
            yield f"{each.interaction_id} is held by nobody"
        if each.state in WAITING and each.agent_id:
            yield f"{each.interaction_id} waits and is held"
        if (each.ended_at is None) == (each.state in ENDED):
            yield f"{each.interaction_id} has ended, or has not"


def _of_belonging(state):
    for each in interactions(state, InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED):
        if each.exclusive_agent_id:
            exclusive = state.get(ExclusiveAgent, each.contact_id, each.campaign_id)
            if exclusive is None or exclusive.agent_id != each.exclusive_agent_id:
                yield f"{each.interaction_id} waits for an exclusive agent of before"
        if each.portfolio_id:
            portfolio = state.get(Portfolio, each.portfolio_id)
            as_now = portfolio and (portfolio.state, portfolio.owner_agent_ids, portfolio.owner_workgroup_ids)
            if as_now != (PortfolioState.ACTIVE, each.owner_agent_ids, each.owner_workgroup_ids):
                yield f"{each.interaction_id} waits for owners of before"


def _of_time(state, now):
    for each in interactions(state, *WAITING):
        kept = each.state is InteractionState.WAITING_FOR_OWNER
        if kept != (each.owner_wait_until is not None) or (kept and each.owner_wait_until <= now):
            yield f"{each.interaction_id}'s owner wait is overdue"
    for each in state.table(AgentPresence).values():
        connected = each.status is not AgentStatus.OFFLINE
        if connected != (each.session_ends_at is not None) or (connected and each.session_ends_at <= now):
            yield f"{each.agent_id}'s session is overdue"
        if each.session_alert_at and each.session_alert_at <= now:
            yield f"{each.agent_id}'s alert is overdue"
