"""What the engine asks of a store, and the values that go in and out.

A tenant's rows are the fold of its log (`changes`); its head says how far both have come. Everything that a tenant
decided is appended in one transaction, and only while its head stands where the decision was made.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum, auto
from threading import Event
from typing import NamedTuple, Protocol

from cartera.core.records import Interaction, Key, Record
from cartera.store.kept import Begun, Checkpoint, CheckpointBlock, Kept, PageOfAnswers


class StoreError(Exception):
    """Something the store could not do."""


class DuplicateRequest(StoreError):  # noqa: N818 (these four are outcomes of an append, and read as such)
    """An answer's request_id is there already. Nothing of the batch was written."""


class StoreRefused(StoreError):  # noqa: N818
    """The database refused what it was given: data, a constraint, the schema. Nothing was written; again is no use."""


class StoreUnavailable(StoreError):  # noqa: N818
    """The database could not be reached or could not do it now. Nothing was written."""


class OutcomeUnknown(StoreError):  # noqa: N818
    """The connection was lost in mid-commit: all of the batch was written, or nothing. Only the database knows."""


class Answer(NamedTuple):
    """What a request was answered, kept so that its repetition gets the same (G2)."""

    request_id: str
    fingerprint: bytes
    response: bytes
    revision: int
    answered_at: datetime


class LoggedChange(NamedTuple):
    """One revision of a tenant's log. The payload is the store's to keep, not to read."""

    revision: int
    occurred_at: datetime
    payload: bytes


class Head(NamedTuple):
    """How far a tenant has come, and when it is due next."""

    tenant_id: str
    revision: int
    last_event_at: datetime | None
    next_due_at: datetime | None


class Write(NamedTuple):
    """One tenant's share of a batch. Each key stands once in it, to be upserted or to be deleted."""

    tenant_id: str
    base_revision: int
    revision: int
    last_event_at: datetime
    next_due_at: datetime | None
    changes: Sequence[LoggedChange]
    upserts: Mapping[type, Sequence[Record]]
    deletes: Mapping[type, Sequence[Key]]
    answers: Sequence[Answer]


class Loaded(NamedTuple):
    """A tenant's head, and records as they stood at it."""

    head: Head
    records: list[Record]


class Condition(Enum):
    """How a database is."""

    GOOD = auto()
    HELD_UP = auto()
    """What is being written waits for a lock of somebody else's."""
    COMMITS_HANG = auto()
    """It reads, but doesn't finish commits: the standby that has to have them is away."""
    AWAY = auto()


class Timeouts(NamedTuple):
    """How long to wait, in seconds. SQLite knows only the one for locks."""

    connect: float = 2.0
    statement: float = 10.0
    lock: float = 5.0
    held: float = 3.0
    """How long tenants stay held whose holder has fallen silent. Shorter than the wait for a lock, so that others don't
    fail for it.
    """


Wanted = Mapping[str, Collection[str]]
"""Ids by tenant."""

Revisions = Mapping[str, int]
"""Revisions by tenant."""


class Store(Protocol):
    """Keeps tenants. `append` is for one thread; everything else may be called from any.

    Every method raises StoreUnavailable where the database can't be reached or can't answer now, and reconnects by
    itself at the next call.
    """

    def append(self, writes: Sequence[Write], checks: Revisions) -> set[str]:
        """Write, in one transaction, all of each tenant whose head is at its base revision, and nothing of others.

        Answers the tenants that won, and those of `checks` whose head is at the revision given there: tenants without
        anything to write, of which somebody needs to know that what was decided on is fresh. A tenant is in one of
        the two. One that doesn't exist is at revision 0; a write on revision 0 creates its head.

        Raises DuplicateRequest, StoreRefused and StoreUnavailable, where nothing was written, and OutcomeUnknown.
        """

    def limit(self, seconds: float | None) -> None:
        """Let appends and holds end in so many seconds from now on, or in what the time-outs say, which is the most.

        For the thread that appends. None is for callers who wait for ever.
        """

    def condition(self) -> Condition:
        """Look how the database is, on a connection of its own, from a thread of its own.

        Blocks while the database is silent. Raises StoreUnavailable where it is away.
        """

    def cut(self, *, appending: bool = False) -> None:
        """Have all that waits for the database fail at once, but for what is being appended unless that is meant too.
        From any thread. What comes later connects anew.
        """

    def holding(self, tenant_ids: Collection[str], *, long: bool = False) -> AbstractContextManager[None]:
        """Hold tenants' heads, so that an append inside can't lose. What is appended inside is durable at the end.

        For the thread that appends, after lost races. The database ends it when nothing is heard for a while; for
        longer than usual where it is said that deciding takes long.

        Raises StoreUnavailable, where nothing was written, and at the end OutcomeUnknown.
        """

    def load_tenants(self, tenant_ids: Collection[str]) -> dict[str, Loaded]:
        """Read what routing needs in memory of those tenants that exist, of all of them in one snapshot.

        That is everything but ended interactions and the contacts without an open one.
        """

    def load_tenant(self, tenant_id: str) -> Loaded | None:
        """Read the same of one tenant; None where it doesn't exist."""

    def load_contacts(self, wanted: Wanted) -> dict[str, list[Record]]:
        """Read contacts by id: by tenant, their Contact, PortfolioContact and ExclusiveAgent records."""

    def load_interactions(self, wanted: Wanted) -> dict[str, list[Interaction]]:
        """Read interactions by id, ended ones too."""

    def contacts_naming(self, tenant_id: str, record_type: type, field: str, value: str, limit: int) -> list[str]:
        """Read the ids of contacts of whom a record of the type has the value in the field."""

    def changes_since(self, tenant_id: str, revision: int, limit: int) -> list[LoggedChange]:
        """Read the log after the revision, in order."""

    def heads(self, tenant_ids: Collection[str]) -> dict[str, Head]:
        """Read the heads of those tenants that exist."""

    def find_answers(self, wanted: Wanted) -> dict[tuple[str, str], Answer]:
        """Read answers by request id: by tenant and request id."""

    def due_tenants(self, now: datetime, limit: int) -> list[Head]:
        """Read the heads of tenants that are due, the longest due first."""

    def tenant_ids(self) -> list[str]:
        """Read the ids of all tenants, in order."""

    def all_records(self, tenant_id: str) -> AbstractContextManager[tuple[Head | None, Iterator[Record]]]:
        """Open a snapshot of every record of a tenant, with the head it belongs to; None where there is none."""

    # What keeps it from growing for ever; see `cartera.store.upkeep`.

    def look(self, after: str, limit: int) -> list[Kept]:
        """Read what the next tenants keep, after the one with that id, in the order of their ids."""

    def checkpoints(self, tenant_id: str) -> list[Checkpoint]:
        """Read a tenant's checkpoints, complete or not, the oldest first."""

    def checkpoint_records(self, tenant_id: str, revision: int) -> Iterator[Record]:
        """Read the records of a complete checkpoint. Raises CheckpointGone where it is dropped meanwhile."""

    def drop_abandoned(self, tenant_id: str) -> None:
        """Drop a checkpoint whose writer seems dead. What it holds goes with `drop_blocks`."""

    def begin_checkpoint(self, tenant_id: str, begun: Begun) -> bool:
        """Begin one; not where another writes one already."""

    def add_block(self, tenant_id: str, begun: Begun, block: CheckpointBlock, records: int) -> bool:
        """Add the next records to a checkpoint; not where its writer was taken for dead meanwhile."""

    def finish_checkpoint(self, tenant_id: str, begun: Begun) -> bool:
        """Say that a checkpoint is whole."""

    def drop_checkpoints(self, tenant_id: str, before: int) -> None:
        """Drop complete ones before a revision. What they hold goes with `drop_blocks`."""

    def drop_blocks(self, tenant_id: str, limit: int) -> int:
        """Drop some blocks of checkpoints that are no more; says how many."""

    def oldest_revision(self, tenant_id: str) -> int:
        """Read the first revision of a tenant that is kept: 1 beyond the last where none is."""

    def announce_pruning(self, tenant_id: str, revision: int) -> None:
        """Say that the log is going, up to a revision: whoever begins to watch before it is refused from now on."""

    def prune_changes(self, tenant_id: str, after: int, until: int) -> int:
        """Drop changes; says how many."""

    def held_revision(self, tenant_id: str) -> int | None:
        """Read the first revision of which a watcher needs what follows; None where nobody does."""

    def hold(self, tenant_id: str, holder: str, revision: int, lease: float) -> None:
        """Keep what follows a revision from being pruned, for so many seconds; in place of what was held before."""

    def release(self, tenant_id: str, holder: str) -> None:
        """Hold nothing any more."""

    def drop_lapsed(self, tenant_id: str) -> None:
        """Drop what was held by those who are gone."""

    def prune_answers(self, tenant_id: str, after: str, rows: int, before: datetime) -> PageOfAnswers:
        """Look through the next answers, in the order of their request ids, and drop those from before a time."""

    def note_answers_pruned(self, tenant_id: str, at: datetime) -> None:
        """Say when they were looked through."""

    def notify(self, revisions: Revisions) -> None:
        """Wake those who listen, in other processes too. It may be lost: the heads are the truth."""

    def listen(self, callback: Callable[[Revisions], None], stop: Event) -> None:
        """Call back with what others notify, until stopped; with nothing at each (re)connection, to say: look yourself.

        Returns at once where the database can't notify.
        """

    def close(self) -> None:
        """Close all connections."""
