"""Explaining: a tenant's log is folded up to a decision, and the decision explained by the code that made it (W3).

It begins at the newest checkpoint from before the interaction arrived, or at the log's beginning.

It is done in a thread of its own, one explanation at a time. The thread rests again and again: while it computes, the
event loop waits for the interpreter.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from cartera.contract import decode_change
from cartera.core import events
from cartera.core.audience import OPEN
from cartera.core.change import Change
from cartera.core.decide.required import subject_of
from cartera.core.events import Event
from cartera.core.evolve import evolve
from cartera.core.explanation import (
    CANDIDATES,
    Background,
    Decision,
    Explanation,
    decision_in,
    decisions_of,
    explain,
    witness,
)
from cartera.core.records import (
    Contact,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    OwnershipChange,
    PortfolioContact,
    Record,
)
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason
from cartera.engine.checkpoints import complete
from cartera.engine.errors import DeadlinePassed, Draining, RevisionPruned
from cartera.engine.turns import TurnLimits, Turns
from cartera.store.store import LoggedChange, Store
from cartera.store.upkeep import CheckpointGone

READ = 500
"""How many changes are read at a time."""

WAITING = 16
"""How many explanations of a tenant wait for the one that is being made, before others are refused."""

LONGEST = 300.0
"""Seconds that an explanation may take where its caller waits for ever."""

WORK, REST = 0.002, 0.001
"""Seconds of work between rests, and of rest."""


class Inquiry(NamedTuple):
    """Which decision about an interaction is to be explained: that of a revision, or with 0 the last."""

    tenant_id: str
    interaction: Interaction
    """As it is now, or has been lately."""
    revision: int = 0
    candidates: int = CANDIDATES
    deadline: float | None = None
    """In seconds of `time.monotonic`. None: whenever it may be."""


class Explainer:
    """Makes explanations, one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "explanations")
        self._turns = Turns(TurnLimits(places=1, shared=1, least=1, waiting=WAITING))
        self._under_way: set[_Inquest] = set()
        self._stopping = False

    async def explain(self, inquiry: Inquiry) -> Explanation:
        """Why a decision was made.

        Raises:
            Rejected: DECISION_NOT_FOUND.
            EngineError: there is no answer; see each.
            StoreError: the log can't be read.

        """
        if self._stopping:
            raise Draining
        async with self._turns.turn(inquiry.tenant_id):
            return await self._explain(inquiry)

    async def _explain(self, inquiry: Inquiry) -> Explanation:
        if self._stopping:
            raise Draining
        inquest = _Inquest(self._store, inquiry)
        self._under_way.add(inquest)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, inquest.explanation)
        finally:
            # Where the caller has left, the thread is told.
            inquest.stop()
            self._under_way.discard(inquest)

    def stop(self) -> None:
        """Give up what is under way, and take nothing more: another replica explains as well."""
        self._stopping = True
        for inquest in self._under_way:
            inquest.stop()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()


class _Inquest:
    """One explanation in the making; all but `stop` runs in the thread."""

    def __init__(self, store: Store, inquiry: Inquiry) -> None:
        self._store = store
        self._inquiry = inquiry
        self._deadline = time.monotonic() + LONGEST if inquiry.deadline is None else inquiry.deadline
        self._stopped = threading.Event()
        self._rested_at = 0.0
        self._mention = inquiry.interaction.interaction_id.encode()

    def stop(self) -> None:
        """Nobody waits for it any more, or nobody is to."""
        self._stopped.set()

    def explanation(self) -> Explanation:
        decision = self._decision()
        state, background = self._folded(decision.change.revision)
        change = decision.change
        background = self._evolved(state, background, change, change.events[: decision.earlier])
        return explain(state, decision, background, self._inquiry.candidates)

    # Which decision

    def _decision(self) -> Decision:
        found = self._decision_at(self._inquiry.revision) if self._inquiry.revision else self._last_decision()
        if found is None:
            if (self._inquiry.revision or self._inquiry.interaction.sequence) < self._oldest():
                raise self._pruned()
            subject = subject_of(Interaction, self._inquiry.interaction.interaction_id)
            raise reject(ErrorReason.DECISION_NOT_FOUND, subject, revision=str(self._inquiry.revision or ""))
        return found

    def _decision_at(self, revision: int) -> Decision | None:
        logged = self._store.changes_since(self._inquiry.tenant_id, revision - 1, 1)
        if not logged or logged[0].revision != revision:
            return None
        return decision_in(self._inquiry.interaction.interaction_id, decode_change(logged[0].payload))

    def _last_decision(self) -> Decision | None:
        """No decision is later than the state that it is in. Few changes mention it, and only those are decoded."""
        interaction = self._inquiry.interaction
        changes = (
            decode_change(logged.payload)
            for logged in self._log_after(interaction.sequence - 1, interaction)
            if self._mention in logged.payload
        )
        last = deque(decisions_of(interaction.interaction_id, changes), maxlen=1)
        return last.pop() if last else None

    # The state before it

    def _folded(self, revision: int) -> tuple[State, Background]:
        """The state before a revision, and what was seen of the interaction's past on the way."""
        state, background = self._loaded(min(revision, self._inquiry.interaction.sequence)), Background()
        for logged in self._log_after(state.revision):
            if logged.revision >= revision:
                break
            if logged.revision != state.revision + 1:
                raise self._pruned()
            change = decode_change(logged.payload)
            background = self._evolved(state, background, change, change.events)
            state.revision, state.last_event_at = change.revision, change.occurred_at
            state.accept_changes()
            if not change.revision % READ:
                self._forget(state)
        return state, background

    def _loaded(self, before: int) -> State:
        """The state at the newest checkpoint before a revision; an empty one where there is none."""
        state, tenant_id = State(), self._inquiry.tenant_id
        checkpoints = [each for each in complete(self._store, tenant_id) if each.revision < before]
        if not checkpoints:
            return state
        newest = checkpoints[-1]
        try:
            for record in self._store.checkpoint_records(tenant_id, newest.revision):
                self._pause()
                if _is_asked_for(record, self._inquiry.interaction.contact_id):
                    state.load((record,))
        except CheckpointGone as gone:
            raise self._pruned() from gone
        state.revision, state.last_event_at = newest.revision, newest.last_event_at
        return state

    def _pruned(self) -> RevisionPruned:
        tenant_id = self._inquiry.tenant_id
        head = self._store.heads([tenant_id]).get(tenant_id)
        return RevisionPruned(self._oldest(), head.revision if head else 0)

    def _oldest(self) -> int:
        return self._store.oldest_revision(self._inquiry.tenant_id)

    def _evolved(self, state: State, background: Background, change: Change, happened: tuple[Event, ...]) -> Background:
        interaction = self._inquiry.interaction
        for event in happened:
            background = witness(background, interaction.interaction_id, state, event, change)
            if _matters(event, interaction.contact_id):
                evolve(state, event, change.occurred_at)
        return background

    def _forget(self, state: State) -> None:
        """Drop what no decision asks for: a tenant may have had millions of interactions, with as many contacts."""
        state.forget(0)
        mine = (self._inquiry.interaction.contact_id,)
        for key in [key for key in state.table(ContactActivity) if key != mine]:
            state.remove(ContactActivity, *key)
        state.accept_changes()

    # The log

    def _log_after(self, revision: int, until: Interaction | None = None) -> Iterator[LoggedChange]:
        """The changes after a revision, up to when an interaction came to be in its state."""
        while page := self._store.changes_since(self._inquiry.tenant_id, revision, READ):
            for logged in page:
                self._pause()
                if until and logged.occurred_at > until.state_since:
                    return
                yield logged
            revision = page[-1].revision

    def _pause(self) -> None:
        """Stop where nobody waits any more; rest from time to time."""
        now = time.monotonic()
        if self._stopped.is_set():
            raise Draining
        if now > self._deadline:
            raise DeadlinePassed
        if now - self._rested_at > WORK:
            time.sleep(REST)
            self._rested_at = time.monotonic()


_OF_CONTACT = (
    events.ContactSaved,
    events.ContactDeleted,
    events.ContactAssignedToPortfolio,
    events.ContactRemovedFromPortfolio,
    events.ExclusiveAgentSet,
    events.ExclusiveAgentRemoved,
)


def _is_asked_for(record: Record, contact_id: str) -> bool:
    """Whether a decision may ask for a record; the same as of events, and of what is forgotten on the way."""
    if isinstance(record, Interaction):
        return record.state in OPEN
    if isinstance(record, (Contact, ContactActivity, PortfolioContact, ExclusiveAgent)):
        return record.contact_id == contact_id
    return not isinstance(record, OwnershipChange)


def _matters(event: Event, contact_id: str) -> bool:
    """Whether a decision may ask for what an event says: contacts are many, and only the interaction's own is asked
    for; of how ownership changed nothing is.
    """
    if isinstance(event, events.OwnershipChanged):
        return False
    if not isinstance(event, _OF_CONTACT):
        return True
    named = event[0]
    return contact_id == (named if isinstance(named, str) else named.contact_id)
