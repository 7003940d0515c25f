"""Permission: the rules that are finer than the roles that a method names in the contract."""

from cartera.core.records import Actor, Interaction, Portfolio, Workgroup
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, Role


def require_self(actor: Actor, agent_id: str) -> None:
    """An agent acts as itself only."""
    if actor.role is Role.AGENT and actor.subject_id != agent_id:
        raise reject(ErrorReason.PERMISSION_DENIED, f"agent/{agent_id}")


def require_holder(actor: Actor, interaction: Interaction) -> None:
    """An agent ends and transfers only the interactions it holds."""
    if actor.role is Role.AGENT and actor.subject_id != interaction.agent_id:
        raise reject(ErrorReason.PERMISSION_DENIED, f"interaction/{interaction.interaction_id}")


def require_portfolio(actor: Actor, state: State, portfolio: Portfolio | None, portfolio_id: str) -> None:
    """An agent sees and edits only the portfolios assigned to it (P5); others it can't tell from none."""
    if not may_edit(actor, state, portfolio):
        raise reject(ErrorReason.PERMISSION_DENIED, f"portfolio/{portfolio_id}")


def may_edit(actor: Actor, state: State, portfolio: Portfolio | None) -> bool:
    """Whether a caller may edit a portfolio: an agent only one that is assigned to it (P5)."""
    return actor.role is not Role.AGENT or (portfolio is not None and owns(state, portfolio, actor.subject_id))


def owns(state: State, portfolio: Portfolio, agent_id: str) -> bool:
    """Whether an agent owns a portfolio, itself or as a member of a team (P6)."""
    teams = state.availability.workgroups_of(agent_id)
    return agent_id in portfolio.owner_agent_ids or any(each in teams for each in portfolio.owner_workgroup_ids)


def require_supervision(actor: Actor, workgroup: Workgroup | None, workgroup_id: str) -> None:
    """A supervisor changes only the workgroups that name it (K3, K7)."""
    if actor.role is not Role.SUPERVISOR:
        return
    if workgroup is None or not manages(actor, workgroup):
        raise reject(ErrorReason.PERMISSION_DENIED, f"workgroup/{workgroup_id}")


def manages(supervisor: Actor, workgroup: Workgroup) -> bool:
    """Whether a workgroup names a supervisor as its own (K7)."""
    return supervisor.subject_id in workgroup.supervisor_ids


def sees_all(actor: Actor) -> bool:
    """Whether private workgroups are to a caller like any other: it manages the tenant, or carries what they attend."""
    return actor.role in (Role.ADMINISTRATOR, Role.GATEWAY)


def sees_interactions(actor: Actor, workgroup: Workgroup) -> bool:
    """Whether a caller sees what is under a workgroup: of a private one its members, the supervisors it names,
    administrators and gateways do (Z5).
    """
    if not workgroup.private or sees_all(actor):
        return True
    return manages(actor, workgroup) if actor.role is Role.SUPERVISOR else actor.subject_id in workgroup.member_ids


def own_id(actor: Actor) -> str:
    """The agent whose own interactions a caller sees, whatever they are under: who attends one must."""
    return actor.subject_id if actor.role is Role.AGENT else ""


def sees(actor: Actor, interaction: Interaction, workgroup: Workgroup | None) -> bool:
    """Whether a caller sees an interaction under that workgroup."""
    own = own_id(actor)
    return workgroup is None or sees_interactions(actor, workgroup) or (own != "" and own == interaction.agent_id)


def require_seen(state: State, actor: Actor, interaction: Interaction) -> None:
    """An interaction that a caller does not see is to it as none (Z5).

    Raises:
        Rejected: RESOURCE_NOT_FOUND.

    """
    if not sees(actor, interaction, state.get(Workgroup, interaction.workgroup_id)):
        raise reject(ErrorReason.RESOURCE_NOT_FOUND, f"interaction/{interaction.interaction_id}")
