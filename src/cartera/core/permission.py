"""Permission: the rules that are finer than the roles that a method names in the contract (docs/permissions.md).

They answer two questions. What does a caller see? Anything else is to it as if it were not there. What does it act on?
Anything else is refused alike, whether it is there or not: nobody finds out by trying.
"""

from collections.abc import Iterable, Iterator

from cartera.core.caller import Caller
from cartera.core.records import Agent, Campaign, ExclusiveAgent, Interaction, Portfolio, Workgroup
from cartera.core.references import references
from cartera.core.rejection import Rejected, reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, Role

# Who is limited, and to what


def sees_all(caller: Caller) -> bool:
    """Whether all of the tenant is a caller's business: it manages the tenant, or carries whatever is attended."""
    role = caller.actor.role
    return role is Role.ADMINISTRATOR or (role is Role.GATEWAY and caller.campaign_ids is None)


def is_narrowed(caller: Caller) -> bool:
    """Whether the caller's token names the workgroups or campaigns that it is for, and with them what it sees."""
    return caller.workgroup_ids is not None or caller.campaign_ids is not None


def manages(supervisor: Caller, workgroup: Workgroup) -> bool:
    """Whether a supervisor manages a workgroup: its token names it or, where that names none, the workgroup names the
    supervisor as its own (K7).
    """
    if supervisor.workgroup_ids is not None:
        return workgroup.workgroup_id in supervisor.workgroup_ids
    return supervisor.actor.subject_id in workgroup.supervisor_ids


def workgroups_narrowed_to(state: State, caller: Caller) -> frozenset[str] | None:
    """The workgroups that a narrowed caller sees: a supervisor's, or those that a gateway's campaigns name. None: the
    caller is not narrowed.
    """
    if caller.campaign_ids is None:
        return caller.workgroup_ids
    campaigns = (state.get(Campaign, each) for each in caller.campaign_ids)
    return frozenset(workgroup_id for campaign in campaigns if campaign for workgroup_id in campaign.workgroup_ids)


def own_id(caller: Caller) -> str:
    """The agent whose own interactions a caller sees, whatever they are under: who attends one must."""
    return caller.actor.subject_id if caller.actor.role is Role.AGENT else ""


# What a caller sees


def sees_workgroup(state: State, caller: Caller, workgroup: Workgroup) -> bool:
    """Whether a caller sees a workgroup: a supervisor those that it manages (K7)."""
    if caller.actor.role is Role.SUPERVISOR:
        return manages(caller, workgroup)
    narrowed_to = workgroups_narrowed_to(state, caller)
    return narrowed_to is None or workgroup.workgroup_id in narrowed_to


def sees_agent(state: State, caller: Caller, agent_id: str) -> bool:
    """Whether a caller sees an agent: a narrowed one the members of the workgroups that it sees."""
    narrowed_to = workgroups_narrowed_to(state, caller)
    return narrowed_to is None or not narrowed_to.isdisjoint(state.workgroups_of(agent_id))


def sees_campaign(caller: Caller, campaign_id: str) -> bool:
    """Whether a caller sees a campaign: a narrowed gateway its own."""
    return caller.campaign_ids is None or campaign_id in caller.campaign_ids


def sees_portfolio(state: State, caller: Caller, portfolio: Portfolio) -> bool:
    """Whether a caller sees a portfolio: an agent those assigned to it (P5), a narrowed supervisor those of its agents
    and workgroups.
    """
    if caller.actor.role is Role.AGENT or is_narrowed(caller):
        return may_edit(state, caller, portfolio)
    return True


def sees_interactions(caller: Caller, workgroup: Workgroup) -> bool:
    """Whether a caller sees what is under a workgroup, as far as that decides it: of a private one its members, its
    supervisors, administrators and gateways do (Z5); a narrowed supervisor sees what is under its own.
    """
    if caller.actor.role is Role.SUPERVISOR:
        return manages(caller, workgroup) or not (workgroup.private or is_narrowed(caller))
    return not workgroup.private or caller.actor.role is not Role.AGENT or own_id(caller) in workgroup.member_ids


def sees(caller: Caller, interaction: Interaction, workgroup: Workgroup | None) -> bool:
    """Whether a caller sees an interaction under that workgroup."""
    own = own_id(caller)
    if own and own == interaction.agent_id:
        return True
    return sees_campaign(caller, interaction.campaign_id) and (
        workgroup is None or sees_interactions(caller, workgroup)
    )


def require_seen(state: State, caller: Caller, interaction: Interaction) -> None:
    """An interaction that a caller does not see is to it as none (Z5).

    Raises:
        Rejected: RESOURCE_NOT_FOUND.

    """
    if not sees(caller, interaction, state.get(Workgroup, interaction.workgroup_id)):
        raise reject(ErrorReason.RESOURCE_NOT_FOUND, f"interaction/{interaction.interaction_id}")


# What a caller acts on


def require_agent(state: State, caller: Caller, agent_id: str) -> None:
    """An agent acts as itself only, a supervisor for its agents, a narrowed gateway for the agents it sees.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if not acts_for(state, caller, agent_id):
        raise _denied("agent", agent_id)


def acts_for(state: State, caller: Caller, agent_id: str) -> bool:
    """Whether a caller acts for an agent."""
    role = caller.actor.role
    if role is Role.AGENT:
        return caller.actor.subject_id == agent_id
    if role is Role.SUPERVISOR:
        return _manages_any(state, caller, state.workgroups_of(agent_id))
    return sees_agent(state, caller, agent_id)


def require_acting(state: State, caller: Caller, interaction: Interaction | None, interaction_id: str) -> None:
    """An agent acts on the interactions that it holds, or held last; a supervisor on those under its workgroups; a
    narrowed gateway on those of its campaigns.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if not sees_all(caller) and not (interaction and _acts_on(state, caller, interaction)):
        raise _denied("interaction", interaction_id)


def _acts_on(state: State, caller: Caller, interaction: Interaction) -> bool:
    role = caller.actor.role
    if role is Role.AGENT:
        return caller.actor.subject_id == interaction.agent_id
    if role is Role.SUPERVISOR:
        return _manages_any(state, caller, (interaction.workgroup_id,))
    return sees_campaign(caller, interaction.campaign_id)


def require_campaign(caller: Caller, campaign_id: str) -> None:
    """A narrowed gateway brings interactions into its own campaigns.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if not sees_campaign(caller, campaign_id):
        raise _denied("campaign", campaign_id)


def require_portfolio(state: State, caller: Caller, portfolio: Portfolio | None, portfolio_id: str) -> None:
    """A caller edits only the portfolios that it may; others it can't tell from none.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if not may_edit(state, caller, portfolio):
        raise _denied("portfolio", portfolio_id)


def may_edit(state: State, caller: Caller, portfolio: Portfolio | None) -> bool:
    """Whether a caller may edit a portfolio: an agent those assigned to it (P5), a supervisor those of its agents and
    workgroups.
    """
    if sees_all(caller):
        return True
    if portfolio is None:
        return False
    if caller.actor.role is Role.AGENT:
        return owns(state, portfolio, caller.actor.subject_id)
    owned_by_agents = any(acts_for(state, caller, each) for each in portfolio.owner_agent_ids)
    return caller.actor.role is Role.SUPERVISOR and (
        owned_by_agents or _manages_any(state, caller, portfolio.owner_workgroup_ids)
    )


def owns(state: State, portfolio: Portfolio, agent_id: str) -> bool:
    """Whether an agent owns a portfolio, itself or as a member of a team (P6)."""
    teams = state.workgroups_of(agent_id)
    return agent_id in portfolio.owner_agent_ids or any(each in teams for each in portfolio.owner_workgroup_ids)


def require_exclusive(state: State, caller: Caller, exclusive: ExclusiveAgent | None) -> None:
    """A contact's exclusive agent is replaced and removed by who acts for that agent (E1).

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if not sees_all(caller) and not (exclusive and acts_for(state, caller, exclusive.agent_id)):
        raise _denied("exclusive_agent", exclusive.contact_id if exclusive else "")


def require_supervision(caller: Caller, workgroup: Workgroup | None, workgroup_id: str) -> None:
    """A supervisor changes only the workgroups that it manages (K3, K7).

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if caller.actor.role is Role.SUPERVISOR and not (workgroup and manages(caller, workgroup)):
        raise _denied("workgroup", workgroup_id)


def require_same_supervisors(caller: Caller, former: Workgroup, updated: Workgroup) -> None:
    """A supervisor changes its workgroups, but not whose they are.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if caller.actor.role is Role.SUPERVISOR and set(former.supervisor_ids) != set(updated.supervisor_ids):
        raise _denied("workgroup", former.workgroup_id)


def kept_from(state: State, caller: Caller, former: Workgroup, updated: Workgroup) -> Iterator[tuple[type, str]]:
    """What a supervisor would have its workgroup name that is not its own, by type and id: by that it would get hold of
    other agents, and learn which there are.
    """
    if caller.actor.role is not Role.SUPERVISOR:
        return
    before = {(named, identifier) for _, named, identifier in references(former)}
    for _, named, identifier in references(updated):
        if (named, identifier) not in before and not _is_own(state, caller, named, identifier):
            yield named, identifier


def _is_own(state: State, supervisor: Caller, named: type, identifier: str) -> bool:
    if named is Agent:
        return acts_for(state, supervisor, identifier)
    return named is not Workgroup or _manages_any(state, supervisor, (identifier,))


def _manages_any(state: State, supervisor: Caller, workgroup_ids: Iterable[str]) -> bool:
    workgroups = (state.get(Workgroup, each) for each in workgroup_ids)
    return any(workgroup is not None and manages(supervisor, workgroup) for workgroup in workgroups)


def _denied(kind: str, identifier: str) -> Rejected:
    return reject(ErrorReason.PERMISSION_DENIED, f"{kind}/{identifier}")
