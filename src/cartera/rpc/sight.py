"""What a watcher sees of the changes of a tenant: the same as its calls would show it (docs/permissions.md).

It begins with what the caller sees at a revision, and follows what becomes of that. What has happened before is seen as
things are now: whoever resumes sees the past of what it may read today.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from cartera.core import events
from cartera.core.caller import Caller
from cartera.core.change import Change
from cartera.core.events import NUMBERS, Event
from cartera.core.permission import is_narrowed, manages, own_id, sees_all, sees_campaign, sees_interactions
from cartera.core.records import Interaction, Portfolio, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import Role
from cartera.rpc.visibility import ids_seen, members, sees_every, workgroups_seen
from cartera.store.reads import NOTHING_HIDDEN, Hidden

INTERACTIONS_KEPT = 10_000
"""Of how many interactions a stream remembers whether they are of a gateway's campaigns; of others it asks again."""

_CHANGE_THE_VIEW = frozenset({events.WorkgroupSaved, events.WorkgroupDeleted, events.CampaignSaved})


class View(NamedTuple):
    """What a caller sees at a revision, or in an agent's case has, as far as it doesn't see all."""

    revision: int = 0
    workgroup_ids: frozenset[str] = frozenset()
    agent_ids: frozenset[str] = frozenset()
    portfolio_ids: frozenset[str] = frozenset()


def view_of(state: State, caller: Caller) -> View:
    """The view of a caller who doesn't see all."""
    own = own_id(caller)
    if own:
        workgroup_ids, agent_ids = frozenset(state.workgroups_of(own)), frozenset({own})
    else:
        workgroup_ids = workgroups_seen(state, caller)
        agent_ids = frozenset(members(state, workgroup_ids))
    portfolio_ids = () if sees_every(caller, Portfolio) else ids_seen(state, caller, Portfolio)
    return View(state.revision, workgroup_ids, agent_ids, frozenset(portfolio_ids))


class Sight:
    """What one caller sees."""

    def __init__(self, caller: Caller, revision: int = 0, hidden: Hidden = NOTHING_HIDDEN, view: View = View()) -> None:
        self.is_whole = sees_all(caller)
        self._caller = caller
        self._revision = revision
        self._hidden = set(hidden.workgroup_ids)
        self._of_campaigns: dict[str, bool] = {}
        self.renew(view)

    # How it is kept up to date

    def is_outdated_by(self, change: Change) -> bool:
        """Whether after a change the view must be renewed, because the change alone doesn't tell what it is now."""
        if self.is_whole or _CHANGE_THE_VIEW.isdisjoint(map(type, change.events)):
            return False
        return change.revision > self._view.revision and any(map(self._outdates, change.events))

    def _outdates(self, event: Event) -> bool:
        if isinstance(event, events.WorkgroupSaved):
            return self._changes_members(event.workgroup)
        own = self._caller.campaign_ids or ()
        return isinstance(event, events.CampaignSaved) and event.campaign.campaign_id in own

    def _changes_members(self, workgroup: Workgroup) -> bool:
        known = workgroup.workgroup_id in self._view.workgroup_ids
        if is_narrowed(self._caller):
            return known
        if self._caller.actor.role is Role.SUPERVISOR:
            return known is not manages(self._caller, workgroup)
        return known is not (own_id(self._caller) in workgroup.member_ids)

    def renew(self, view: View) -> None:
        """Take in the view as it is by now."""
        self._view = view
        self._portfolio_ids = set(view.portfolio_ids)

    def unknown(self, change: Change) -> set[str]:
        """The interactions of which it must be asked whether they are of the caller's campaigns."""
        if self._caller.campaign_ids is None:
            return set()
        of_change: tuple[Any, ...] = change.events
        named = {each.interaction_id for each in of_change if hasattr(each, "interaction_id")}
        told = {each.interaction.interaction_id for each in of_change if hasattr(each, "interaction")}
        return named - told - self._of_campaigns.keys()

    def learn(self, asked: Iterable[str], campaign_of: Mapping[str, str]) -> None:
        """Take in of which campaigns interactions are; those that aren't there are of none."""
        for interaction_id in asked:
            self._remember(interaction_id, campaign_of.get(interaction_id, ""))

    def _remember(self, interaction_id: str, campaign_id: str) -> None:
        self._of_campaigns[interaction_id] = sees_campaign(self._caller, campaign_id)

    def _let_go(self) -> None:
        """Only of what no change that is being judged may name."""
        for interaction_id in list(islice(self._of_campaigns, max(0, len(self._of_campaigns) - INTERACTIONS_KEPT))):
            del self._of_campaigns[interaction_id]

    # What is seen

    def seen(self, change: Change) -> Change:
        """The change with those of its events that are seen; itself where all are."""
        if self.is_whole:
            return change
        types = {type(event) for event in change.events}
        if change.revision > self._revision and not types.isdisjoint(_CHANGE_THE_VIEW):
            self._follow(change)
        if not (self._hidden or is_narrowed(self._caller)) and types.isdisjoint(self._judged_of_all):
            return change
        seen = tuple([event for event in change.events if self.sees(event)])
        self._let_go()
        return change if len(seen) == len(change.events) else change._replace(events=seen)

    def sees(self, event: Event) -> bool:
        """Whether an event is seen."""
        return self.is_whole or self._judges[type(event)](self, event)

    def _follow(self, change: Change) -> None:
        for event in change.events:
            if isinstance(event, events.WorkgroupSaved):
                self._look_at(event.workgroup)
            elif isinstance(event, events.WorkgroupDeleted):
                self._hidden.discard(event.workgroup_id)

    def _look_at(self, workgroup: Workgroup) -> None:
        if sees_interactions(self._caller, workgroup):
            self._hidden.discard(workgroup.workgroup_id)
        else:
            self._hidden.add(workgroup.workgroup_id)

    def _any(self, _event: Event) -> bool:
        return True

    def _interaction(self, event: Any) -> bool:
        if self._caller.campaign_ids is not None:
            return self._is_of_campaigns(event)
        concerned = getattr(event, "interaction", event)
        if self._caller.workgroup_ids is not None:
            under = {concerned.workgroup_id, getattr(event, "from_workgroup_id", "")}
            return not self._caller.workgroup_ids.isdisjoint(under)
        if concerned.workgroup_id not in self._hidden:
            return True
        own = own_id(self._caller)
        return own != "" and own in (getattr(concerned, "agent_id", ""), getattr(event, "from_agent_id", ""))

    def _is_of_campaigns(self, event: Any) -> bool:
        interaction: Interaction | None = getattr(event, "interaction", None)
        if interaction is None:
            return self._of_campaigns.get(event.interaction_id, False)
        self._remember(interaction.interaction_id, interaction.campaign_id)
        comes_from = getattr(event, "from_campaign_id", interaction.campaign_id)
        return any(sees_campaign(self._caller, each) for each in (interaction.campaign_id, comes_from))

    def _workgroup(self, event: Any) -> bool:
        workgroup_id = getattr(event, "workgroup", event).workgroup_id
        return sees_every(self._caller, Workgroup) or workgroup_id in self._view.workgroup_ids

    def _agent(self, event: Any) -> bool:
        concerned = getattr(event, "presence", None) or getattr(event, "agent", event)
        return not is_narrowed(self._caller) or concerned.agent_id in self._view.agent_ids

    def _campaign(self, event: Any) -> bool:
        return sees_campaign(self._caller, getattr(event, "campaign", event).campaign_id)

    def _exclusive_agent(self, event: Any) -> bool:
        """A narrowed gateway sees those of its campaigns, a narrowed supervisor those of its agents."""
        _, campaign_id, agent_id = event.exclusive_agent
        of_its_agents = self._caller.workgroup_ids is None or agent_id in self._view.agent_ids
        return of_its_agents and sees_campaign(self._caller, campaign_id)

    def _saved_portfolio(self, event: events.PortfolioSaved) -> bool:
        """Its owner of before sees it once more, and learns by that that it is so no longer."""
        portfolio_id = event.portfolio.portfolio_id
        seen = self._portfolios(portfolio_id)
        if self._is_owned(event.portfolio):
            self._portfolio_ids.add(portfolio_id)
            return True
        self._portfolio_ids.discard(portfolio_id)
        return seen

    def _is_owned(self, portfolio: Portfolio) -> bool:
        if self._caller.actor.role is Role.GATEWAY:
            return False
        by_agent = not self._view.agent_ids.isdisjoint(portfolio.owner_agent_ids)
        return by_agent or not self._view.workgroup_ids.isdisjoint(portfolio.owner_workgroup_ids)

    def _portfolios(self, *portfolio_ids: str) -> bool:
        return sees_every(self._caller, Portfolio) or not self._portfolio_ids.isdisjoint(portfolio_ids)

    def _deleted_portfolio(self, event: events.PortfolioDeleted | events.ContactRemovedFromPortfolio) -> bool:
        return self._portfolios(event.portfolio_id)

    def _place(self, event: events.ContactAssignedToPortfolio) -> bool:
        return self._portfolios(event.portfolio_contact.portfolio_id, event.previous_portfolio_id)

    def _ownership(self, event: events.OwnershipChanged) -> bool:
        """As ListOwnershipChanges, which is not for agents."""
        _, _, portfolio_id, previous_portfolio_id, *_ = event.ownership_change
        return not own_id(self._caller) and self._portfolios(portfolio_id, previous_portfolio_id)

    _judged_of_all: ClassVar[Mapping[type, Callable[[Any, Any], bool]]] = {
        events.WorkgroupSaved: _workgroup,
        events.WorkgroupDeleted: _workgroup,
        events.PortfolioSaved: _saved_portfolio,
        events.PortfolioDeleted: _deleted_portfolio,
        events.ContactAssignedToPortfolio: _place,
        events.ContactRemovedFromPortfolio: _deleted_portfolio,
        events.OwnershipChanged: _ownership,
    }
    """What is kept from some whom nothing narrows."""

    _judges: ClassVar[Mapping[type, Callable[[Any, Any], bool]]] = {
        **dict.fromkeys(
            (each for each in NUMBERS if {"interaction", "interaction_id"} & each.__annotations__.keys()), _interaction
        ),
        **dict.fromkeys(
            (
                events.AgentSaved,
                events.AgentDeleted,
                events.AgentStatusChanged,
                events.AgentSessionAlerted,
                events.AgentSessionExtended,
                events.AgentCoolDownEnded,
            ),
            _agent,
        ),
        **dict.fromkeys((events.CampaignSaved, events.CampaignDeleted), _campaign),
        **dict.fromkeys((events.ExclusiveAgentSet, events.ExclusiveAgentRemoved), _exclusive_agent),
        **dict.fromkeys(
            (
                events.TenantSaved,
                events.TriggerSaved,
                events.TriggerDeleted,
                events.OrganizationSaved,
                events.OrganizationDeleted,
                events.ScriptSaved,
                events.ScriptDeleted,
                events.ContactSaved,
                events.ContactDeleted,
            ),
            _any,
        ),
        **_judged_of_all,
    }
    """Who is told of an event of each type. A test compares the types with all there are."""
