"""A tenant's working state: records by type and key, and the indexes that are derived from them.

Every change goes through `put` and `remove`, which keep the indexes in step and note what to restore; so what a batch
changed is known, and what did not come to be written can be taken back.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeGuard, TypeVar, cast

from cartera.core.audience import (
    OPEN,
    QUEUED,
    WAITING,
    Audience,
    AudienceKind,
    audiences,
    automatic_audiences,
)
from cartera.core.availability import Availability
from cartera.core.deadlines import DeadlineKind, Deadlines
from cartera.core.line import Turn
from cartera.core.methods import METHODS
from cartera.core.records import (
    TABLES,
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ExclusiveAgent,
    Interaction,
    Key,
    Portfolio,
    PortfolioContact,
    Record,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.vocabulary import Channel, InteractionState, PortfolioState
from cartera.core.waiting import Spot, WaitingLines

RecordType = TypeVar("RecordType", bound=Record)

_KEY_LENGTH = {record_type: len(key_fields) for record_type, key_fields in TABLES.items()}


def key_of(record: Record) -> Key:
    """A record's key within its tenant."""
    return cast("Key", tuple(record[: _KEY_LENGTH[type(record)]]))


class Mark(NamedTuple):
    """A point to which a state can be taken back."""

    position: int
    revision: int
    last_event_at: datetime | None


class _Entered(NamedTuple):
    """The lines in which a waiting interaction stands."""

    interaction: Interaction
    offered: Sequence[Audience]
    claimable: Sequence[Audience]
    queue: Sequence[Audience]


class State:
    """All of one tenant that routing needs."""

    def __init__(self) -> None:
        self.revision = 0
        self.last_event_at: datetime | None = None
        self._availability = Availability()
        self.deadlines = Deadlines()
        self.offered = WaitingLines()
        """Waiting interactions by who is given them without asking."""
        self.claimable = WaitingLines()
        """Waiting interactions by who may claim them."""
        self.queues = WaitingLines()
        """Waiting interactions by their workgroup, those kept for an owner among them: what positions count (C8)."""
        self.unplaced: set[str] = set()
        """Interactions that have arrived and are not placed yet."""
        self.displaced: set[str] = set()
        """Waiting interactions whose exclusive agent or owners are not what they were."""
        self._matchable: set[Spot] = set()
        self._changed_agents: dict[str, None] = {}
        """Agents of whom something changed since anybody asked who is available."""
        self.unloaded_contacts: set[str] = set()
        """Contacts of open interactions who have not been loaded."""
        self._tables: dict[type, dict[Key, Record]] = {record_type: {} for record_type in TABLES}
        self._undo: list[tuple[type, Key, Record | None]] = []
        self._loaded_contacts: dict[str, None] = {}
        self._ended: set[str] = set()
        self._units_in_use: Counter[str] = Counter()
        self._open_of_contact: defaultdict[str, set[str]] = defaultdict(set)
        self._entered: dict[str, _Entered] = {}
        self._waiting_of_workgroup: defaultdict[str, set[str]] = defaultdict(set)
        self._waiting_of_portfolio: defaultdict[str, set[str]] = defaultdict(set)
        self._personal_portfolios: dict[str, str] = {}
        self._triggers: tuple[Trigger, ...] | None = None
        self._followers: dict[type, Callable[[Any, Any], None]] = {
            Agent: self._follow_agent,
            AgentPresence: self._follow_presence,
            Workgroup: self._follow_workgroup,
            Portfolio: self._follow_portfolio,
            ExclusiveAgent: self._follow_exclusive_agent,
            Trigger: self._follow_trigger,
            Interaction: self._follow_interaction,
        }

    # Records

    def table(self, record_type: type[RecordType]) -> Mapping[Key, RecordType]:
        """All records of a type, by key."""
        return self._tables[record_type]  # type: ignore[return-value]

    def get(self, record_type: type[RecordType], *key: str) -> RecordType | None:
        """The record of that key."""
        return self._tables[record_type].get(key)  # type: ignore[return-value]

    def put(self, record: Record) -> None:
        """Add or replace a record."""
        self._set(type(record), key_of(record), record)

    def remove(self, record_type: type[Record], *key: str) -> None:
        """Remove a record, where there is one."""
        if key in self._tables[record_type]:
            self._set(record_type, key, None)

    def _set(self, record_type: type, key: Key, record: Record | None, *, undo: bool = True) -> None:
        table = self._tables[record_type]
        former = table.get(key)
        if record is None:
            del table[key]
        else:
            table[key] = record
        if undo:
            self._undo.append((record_type, key, former))
        follow = self._followers.get(record_type)
        if follow:
            follow(former, record)

    # What a batch changed

    def mark(self) -> Mark:
        """The point where the state is now."""
        return Mark(len(self._undo), self.revision, self.last_event_at)

    def rollback(self, mark: Mark) -> None:
        """Take the state back to a point since the last `accept_changes`."""
        while len(self._undo) > mark.position:
            record_type, key, former = self._undo.pop()
            self._set(record_type, key, former, undo=False)
        self.revision, self.last_event_at = mark.revision, mark.last_event_at

    def changes(self) -> dict[type, dict[Key, Record | None]]:
        """What differs since the last `accept_changes`: by type and key the record, or None where it was removed."""
        changed: dict[type, dict[Key, Record | None]] = {}
        for record_type, key, _ in self._undo:
            changed.setdefault(record_type, {})[key] = self._tables[record_type].get(key)
        return changed

    def formers(self) -> dict[tuple[type, Key], Record | None]:
        """What stood where something was put or removed last since then; None where nothing did."""
        return {(record_type, key): former for record_type, key, former in self._undo}

    def accept_changes(self) -> None:
        """Forget how to take back: what changed is written."""
        self._undo.clear()

    # What is loaded

    def load(self, records: Iterable[Record]) -> None:
        """Take in records as they stand in the database."""
        for record in records:
            self._set(type(record), key_of(record), record, undo=False)

    def load_tenant(self, records: Iterable[Record]) -> None:
        """Take in a whole tenant; all that is known of the contacts of its open interactions is among the records."""
        self.load(records)
        self._loaded_contacts.update(dict.fromkeys(self.unloaded_contacts))
        self.unloaded_contacts.clear()

    def load_contacts(self, contact_ids: Iterable[str], records: Iterable[Record]) -> None:
        """Take in all that is known of some contacts: what is not among the records is not so."""
        for contact_id in contact_ids:
            self._drop_contact(contact_id)
            self._loaded_contacts[contact_id] = None
            self.unloaded_contacts.discard(contact_id)
        self.load(records)

    def is_contact_loaded(self, contact_id: str) -> bool:
        """Whether all that is known of a contact is here."""
        return contact_id in self._loaded_contacts

    def forget(self, contacts_kept: int) -> None:
        """Drop ended interactions, and the contacts loaded longest ago beyond a number, except those with an open
        interaction. They are loaded again when a command names them.
        """
        for interaction_id in self._ended:
            del self._tables[Interaction][interaction_id,]
        self._ended.clear()
        surplus = len(self._loaded_contacts) - contacts_kept
        if surplus <= 0:
            return
        droppable = (each for each in self._loaded_contacts if each not in self._open_of_contact)
        for contact_id in list(islice(droppable, surplus + contacts_kept // 8)):
            self._drop_contact(contact_id)
            del self._loaded_contacts[contact_id]

    def _drop_contact(self, contact_id: str) -> None:
        self._tables[Contact].pop((contact_id,), None)
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
        """Where an interaction waits and somebody who may be given it is available; empty between commands."""
        self._refresh_agents()
        return self._matchable

    def tenant(self) -> Tenant | None:
        """The tenant's settings; None where there is no such tenant."""
        return self.get(Tenant)

    def units_in_use(self, agent_id: str) -> int:
        """How much of an agent's capacity is taken, in units (C1)."""
        return self._units_in_use[agent_id]

    def has_free_slot(self, agent_id: str) -> bool:
        """Whether an agent has a free slot, online or not (C1)."""
        agent = self.get(Agent, agent_id)
        return agent is not None and self._units_in_use[agent_id] < agent.capacity

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

    def active_triggers(self) -> tuple[Trigger, ...]:
        """The active triggers in the order in which they run (Z2)."""
        if self._triggers is None:
            active = (trigger for trigger in self.table(Trigger).values() if trigger.active)
            self._triggers = tuple(sorted(active, key=lambda trigger: (trigger.position, trigger.trigger_id)))
        return self._triggers

    def first_match(self, now: datetime) -> Turn | None:
        """The next to be served of all interactions that wait for somebody who is available (C6, C7)."""
        matchable = self.matchable
        if not matchable:
            return None
        turns = (self.offered.first(spot, now) for spot in matchable)
        return min((turn for turn in turns if turn is not None), default=None)

    def _interaction(self, interaction_id: str) -> Interaction:
        return cast("Interaction", self._tables[Interaction][interaction_id,])

    # How the indexes follow the records

    def _follow_agent(self, former: Agent | None, agent: Agent | None) -> None:
        self._changed_agents[(agent or cast("Agent", former)).agent_id] = None

    def _follow_presence(self, former: AgentPresence | None, presence: AgentPresence | None) -> None:
        agent_id = (presence or cast("AgentPresence", former)).agent_id
        former = former or AgentPresence(agent_id)
        latter = presence or AgentPresence(agent_id)
        move = self.deadlines.move
        move(DeadlineKind.SESSION_ALERT, agent_id, former.session_alert_at, latter.session_alert_at)
        move(DeadlineKind.SESSION_END, agent_id, former.session_ends_at, latter.session_ends_at)
        self._changed_agents[agent_id] = None

    def _refresh_agents(self) -> None:
        """Bring the availability of agents up to date, and what they may now be given. Several records of an agent
        change at once, so this waits until somebody asks.
        """
        while self._changed_agents:
            agent_id, _ = self._changed_agents.popitem()
            agent = self.get(Agent, agent_id)
            presence = self.get(AgentPresence, agent_id)
            if self._availability.refresh(agent, agent_id, presence, self._units_in_use[agent_id]):
                self._meet_agent(agent_id)
            self._meet_all(Audience(AudienceKind.EXCLUSIVE, agent_id))

    def _follow_workgroup(self, former: Workgroup | None, workgroup: Workgroup | None) -> None:
        workgroup_id = (workgroup or cast("Workgroup", former)).workgroup_id
        for agent_id in self._availability.set_workgroup(workgroup_id, workgroup):
            # Until it is refreshed, the agent counts as available to none of its workgroups.
            self._changed_agents[agent_id] = None
            self._meet_agent(agent_id)
        self._meet_all(Audience(AudienceKind.WORKGROUP, workgroup_id))
        for interaction_id in list(self._waiting_of_workgroup.get(workgroup_id, ())):
            interaction = self._interaction(interaction_id)
            self._leave_lines(interaction)
        for interaction_id in list(self._waiting_of_workgroup.get(workgroup_id, ())):
            self._enter_lines(self._interaction(interaction_id))

    def _follow_portfolio(self, former: Portfolio | None, portfolio: Portfolio | None) -> None:
        if former and former.personal_agent_id:
            del self._personal_portfolios[former.personal_agent_id]
        if portfolio and portfolio.personal_agent_id:
            self._personal_portfolios[portfolio.personal_agent_id] = portfolio.portfolio_id

        identifier = (portfolio or cast("Portfolio", former)).portfolio_id
        for interaction in self.waiting_for_owners_of(identifier):
            as_now = (portfolio.owner_agent_ids, portfolio.owner_workgroup_ids) if _is_active(portfolio) else None
            self._note_displaced(interaction, (interaction.owner_agent_ids, interaction.owner_workgroup_ids) != as_now)

    def _follow_exclusive_agent(self, former: ExclusiveAgent | None, exclusive: ExclusiveAgent | None) -> None:
        either = exclusive or cast("ExclusiveAgent", former)
        for interaction in self.open_interactions(either.contact_id):
            if interaction.campaign_id == either.campaign_id and interaction.exclusive_agent_id:
                as_now = exclusive.agent_id if exclusive else None
                self._note_displaced(interaction, interaction.exclusive_agent_id != as_now)

    def _note_displaced(self, interaction: Interaction, displaced: bool) -> None:  # noqa: FBT001 - private
        if displaced and interaction.state in QUEUED:
            self.displaced.add(interaction.interaction_id)
        else:
            self.displaced.discard(interaction.interaction_id)

    def _follow_trigger(self, _former: Trigger | None, _trigger: Trigger | None) -> None:
        self._triggers = None

    def _follow_interaction(self, former: Interaction | None, interaction: Interaction | None) -> None:
        if former and former.state in OPEN:
            self._leave_open(former)
        if interaction and interaction.state in OPEN:
            self._enter_open(interaction)
        self._note_ended(former, interaction)
        for each in (former, interaction):
            if each and each.agent_id:
                self._changed_agents[each.agent_id] = None

    def _note_ended(self, former: Interaction | None, interaction: Interaction | None) -> None:
        interaction_id = (interaction or cast("Interaction", former)).interaction_id
        if interaction and interaction.state not in OPEN:
            self._ended.add(interaction_id)
        else:
            self._ended.discard(interaction_id)

    def _enter_open(self, interaction: Interaction) -> None:
        self._open_of_contact[interaction.contact_id].add(interaction.interaction_id)
        if interaction.contact_id not in self._loaded_contacts:
            self.unloaded_contacts.add(interaction.contact_id)
        if interaction.state is InteractionState.ASSIGNED:
            self._units_in_use[interaction.agent_id] += 1
            return
        if interaction.state is InteractionState.RECEIVED:
            self.unplaced.add(interaction.interaction_id)
        self.deadlines.move(DeadlineKind.OWNER_WAIT, interaction.interaction_id, None, interaction.owner_wait_until)
        self._waiting_of_workgroup[interaction.workgroup_id].add(interaction.interaction_id)
        if interaction.portfolio_id:
            self._waiting_of_portfolio[interaction.portfolio_id].add(interaction.interaction_id)
        self._enter_lines(interaction)

    def _leave_open(self, interaction: Interaction) -> None:
        _discard(self._open_of_contact, interaction.contact_id, interaction.interaction_id)
        if interaction.contact_id not in self._open_of_contact:
            self.unloaded_contacts.discard(interaction.contact_id)
        if interaction.state is InteractionState.ASSIGNED:
            self._units_in_use[interaction.agent_id] -= 1
            return
        self.unplaced.discard(interaction.interaction_id)
        self.displaced.discard(interaction.interaction_id)
        self.deadlines.move(DeadlineKind.OWNER_WAIT, interaction.interaction_id, interaction.owner_wait_until, None)
        _discard(self._waiting_of_workgroup, interaction.workgroup_id, interaction.interaction_id)
        _discard(self._waiting_of_portfolio, interaction.portfolio_id, interaction.interaction_id)
        self._leave_lines(interaction)

    def _enter_lines(self, interaction: Interaction) -> None:
        workgroup = self.get(Workgroup, interaction.workgroup_id)
        automatic = workgroup is not None and METHODS[workgroup.method].automatic
        ageing = workgroup.ageing_interval if workgroup else None
        offered = automatic_audiences(interaction, automatic=automatic)
        waits = interaction.state in WAITING
        claimable = audiences(interaction) if waits else ()
        queued = waits and interaction.state is not InteractionState.UNASSIGNED
        queue = (Audience(AudienceKind.WORKGROUP, interaction.workgroup_id),) if queued else ()
        self._entered[interaction.interaction_id] = _Entered(interaction, offered, claimable, queue)
        self.offered.add(interaction, offered, ageing)
        self.claimable.add(interaction, claimable, ageing)
        self.queues.add(interaction, queue, ageing)
        self._meet(offered, interaction.channel)

    def _leave_lines(self, interaction: Interaction) -> None:
        entered = self._entered.pop(interaction.interaction_id)
        self.offered.discard(entered.interaction, entered.offered)
        self.claimable.discard(entered.interaction, entered.claimable)
        self.queues.discard(entered.interaction, entered.queue)
        self._meet(entered.offered, interaction.channel)

    def _is_available(self, spot: Spot) -> bool:
        """Whether anybody of an audience may be given an interaction of the channel now."""
        (kind, identifier), channel = spot
        if kind is AudienceKind.WORKGROUP:
            return bool(self._availability.ready(identifier, channel))
        if kind is AudienceKind.AGENT:
            return self._availability.is_ready(identifier, channel)
        return self.has_free_slot(identifier)

    def _meet(self, audiences: Iterable[Audience], channel: Channel) -> None:
        """Note whether somebody of the audiences is available for what is offered to them."""
        for audience in audiences:
            spot = (audience, channel)
            if spot in self.offered and self._is_available(spot):
                self._matchable.add(spot)
            else:
                self._matchable.discard(spot)

    def _meet_agent(self, agent_id: str) -> None:
        for workgroup_id in self._availability.workgroups_of(agent_id):
            self._meet_all(Audience(AudienceKind.WORKGROUP, workgroup_id))
        self._meet_all(Audience(AudienceKind.AGENT, agent_id))

    def _meet_all(self, audience: Audience) -> None:
        for channel in self.offered.channels_of(audience):
            self._meet((audience,), channel)


def _is_active(portfolio: Portfolio | None) -> TypeGuard[Portfolio]:
    return portfolio is not None and portfolio.state is PortfolioState.ACTIVE


def _discard(sets: dict[str, set[str]], key: str, member: str) -> None:
    """Take a member out of one of the sets, and the set out with its last member."""
    members = sets.get(key)
    if members is not None:
        members.discard(member)
        if not members:
            del sets[key]
