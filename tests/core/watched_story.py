"""A story that is held to the laws at every command."""

from contextlib import suppress

from cartera.contract import decode_change, encode_change
from cartera.core import events
from cartera.core.caller import Caller
from cartera.core.change import Change
from cartera.core.commands import AssignInteraction, DeleteResource, Tick
from cartera.core.decide import decide
from cartera.core.evolve import evolve, evolve_change
from cartera.core.handle import handle, needs
from cartera.core.records import SYSTEM, TABLES, Interaction, Workgroup
from cartera.core.rejection import Rejected
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState, RoutingReason
from tests.core import laws
from tests.core.indexes import indexes, loaded
from tests.core.specification import ADMINISTRATOR, OF_CONTACTS, START, tables

ASKED_FOR = {RoutingReason.CLAIMED, RoutingReason.ASSIGNED_BY_ADMINISTRATOR, RoutingReason.TRANSFERRED}
"""The reasons for which an agent has an interaction because somebody asked for it: others are the router's doing."""

GIVEN = (events.InteractionAssigned, events.InteractionOffered, events.InteractionTransferredToAgent)
"""The events by which an interaction comes to take a slot."""


Refused = frozenset
"""Why a command was refused: each reason with its subject."""


def refused(rejected):
    return Refused((each.reason, each.subject) for each in rejected.violations)


class WatchedStory:
    """A tenant under watch, beside two others that must stay like it: one folds its log, one forgets what it can."""

    def __init__(self):
        self.state, self.now, self.changes = State(), START, []
        self.folded = State()
        self.forgetful = ForgetfulTenant()
        self.turns = {}

    def try_command(self, command, actor=ADMINISTRATOR, elapsed=None):
        """Handle a command that may be refused, after what fell due before it."""
        self.now += elapsed or START - START
        deadline = self.state.deadlines.first()
        if deadline and deadline[0] <= self.now:
            self._watch(Tick(), SYSTEM)
        self._watch(command, actor)

    def end(self):
        """What is held to the laws at the end: the log, folded from nothing as it is stored, gives the tables."""
        folded = State()
        for change in self.changes:
            evolve_change(folded, decode_change(encode_change(change)))
        assert tables(folded) == tables(self.state)
        assert indexes(loaded(tables(self.state), reverse=True)) == indexes(self.state)

    def _watch(self, command, actor):
        missing = [each for each in needs(command).contact_ids if not self.state.is_contact_loaded(each)]
        known = [each for kind in OF_CONTACTS for each in self.state.table(kind).values()]
        self.state.load_contacts(missing, [each for each in known if each.contact_id in missing])

        before, mark = tables(self.state), self.state.mark()
        indexes_before = indexes(self.state)
        self._decide_changes_nothing(command, actor, before)
        first = self._handled(command, actor)
        if isinstance(first, Refused):
            assert tables(self.state) == before, "a rejection changes nothing"
            assert indexes(self.state) == indexes_before, "a rejection changes no index"
            assert self.forgetful.handle(command, actor, self.now) == first, "forgetting refuses nothing else"
            return
        self.state.rollback(mark)
        assert tables(self.state) == before, "taking back restores the records"
        assert indexes(self.state) == indexes_before, "taking back restores the indexes"
        handled = self._handled(command, actor)
        assert handled == first, "the same command gives the same events"
        self._fold(command, actor, handled)
        assert self.forgetful.handle(command, actor, self.now) == handled, "forgetting changes nothing"
        assert indexes(loaded(tables(self.state))) == indexes(self.state), "the indexes are those of the records"
        assert laws.broken_laws(self.state, self.now) == []

    def _decide_changes_nothing(self, command, actor, before):
        with suppress(Rejected):
            decide(self.state, command, Caller(actor), self.now)
        assert tables(self.state) == before, "deciding changes nothing"

    def _handled(self, command, actor):
        try:
            return handle(self.state, command, Caller(actor), self.now)
        except Rejected as rejected:
            return refused(rejected)

    def _fold(self, command, actor, handled):
        """Fold the events one by one, and hold each assignment to the laws at the moment before it."""
        for event in handled:
            self._hold_to_the_laws(event, command)
            evolve(self.folded, event, self.now)
        if handled:
            self.state.revision += 1
            self.state.last_event_at = self.now
            self.changes.append(Change(self.state.revision, self.now, actor, "", handled))
        assert tables(self.folded) == tables(self.state), "the fold of the events is the state"

    def _hold_to_the_laws(self, event, command):
        interaction = self.folded.get(Interaction, getattr(event, "interaction_id", ""))
        accepted = interaction is not None and interaction.state is InteractionState.OFFERED
        if isinstance(event, GIVEN) and not accepted:
            allowed = isinstance(command, AssignInteraction) and command.allow_over_capacity
            has_room = laws.has_room(self.folded, event.agent_id, interaction.channel)
            assert allowed or has_room, "capacity is never exceeded"
        if isinstance(event, events.InteractionAssigned) and accepted:
            assert (event.agent_id, event.reason) == (interaction.agent_id, interaction.reason), "who accepts was asked"
        elif isinstance(event, events.InteractionAssigned | events.InteractionOffered):
            self._hold_assignment(event)
        if isinstance(event, events.WorkgroupSaved):
            self._keep_turn(event.workgroup)

    def _hold_assignment(self, event):
        state, interaction = self.folded, self.folded.get(Interaction, event.interaction_id)
        assert interaction.state in {*laws.WAITING, InteractionState.RECEIVED}, "one holder"
        if event.reason in ASKED_FOR:
            return
        assert (event.agent_id, event.reason) == laws.picked(state, interaction, self.turns)
        mine = laws.order_of_service(state, interaction, self.now)
        for other in laws.interactions(state, *laws.WAITING, InteractionState.RECEIVED):
            if other != interaction and event.agent_id in laws.available(state, other):
                assert mine < laws.order_of_service(state, other, self.now), "the first in the queue is served first"
        if event.reason in {RoutingReason.ROUND_ROBIN, RoutingReason.DEFAULT_GROUP, RoutingReason.BY_CHANNEL}:
            workgroup = state.get(Workgroup, event.chosen_in_workgroup_id)
            self.turns[laws.turn_key(workgroup, interaction)] = event.agent_id

    def _keep_turn(self, workgroup):
        """A turn goes back to the nearest member before who remains."""
        former = self.folded.get(Workgroup, workgroup.workgroup_id)
        for key, last in list(self.turns.items()):
            if former and key[0] == workgroup.workgroup_id and last in former.member_ids:
                until = former.member_ids[: former.member_ids.index(last) + 1]
                self.turns[key] = next((each for each in until[::-1] if each in workgroup.member_ids), "")


class ForgetfulTenant:
    """A tenant that keeps in memory only what it must, as in a service with many contacts, and a table for the rest."""

    def __init__(self):
        self.state = State()
        self.rows = {record_type: {} for record_type in TABLES}

    def handle(self, command, actor, now):
        self._load(command)
        try:
            handled = handle(self.state, command, Caller(actor), now)
        except Rejected as rejected:
            return refused(rejected)
        for record_type, changed in self.state.changes().items():
            for key, record in changed.items():
                self.rows[record_type][key] = record
                if record is None:
                    del self.rows[record_type][key]
        self.state.revision += bool(handled)
        self.state.accept_changes()
        self.state.forget(0)
        return handled

    def _load(self, command):
        named = needs(command)
        wanted = {*named.contact_ids, *self.state.unloaded_contacts}
        for record_type, field, value in named.referrers if isinstance(command, DeleteResource) else ():
            wanted.update(each.contact_id for each in self.rows[record_type].values() if getattr(each, field) == value)
        missing = sorted(each for each in wanted if not self.state.is_contact_loaded(each))
        rows = [each for kind in OF_CONTACTS for each in self.rows[kind].values() if each.contact_id in missing]
        self.state.load_contacts(missing, rows)
        ended = [self.rows[Interaction].get((each,)) for each in named.interaction_ids]
        self.state.load(each for each in ended if each and self.state.get(Interaction, each.interaction_id) is None)
