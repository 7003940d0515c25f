"""Given, when, then: how tests of the core are told, without an engine or a database."""

from datetime import UTC, datetime, timedelta

import pytest

from cartera.core.caller import TIME, Caller
from cartera.core.change import Change
from cartera.core.commands import DeleteResource, Tick
from cartera.core.handle import handle, needs
from cartera.core.record_tables import key_of
from cartera.core.records import SYSTEM, Actor, Contact, ContactActivity, ExclusiveAgent, Interaction, PortfolioContact
from cartera.core.rejection import Rejected
from cartera.core.state import State
from cartera.core.vocabulary import Role

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADMINISTRATOR = Actor(Role.ADMINISTRATOR, "root")
GATEWAY = Actor(Role.GATEWAY, "pbx")
OF_CONTACTS = (Contact, ContactActivity, PortfolioContact, ExclusiveAgent)
"""The records of a contact, which are loaded when a command names it."""


def agent_actor(agent_id):
    return Actor(Role.AGENT, agent_id)


def supervisor_actor(supervisor_id):
    return Actor(Role.SUPERVISOR, supervisor_id)


class Story:
    """A tenant's state with what has happened to it so far; time passes only where it is told to."""

    def __init__(self, *records):
        self.state, self.now, self.changes, self.events, self.violations = State(), START, [], (), ()
        self.of_contacts = {(type(each), key_of(each)): each for each in records if isinstance(each, OF_CONTACTS)}
        self.state.load_tenant(each for each in records if not isinstance(each, OF_CONTACTS))

    def when(self, *commands, by=ADMINISTRATOR, after=timedelta()):
        """Handle commands after some time, each when what fell due before it is done, as the engine does."""
        self.now += after
        for command in commands:
            deadline = self.state.deadlines.first()
            if deadline and deadline[0] <= self.now:
                self._append(handle(self.state, Tick(), TIME, self.now), SYSTEM)
            self._load(command)
            caller = by if isinstance(by, Caller) else Caller(by)
            self.events = self._append(handle(self.state, command, caller, self.now), caller.actor)
        return self

    def passes(self, time):
        """Time passes, and what falls due in it is done when it does."""
        end = self.now + time
        while (deadline := self.state.deadlines.first()) and deadline[0] <= end:
            self.now = max(self.now, deadline[0])
            self.events = self._append(handle(self.state, Tick(), TIME, self.now), SYSTEM)
        self.now = end
        return self

    def then(self, *events):
        """The last command brought about these events and no others: given as values, or as types."""
        told = [
            each if not isinstance(expected, type) else type(each)
            for each, expected in zip(self.events, events, strict=False)
        ]
        assert len(self.events) == len(events), self.events
        assert told == list(events)
        return self

    def rejects(self, command, *violations, by=ADMINISTRATOR, after=timedelta()):
        """A command is refused for exactly these reasons, each with its subject, and changes nothing."""
        self._load(command)
        before = tables(self.state)
        with pytest.raises(Rejected) as rejected:
            self.when(command, by=by, after=after)
        self.violations = rejected.value.violations
        assert [(each.reason, each.subject) for each in self.violations] == list(violations)
        assert after or tables(self.state) == before
        return self

    def get(self, record_type, *key):
        return self.state.get(record_type, *key)

    def interaction(self, contact_id):
        """The latest interaction of a contact."""
        found = [each for each in self.state.table(Interaction).values() if each.contact_id == contact_id]
        return max(found, key=lambda each: each.sequence)

    def id_of(self, contact_id):
        return self.interaction(contact_id).interaction_id

    def place_of(self, contact_id):
        """Where a contact's latest interaction is, by what rule, and with whom."""
        interaction = self.interaction(contact_id)
        return interaction.state, interaction.reason, interaction.agent_id

    def holder(self, contact_id):
        return self.interaction(contact_id).agent_id

    def _append(self, events, actor):
        if events:
            self.state.revision += 1
            self.state.last_event_at = self.now
            self.changes.append(Change(self.state.revision, self.now, actor, "", events))
        return events

    def _load(self, command):
        """Load the contacts that a command names; for a deletion all of them, any of which may name what is deleted."""
        everyone = [key[0] for _, key in self.of_contacts] if isinstance(command, DeleteResource) else []
        named = dict.fromkeys((*needs(command).contact_ids, *everyone))
        missing = [each for each in named if not self.state.is_contact_loaded(each)]
        self.state.load_contacts(missing, [each for each in self.of_contacts.values() if each.contact_id in missing])


def given(*records):
    return Story(*(each for group in records for each in (group if isinstance(group, list) else [group])))


def tables(state):
    """All records of a state, by type and key."""
    return {record_type: dict(table) for record_type, table in state._tables.items() if table}
