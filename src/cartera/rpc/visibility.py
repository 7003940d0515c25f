"""What a caller may see, where its role alone doesn't say it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core.change import Change
from cartera.core.events import Event, WorkgroupDeleted, WorkgroupSaved
from cartera.core.permission import manages, own_id, owns, sees_all, sees_interactions
from cartera.core.records import Actor, Portfolio, Workgroup
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, PortfolioState, Role
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading, missing
from cartera.store.reads import NOTHING_HIDDEN, Hidden, Snapshot

Visible = Callable[[State, Any], bool]

_MOST_WORKGROUPS = 100_000


async def require_visible_portfolio(reading: Reading, call: Call[Any]) -> None:
    """To an agent, a portfolio that is not assigned to it is as none (P5).

    Raises:
        Rejected: RESOURCE_NOT_FOUND.

    """
    if call.actor.role is not Role.AGENT:
        return
    agent_id, portfolio_id = call.actor.subject_id, call.request.portfolio_id

    def question(state: State, _now: datetime) -> bool:
        portfolio = state.get(Portfolio, portfolio_id)
        return portfolio is not None and owns(state, portfolio, agent_id)

    if not await reading.ask_state(call, question):
        raise missing(Portfolio, (portfolio_id,))


def assigned_portfolios(call: Call[Any]) -> Visible | None:
    """An agent lists the portfolios assigned to it (P5), without the inactive ones if it asks so (P4). None: everybody
    else lists all.
    """
    agent_id, assignable_only = call.actor.subject_id, call.request.assignable_only

    def visible(state: State, portfolio: Portfolio) -> bool:
        active = portfolio.state is PortfolioState.ACTIVE or not assignable_only
        return active and owns(state, portfolio, agent_id)

    return visible if call.actor.role is Role.AGENT else None


def managed_workgroups(call: Call[Any]) -> Visible | None:
    """A supervisor lists the workgroups that it manages (K7). None: everybody else lists all."""
    actor = call.actor

    def visible(_state: State, workgroup: Workgroup) -> bool:
        return manages(actor, workgroup)

    return visible if actor.role is Role.SUPERVISOR else None


def require_managed(call: Call[Any], workgroup: Workgroup | None) -> None:
    """A supervisor reads the workgroups that it manages (K7), and learns nothing of others, not whether there are any.

    Raises:
        Rejected: PERMISSION_DENIED.

    """
    if call.actor.role is Role.SUPERVISOR and not (workgroup and manages(call.actor, workgroup)):
        raise reject(ErrorReason.PERMISSION_DENIED, f"workgroup/{call.request.workgroup_id}")


def hidden_from(actor: Actor, snapshot: Snapshot) -> Hidden:
    """The interactions that a caller does not see (Z5)."""
    if sees_all(actor):
        return NOTHING_HIDDEN
    private = snapshot.page(Workgroup, where={"private": True}, limit=_MOST_WORKGROUPS).records
    hidden = frozenset(each.workgroup_id for each in private if not sees_interactions(actor, each))
    return Hidden(hidden, own_id(actor))


class Sight:
    """What a watcher sees of the changes of a tenant: not the events of interactions under private workgroups that are
    not its business (Z5). It begins with what is hidden at a revision, and follows what becomes of the workgroups.
    """

    def __init__(self, actor: Actor, revision: int, hidden: Hidden) -> None:
        self._actor = actor
        self._revision = revision
        self._hidden = set(hidden.workgroup_ids)

    def seen(self, change: Change) -> Change:
        """The change with those of its events that are seen; itself where all are."""
        if change.revision > self._revision:
            self._follow(change)
        if not self._hidden:
            return change
        seen = tuple(filter(self._sees, change.events))
        return change if len(seen) == len(change.events) else change._replace(events=seen)

    def _follow(self, change: Change) -> None:
        for event in change.events:
            if isinstance(event, WorkgroupSaved):
                self._look_at(event.workgroup)
            elif isinstance(event, WorkgroupDeleted):
                self._hidden.discard(event.workgroup_id)

    def _look_at(self, workgroup: Workgroup) -> None:
        if sees_interactions(self._actor, workgroup):
            self._hidden.discard(workgroup.workgroup_id)
        else:
            self._hidden.add(workgroup.workgroup_id)

    def _sees(self, event: Event) -> bool:
        concerned: Any = getattr(event, "interaction", event)
        if not hasattr(concerned, "interaction_id") or concerned.workgroup_id not in self._hidden:
            return True
        own = own_id(self._actor)
        return own != "" and own in (getattr(concerned, "agent_id", ""), getattr(event, "from_agent_id", ""))
