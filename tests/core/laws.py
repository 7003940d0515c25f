"""What always holds, told from the records alone: slow, plain, and on its own, so that the core can be held to it."""

from datetime import UTC, datetime
from fractions import Fraction

from cartera.core.records import (
    Agent,
    AgentPresence,
    ChannelRule,
    ExclusiveAgent,
    Interaction,
    Portfolio,
    PortfolioActivity,
    Tenant,
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
HELD = {InteractionState.OFFERED, InteractionState.ASSIGNED, InteractionState.WRAP_UP}
ENDED = {InteractionState.COMPLETED, InteractionState.CANCELLED, InteractionState.EXPIRED, InteractionState.WRAP_UP}
ONLINE_OR_NOT = {AssignmentMethod.DEFAULT_GROUP, AssignmentMethod.BY_CHANNEL}
NEVER = datetime.min.replace(tzinfo=UTC)


def interactions(state, *states):
    return [each for each in state.table(Interaction).values() if each.state in states]


def held(state, agent_id):
    return [each for each in interactions(state, *HELD) if each.agent_id == agent_id]


def rule(state, agent_id, channel):
    """What an interaction of the channel takes of the agent."""
    tenant = state.get(Tenant)
    of_tenant = tenant.channel_rules if tenant else ()
    rules = [*state.get(Agent, agent_id).channel_rules, *of_tenant, ChannelRule(channel)]
    return next(each for each in rules if each.channel is channel)


def units(state, agent_id):
    return sum(rule(state, agent_id, each.channel).cost for each in held(state, agent_id))


def has_room(state, agent_id, channel):
    holding = held(state, agent_id)
    if any(rule(state, agent_id, each.channel).exclusive for each in holding):
        return False
    mine = rule(state, agent_id, channel)
    of_channel = sum(each.channel is channel for each in holding)
    fits = units(state, agent_id) + mine.cost <= state.get(Agent, agent_id).capacity
    return fits and (not mine.limit or of_channel < mine.limit)


def handles(state, agent_id, channel):
    return channel in (state.get(Agent, agent_id).channels or (channel,))


def takes(state, agent_id, channel):
    """Whether an agent is online for a channel."""
    presence = state.get(AgentPresence, agent_id)
    if presence is None or presence.status is not AgentStatus.ONLINE:
        return False
    return handles(state, agent_id, channel) and channel in (presence.channels or (channel,))


def rests(state, agent_id):
    """Whether an agent is online and is given nothing for a while."""
    presence = state.get(AgentPresence, agent_id)
    return bool(presence and presence.status is AgentStatus.ONLINE and presence.cool_down_until)


def levels(state, agent_id):
    return {each.name: each.level for each in state.get(Agent, agent_id).skills}


def has_skills(state, agent_id, interaction):
    return all(levels(state, agent_id).get(each.skill, 0) >= each.level for each in interaction.skills)


def has_room_and_does_not_rest(state, agent_id, channel):
    return has_room(state, agent_id, channel) and not rests(state, agent_id)


def is_available(state, agent_id, channel):
    return takes(state, agent_id, channel) and has_room_and_does_not_rest(state, agent_id, channel)


def owners(state, interaction):
    """The owners in the order of their rotation."""
    of_teams = [each for team in interaction.owner_workgroup_ids for each in state.get(Workgroup, team).member_ids]
    return list(dict.fromkeys((*interaction.owner_agent_ids, *of_teams)))


def method(workgroup):
    """The method that a workgroup chooses by."""
    if workgroup.method is not AssignmentMethod.LAST_AGENT:
        return workgroup.method
    fallback = workgroup.last_agent.fallback_method if workgroup.last_agent else None
    return fallback or AssignmentMethod.ROUND_ROBIN


def chosen_agents(workgroup, channel):
    """Whom a method that gives to who is online or not chooses from."""
    if method(workgroup) is AssignmentMethod.DEFAULT_GROUP:
        return workgroup.default_agent_ids
    return next((each.agent_ids for each in workgroup.channel_agents if each.channel is channel), ())


def of_workgroup(state, interaction, workgroup_id):
    """The members whom a workgroup may give an interaction now."""
    workgroup = state.get(Workgroup, workgroup_id)
    if method(workgroup) is AssignmentMethod.MANUAL:
        return []
    skilled = [each for each in workgroup.member_ids if has_skills(state, each, interaction)]
    channel = interaction.channel
    if method(workgroup) not in ONLINE_OR_NOT:
        return [each for each in skilled if is_available(state, each, channel)]
    chosen = [each for each in skilled if each in chosen_agents(workgroup, channel) and handles(state, each, channel)]
    return [each for each in chosen if has_room_and_does_not_rest(state, each, channel)]


def sources(state, interaction):
    """Who may be given an interaction without being asked: by the rule that decides, in the order of the rules."""
    if interaction.state is InteractionState.UNASSIGNED or interaction.state_until:
        return []
    if interaction.exclusive_agent_id:
        agent_id = interaction.exclusive_agent_id
        fits = has_room_and_does_not_rest(state, agent_id, interaction.channel)
        return [("exclusive", [agent_id] if fits else [])]
    automatic = method(state.get(Workgroup, interaction.workgroup_id)) is not AssignmentMethod.MANUAL
    found = _of_whom_it_belongs_to(state, interaction) if automatic else []
    if interaction.owner_wait_until is None:
        serving = (interaction.workgroup_id, *interaction.overflow_workgroup_ids)
        found += [(each, _of_serving(state, interaction, each)) for each in serving]
    return found


def _of_serving(state, interaction, workgroup_id):
    """What a workgroup that overflow added has to give are those who are available, whatever its method."""
    found = of_workgroup(state, interaction, workgroup_id)
    if workgroup_id == interaction.workgroup_id:
        return found
    return [each for each in found if is_available(state, each, interaction.channel)]


def _of_whom_it_belongs_to(state, interaction):
    def ready(agent_ids):
        return [each for each in agent_ids if is_available(state, each, interaction.channel)]

    found = [("owner", ready(owners(state, interaction))), ("backup", ready(interaction.backup_agent_ids))]
    last = interaction.last_agent_id
    if last and not (interaction.owner_wait_until and interaction.portfolio_id):
        fits = handles(state, last, interaction.channel)
        fits = fits and has_room_and_does_not_rest(state, last, interaction.channel)
        found.append(("last", [last] if fits else []))
    return found


def available(state, interaction):
    """The agents who may be given a waiting interaction now, without being asked."""
    return list(dict.fromkeys(agent_id for _, agent_ids in sources(state, interaction) for agent_id in agent_ids))


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
        return load, (presence and presence.last_assigned_at) or NEVER, members.index(agent_id)

    return min(ready, key=rank)


def longest_idle(state, members, ready):
    def rank(agent_id):
        presence = state.get(AgentPresence, agent_id)
        return (presence and presence.idle_since) or NEVER, members.index(agent_id)

    return min(ready, key=rank)


def best_skilled(state, ready, interaction):
    """Those who meet the skills demanded best."""
    demanded = {each.skill for each in interaction.skills}

    def score(agent_id):
        return sum(level for skill, level in levels(state, agent_id).items() if skill in demanded)

    best = max(map(score, ready))
    return [each for each in ready if score(each) == best]


def picked(state, interaction, turns):
    """Who is to get an interaction that somebody is available for, and by which rule; given the turns."""
    source, ready = next((source, ready) for source, ready in sources(state, interaction) if ready)
    alone = {"exclusive": RoutingReason.EXCLUSIVE_AGENT, "last": RoutingReason.LAST_AGENT}
    if source in alone:
        return ready[0], alone[source]
    if source in ("owner", "backup"):
        return _picked_of_portfolio(state, interaction, source, ready)
    workgroup = state.get(Workgroup, source)
    if method(workgroup) is AssignmentMethod.BEST_SKILL:
        ready = best_skilled(state, ready, interaction)
    last = turns.get(turn_key(workgroup, interaction), "")
    agent_id = _by_method(state, workgroup, workgroup.member_ids, ready, last)
    return agent_id, RoutingReason[method(workgroup).name]


def _picked_of_portfolio(state, interaction, source, ready):
    members = owners(state, interaction) if source == "owner" else list(interaction.backup_agent_ids)
    activity = state.get(PortfolioActivity, interaction.portfolio_id)
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if method(workgroup) is AssignmentMethod.BEST_SKILL:
        ready = best_skilled(state, ready, interaction)
    agent_id = _by_method(state, workgroup, members, ready, activity.turn_agent_id if activity else "")
    return agent_id, RoutingReason.OWNER if source == "owner" else RoutingReason.BACKUP_OWNER


def turn_key(workgroup, interaction):
    """Whose rotation it is: the workgroup's, or with BY_CHANNEL the channel's there."""
    by_channel = method(workgroup) is AssignmentMethod.BY_CHANNEL
    return (workgroup.workgroup_id, interaction.channel if by_channel else None)


def _by_method(state, workgroup, members, ready, last):
    if method(workgroup) is AssignmentMethod.LEAST_LOAD:
        return least_loaded(state, members, ready)
    if method(workgroup) in (AssignmentMethod.LONGEST_IDLE, AssignmentMethod.BEST_SKILL):
        return longest_idle(state, members, ready)
    return next_in_rotation(members, last, ready)


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
        if each.state in HELD and not each.agent_id:
            yield f"{each.interaction_id} is held by nobody"
        if each.state in WAITING and each.agent_id:
            yield f"{each.interaction_id} waits and is held"
        if (each.ended_at is None) == (each.state in ENDED):
            yield f"{each.interaction_id} has ended, or has not"
    for each in interactions(state, InteractionState.OFFERED):
        if state.get(AgentPresence, each.agent_id).status is not AgentStatus.ONLINE:
            yield f"{each.interaction_id} is offered to who is not online"


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
        if each.state_until is None and kept != (each.owner_wait_until is not None):
            yield f"{each.interaction_id} is kept, or is not"
        if any(due and due <= now for due in (each.owner_wait_until, each.expires_at, each.unattended_at)):
            yield f"{each.interaction_id} is overdue"
    for each in state.table(Interaction).values():
        if each.state_until and each.state_until <= now:
            yield f"{each.interaction_id}'s state is overdue"
    for each in state.table(AgentPresence).values():
        connected = each.status is not AgentStatus.OFFLINE
        if connected != (each.session_ends_at is not None) or (connected and each.session_ends_at <= now):
            yield f"{each.agent_id}'s session is overdue"
        if any(due and due <= now for due in (each.session_alert_at, each.cool_down_until)):
            yield f"{each.agent_id}'s alert or cool-down is overdue"
