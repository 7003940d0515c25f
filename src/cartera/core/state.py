"""A tenant's working state: its records, and the indexes that follow them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeGuard, TypeVar, cast

from cartera.core.audience import HELD, OPEN
from cartera.core.availability import Availability, channels_handled
from cartera.core.deadlines import DeadlineKind, Deadlines
from cartera.core.escalation import Due, deadlines_of
from cartera.core.holdings import Holdings
from cartera.core.line import Turn
from cartera.core.matching import Matching
from cartera.core.methods import may_be_last_agent, method_of, remembers
from cartera.core.record_tables import RecordTables
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    OwnershipChange,
    Portfolio,
    PortfolioContact,
    Record,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.slots import Load
from cartera.core.unanswered import Unanswered
from cartera.core.vocabulary import Channel, InteractionState, PortfolioState
from cartera.core.waiting import Spot, WaitingLines

Owner = tuple[type[Agent] | type[Workgroup], str]
"""An agent or a workgroup that owns a portfolio, by its id."""

Key = TypeVar("Key")

_DEADLINES_OF_PRESENCE = (
    (DeadlineKind.SESSION_ALERT, AgentPresence._fields.index("session_alert_at")),
    (DeadlineKind.SESSION_END, AgentPresence._fields.index("session_ends_at")),
    (DeadlineKind.COOL_DOWN, AgentPresence._fields.index("cool_down_until")),
)
"""What falls due for an agent, and where in its presence it stands when."""


_WAITING = OPEN - HELD


class State(RecordTables):
    """All of one tenant that routing needs."""

    def __init__(self) -> None:
        super().__init__()
        self._availability = Availability()
        self._holdings = Holdings(self._tables, self._availability)
        # Not of the state itself: one that held methods of its own would be its own prisoner in memory.
        self._matching = Matching(self._availability, self._holdings.may_be_given)
        self.deadlines = Deadlines()
        self.unanswered = Unanswered()
        """What waits or is offered, by workgroup (W2)."""
        self.unplaced: set[str] = set()
        """Interactions that have arrived and are not placed yet."""
        self.displaced: set[str] = set()
        """Waiting interactions whose exclusive agent, owners or last agent are not what they were."""
        self._changed_agents: dict[str, None] = {}
        """Agents of whom something changed since anybody asked who is available."""
        self.unloaded_contacts: set[str] = set()
        """Contacts of open interactions who have not been loaded."""
        self._loaded_contacts: set[str] = set()
        self._idle_contacts: dict[str, None] = {}
        """Those of them without an open interaction, in the order in which they became so."""
        self._ended: set[str] = set()
        self._due: dict[str, tuple[Due, ...]] = {}
        self._open_of_contact: defaultdict[str, set[str]] = defaultdict(set)
        self._waiting_of_workgroup: defaultdict[str, set[str]] = defaultdict(set)
        self._waiting_of_portfolio: defaultdict[str, set[str]] = defaultdict(set)
        self._waiting_of_last_agent: defaultdict[str, set[str]] = defaultdict(set)
        self._personal_portfolios: dict[str, str] = {}
        self._portfolios_of: defaultdict[Owner, set[str]] = defaultdict(set)
        self.by_idleness: set[str] = set()
        """The workgroups whose method goes by how long agents have been idle."""
        self._triggers: tuple[Trigger, ...] | None = None

    # What is loaded

    def load_tenant(self, records: Iterable[Record]) -> None:
        """Take in a whole tenant; all that is known of the contacts of its open interactions is among the records."""
        self.load(records)
        self._loaded_contacts.update(self.unloaded_contacts)
        self.unloaded_contacts.clear()

    def load_contacts(self, contact_ids: Iterable[str], records: Iterable[Record]) -> None:
        """Take in all that is known of some contacts: what is not among the records is not so."""
        for contact_id in contact_ids:
            self._drop_contact(contact_id)
            self._loaded_contacts.add(contact_id)
            self.unloaded_contacts.discard(contact_id)
            if contact_id not in self._open_of_contact:
                self._idle_contacts[contact_id] = None
        self.load(records)

    def is_contact_loaded(self, contact_id: str) -> bool:
        """Whether all that is known of a contact is here."""
        return contact_id in self._loaded_contacts

    def forget(self, contacts_kept: int) -> None:
        """Drop what is history only, ended interactions, and beyond a number the contacts who have been without an open
        interaction longest. They are loaded again when a command names them.
        """
        self._tables[OwnershipChange].clear()
        for interaction_id in self._ended:
            del self._tables[Interaction][interaction_id,]
        self._ended.clear()
        surplus = len(self._idle_contacts) - contacts_kept
        if surplus <= 0:
            return
        for contact_id in list(islice(self._idle_contacts, surplus + contacts_kept // 8)):
            self._drop_contact(contact_id)
            self._loaded_contacts.discard(contact_id)
            del self._idle_contacts[contact_id]

    def _drop_contact(self, contact_id: str) -> None:
        self._tables[Contact].pop((contact_id,), None)
        self._tables[ContactActivity].pop((contact_id,), None)
        self._tables[PortfolioContact].pop((contact_id,), None)
        exclusive = self._tables[ExclusiveAgent]
        for campaign in self._tables[Campaign]:
            exclusive.pop((contact_id, *campaign), None)

    # What is derived

    @property
    def availability(self) -> Availability:
        """Who is available."""
        self._refresh_agents()
        return self._availability

    @property
    def matchable(self) -> set[Spot]:
        """Where an interaction waits and somebody may be given it; empty between commands."""
        self._refresh_agents()
        return self._matching.matchable

    @property
    def offered(self) -> WaitingLines:
        """Waiting interactions by who is given them without asking."""
        return self._matching.offered

    @property
    def claimable(self) -> WaitingLines:
        """Waiting interactions by who may claim them."""
        return self._matching.claimable

    @property
    def queues(self) -> WaitingLines:
        """Waiting interactions by their workgroup, those kept for an owner among them: what positions count (C8)."""
        return self._matching.queues

    def tenant(self) -> Tenant | None:
        """The tenant's settings; None where there is no such tenant."""
        return self.get(Tenant)

    def load_of(self, agent_id: str) -> Load:
        """What an agent's interactions take, and the channels of which it has room for one more (C1, C2)."""
        return self._holdings.load(agent_id)

    def units_in_use(self, agent_id: str) -> int:
        """How much of an agent's capacity is taken, in units (C1)."""
        return self.load_of(agent_id).units

    def has_free_slot(self, agent_id: str, channel: Channel) -> bool:
        """Whether an agent has room for an interaction of the channel, online or not (C1, C2)."""
        return channel in self.load_of(agent_id).free

    def may_be_given_online_or_not(self, agent_id: str, channel: Channel) -> bool:
        """Whether an agent, who need not be online, has a free slot and is not cooling down (E1, M4)."""
        return self._holdings.may_be_given_online_or_not(agent_id, channel)

    def held_by(self, agent_id: str) -> list[Interaction]:
        """What takes a slot of an agent, in the order of assignment."""
        return [self._interaction(each) for each in sorted(self._holdings.held_by(agent_id), key=self._given)]

    def _given(self, interaction_id: str) -> tuple[datetime, int]:
        interaction = self._interaction(interaction_id)
        return (interaction.assigned_at or interaction.state_since, interaction.sequence)

    def workgroups_of(self, agent_id: str) -> Sequence[str]:
        """The workgroups that an agent is a member of."""
        return self._availability.workgroups_of(agent_id)

    def waiting_in(self, workgroup_id: str) -> list[Interaction]:
        """What waits under a workgroup, in the order of arrival."""
        found = (self._interaction(each) for each in self._waiting_of_workgroup.get(workgroup_id, ()))
        return sorted((each for each in found if each.workgroup_id == workgroup_id), key=lambda each: each.sequence)

    def open_interactions(self, contact_id: str) -> list[Interaction]:
        """A contact's open interactions, in the order of their arrival."""
        found = (self._interaction(each) for each in self._open_of_contact.get(contact_id, ()))
        return sorted(found, key=lambda interaction: interaction.sequence)

    def waiting_for_owners_of(self, portfolio_id: str) -> list[Interaction]:
        """The waiting interactions that a portfolio makes sticky, in the order of their arrival."""
        found = (self._interaction(each) for each in self._waiting_of_portfolio.get(portfolio_id, ()))
        return sorted(found, key=lambda interaction: interaction.sequence)

    def personal_portfolio(self, agent_id: str) -> Portfolio | None:
        """An agent's own portfolio, if it was made already."""
        return self.get(Portfolio, self._personal_portfolios.get(agent_id, ""))

    def portfolios_of(self, agent_ids: Iterable[str], workgroup_ids: Iterable[str]) -> set[str]:
        """The portfolios that any of the agents or workgroups owns (P6)."""
        owners = (*((Agent, each) for each in agent_ids), *((Workgroup, each) for each in workgroup_ids))
        return {portfolio_id for owner in owners for portfolio_id in self._portfolios_of.get(owner, ())}

    def active_triggers(self) -> tuple[Trigger, ...]:
        """The active triggers in the order in which they run (Z2)."""
        if self._triggers is None:
            active = (trigger for trigger in self.table(Trigger).values() if trigger.active)
            self._triggers = tuple(sorted(active, key=lambda trigger: (trigger.position, trigger.trigger_id)))
        return self._triggers

    def first_match(self, now: datetime) -> Turn | None:
        """The next to be served of all interactions that wait for somebody who is available (C6, C7)."""
        self._refresh_agents()
        return self._matching.first(now)

    def _interaction(self, interaction_id: str) -> Interaction:
        return cast("Interaction", self._tables[Interaction][interaction_id,])

    # How the indexes follow the records

    def _follow(self, record_type: type, former: Record | None, record: Record | None) -> None:
        follow = _FOLLOWERS.get(record_type)
        if follow:
            follow(self, former, record)

    def _follow_tenant(self, former: Tenant | None, tenant: Tenant | None) -> None:
        if (former.channel_rules if former else ()) != (tenant.channel_rules if tenant else ()):
            self._changed_agents.update(dict.fromkeys(agent_id for (agent_id,) in self._tables[Agent]))

    def _follow_agent(self, former: Agent | None, agent: Agent | None) -> None:
        agent_id = (agent or cast("Agent", former)).agent_id
        self._changed_agents[agent_id] = None
        self._note_last_agent(agent_id)

    def _follow_presence(self, former: AgentPresence | None, presence: AgentPresence | None) -> None:
        agent_id = (presence or cast("AgentPresence", former)).agent_id
        for kind, place in _DEADLINES_OF_PRESENCE:
            old: Any = former[place] if former else None
            new: Any = presence[place] if presence else None
            if old is not new:
                self.deadlines.move(kind, agent_id, old, new)
        self._changed_agents[agent_id] = None

    def _refresh_agents(self) -> None:
        """Bring the availability of agents up to date, and what they may now be given. Several records of an agent
        change at once, so this waits until somebody asks. In the order in which they came: who is loaded after another
        mostly ranks behind it, and an end of a list is where it is cheapest to enter.
        """
        for agent_id in self._changed_agents:
            agent = self.get(Agent, agent_id)
            presence = self.get(AgentPresence, agent_id)
            if self._availability.refresh(agent, agent_id, presence, self._holdings.load(agent_id)):
                self._matching.meet_agent(agent_id)
            self._matching.meet_agent_online_or_not(agent_id)
        self._changed_agents.clear()

    def _follow_workgroup(self, former: Workgroup | None, workgroup: Workgroup | None) -> None:
        workgroup_id = (workgroup or cast("Workgroup", former)).workgroup_id
        for agent_id in self._availability.set_workgroup(workgroup_id, workgroup):
            # Until it is refreshed, the agent counts as available to none of its workgroups.
            self._changed_agents[agent_id] = None
            self._matching.meet_agent(agent_id)
            self._note_last_agent(agent_id)
        if workgroup and method_of(workgroup).by_idleness:
            self.by_idleness.add(workgroup_id)
        else:
            self.by_idleness.discard(workgroup_id)
        self._matching.meet_workgroup(workgroup_id)
        waiting = [self._interaction(each) for each in self._waiting_of_workgroup.get(workgroup_id, ())]
        for interaction in waiting:
            self._stop_waiting(interaction)
        for interaction in waiting:
            self._start_waiting(interaction)
            self._note_displaced(interaction)

    def _follow_portfolio(self, former: Portfolio | None, portfolio: Portfolio | None) -> None:
        if former and former.personal_agent_id:
            del self._personal_portfolios[former.personal_agent_id]
        if portfolio and portfolio.personal_agent_id:
            self._personal_portfolios[portfolio.personal_agent_id] = portfolio.portfolio_id

        identifier = (portfolio or cast("Portfolio", former)).portfolio_id
        for owner in _owners(former):
            _discard(self._portfolios_of, owner, identifier)
        for owner in _owners(portfolio):
            self._portfolios_of[owner].add(identifier)
        for interaction in self.waiting_for_owners_of(identifier):
            self._note_displaced(interaction)

    def _follow_portfolio_contact(self, former: PortfolioContact | None, place: PortfolioContact | None) -> None:
        for interaction in self.open_interactions((place or cast("PortfolioContact", former)).contact_id):
            self._note_displaced(interaction)

    def _follow_exclusive_agent(self, former: ExclusiveAgent | None, exclusive: ExclusiveAgent | None) -> None:
        for interaction in self.open_interactions((exclusive or cast("ExclusiveAgent", former)).contact_id):
            self._note_displaced(interaction)

    def _note_last_agent(self, agent_id: str) -> None:
        """What waits for an agent as its contact's last one may do so no longer (M4)."""
        for interaction_id in self._waiting_of_last_agent.get(agent_id, ()):
            self._note_displaced(self._interaction(interaction_id))

    def _note_displaced(self, interaction: Interaction) -> None:
        """Note whether a waiting interaction has lost whom it belongs to, as far as its contact is known."""
        if (
            interaction.state in _WAITING
            and self.is_contact_loaded(interaction.contact_id)
            and self._is_displaced(interaction)
        ):
            self.displaced.add(interaction.interaction_id)
        else:
            self.displaced.discard(interaction.interaction_id)

    def _is_displaced(self, interaction: Interaction) -> bool:
        if interaction.exclusive_agent_id:
            exclusive = self.get(ExclusiveAgent, interaction.contact_id, interaction.campaign_id)
            return exclusive is None or exclusive.agent_id != interaction.exclusive_agent_id
        if interaction.last_agent_id and not self._may_have_last_agent(interaction):
            return True
        if not interaction.portfolio_id:
            return False
        place = self.get(PortfolioContact, interaction.contact_id)
        portfolio = self.get(Portfolio, interaction.portfolio_id)
        if place is None or place.portfolio_id != interaction.portfolio_id or not _is_active(portfolio):
            return True
        as_now = (portfolio.owner_agent_ids, portfolio.owner_workgroup_ids)
        if (interaction.owner_agent_ids, interaction.owner_workgroup_ids) != as_now:
            return True
        return interaction.backup_agent_ids not in ((), portfolio.backup_agent_ids)

    def _may_have_last_agent(self, interaction: Interaction) -> bool:
        workgroup = self.get(Workgroup, interaction.workgroup_id)
        agent = self.get(Agent, interaction.last_agent_id)
        if workgroup is None or agent is None or not remembers(workgroup):
            return False
        handles = interaction.channel in channels_handled(agent)
        return handles and may_be_last_agent(workgroup, agent.agent_id, self.workgroups_of(agent.agent_id))

    def _follow_trigger(self, _former: Trigger | None, _trigger: Trigger | None) -> None:
        self._triggers = None

    def _follow_interaction(self, former: Interaction | None, interaction: Interaction | None) -> None:
        was_open = former is not None and former.state in OPEN
        is_open = interaction is not None and interaction.state in OPEN
        if former and was_open:
            self._leave_state(former)
        if interaction and is_open:
            self._enter_state(interaction)
        interaction_id = (interaction or cast("Interaction", former)).interaction_id
        before = former.contact_id if former and was_open else None
        after = interaction.contact_id if interaction and is_open else None
        # An id may come to be another contact's: what is decided on a state that is behind takes ids that others took.
        if before != after:
            if before is not None:
                self._note_closed(before, interaction_id)
            if after is not None:
                self._note_open(after, interaction_id)
        if interaction and not is_open:
            self._ended.add(interaction_id)
        elif self._ended:
            self._ended.discard(interaction_id)

    def _note_open(self, contact_id: str, interaction_id: str) -> None:
        """Note that a contact has an interaction open."""
        self._open_of_contact[contact_id].add(interaction_id)
        self._idle_contacts.pop(contact_id, None)
        if contact_id not in self._loaded_contacts:
            self.unloaded_contacts.add(contact_id)

    def _note_closed(self, contact_id: str, interaction_id: str) -> None:
        """Note that it hasn't any more."""
        _discard(self._open_of_contact, contact_id, interaction_id)
        if contact_id not in self._open_of_contact:
            self.unloaded_contacts.discard(contact_id)
            if contact_id in self._loaded_contacts:
                self._idle_contacts[contact_id] = None

    def _enter_state(self, interaction: Interaction) -> None:
        self.unanswered.add(interaction)
        if interaction.agent_id:
            self._changed_agents[interaction.agent_id] = None
        if interaction.state in HELD:
            self._holdings.take(interaction)
            self._set_due(interaction, None)
            return
        if interaction.state is InteractionState.RECEIVED:
            self.unplaced.add(interaction.interaction_id)
        for workgroup_id in (interaction.workgroup_id, *interaction.overflow_workgroup_ids):
            self._waiting_of_workgroup[workgroup_id].add(interaction.interaction_id)
        if interaction.portfolio_id:
            self._waiting_of_portfolio[interaction.portfolio_id].add(interaction.interaction_id)
        if interaction.last_agent_id:
            self._waiting_of_last_agent[interaction.last_agent_id].add(interaction.interaction_id)
        self._start_waiting(interaction)
        self._note_displaced(interaction)

    def _leave_state(self, interaction: Interaction) -> None:
        self.unanswered.discard(interaction)
        if interaction.agent_id:
            self._changed_agents[interaction.agent_id] = None
        if interaction.state in HELD:
            self._holdings.release(interaction)
            self._clear_due(interaction.interaction_id)
            return
        self.unplaced.discard(interaction.interaction_id)
        self.displaced.discard(interaction.interaction_id)
        for workgroup_id in (interaction.workgroup_id, *interaction.overflow_workgroup_ids):
            _discard(self._waiting_of_workgroup, workgroup_id, interaction.interaction_id)
        _discard(self._waiting_of_portfolio, interaction.portfolio_id, interaction.interaction_id)
        _discard(self._waiting_of_last_agent, interaction.last_agent_id, interaction.interaction_id)
        self._stop_waiting(interaction)

    def _start_waiting(self, interaction: Interaction) -> None:
        workgroup = self.get(Workgroup, interaction.workgroup_id)
        self._matching.enter(interaction, self._is_automatic, workgroup.ageing_interval if workgroup else None)
        self._set_due(interaction, workgroup)

    def _stop_waiting(self, interaction: Interaction) -> None:
        self._matching.leave(interaction.interaction_id)
        self._clear_due(interaction.interaction_id)

    def _set_due(self, interaction: Interaction, workgroup: Workgroup | None) -> None:
        due = deadlines_of(interaction, workgroup)
        if due:
            self._due[interaction.interaction_id] = due
        for kind, at in due:
            self.deadlines.move(kind, interaction.interaction_id, None, at)

    def _clear_due(self, interaction_id: str) -> None:
        for kind, at in self._due.pop(interaction_id, ()):
            self.deadlines.move(kind, interaction_id, at, None)

    def _is_automatic(self, workgroup_id: str) -> bool:
        workgroup = self.get(Workgroup, workgroup_id)
        return workgroup is not None and method_of(workgroup).automatic


def _owners(portfolio: Portfolio | None) -> Iterator[Owner]:
    if portfolio:
        yield from ((Agent, each) for each in portfolio.owner_agent_ids)
        yield from ((Workgroup, each) for each in portfolio.owner_workgroup_ids)


def _is_active(portfolio: Portfolio | None) -> TypeGuard[Portfolio]:
    return portfolio is not None and portfolio.state is PortfolioState.ACTIVE


def _discard(sets: dict[Key, set[str]], key: Key, member: str) -> None:
    """Take a member out of one of the sets, and the set out with its last member."""
    members = sets.get(key)
    if members is not None:
        members.discard(member)
        if not members:
            del sets[key]


_FOLLOWERS: Mapping[type, Callable[[State, Any, Any], None]] = {
    Tenant: State._follow_tenant,
    Agent: State._follow_agent,
    AgentPresence: State._follow_presence,
    Workgroup: State._follow_workgroup,
    Portfolio: State._follow_portfolio,
    PortfolioContact: State._follow_portfolio_contact,
    ExclusiveAgent: State._follow_exclusive_agent,
    Trigger: State._follow_trigger,
    Interaction: State._follow_interaction,
}
"""By type of record, what its changes change in the indexes. Not bound: a state that held methods of its own would be
its own prisoner in memory.
"""
