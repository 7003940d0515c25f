"""What is kept beside a tenant's rows and log, so that the log can be pruned."""

from datetime import datetime
from typing import NamedTuple


class Checkpoint(NamedTuple):
    """All of a tenant's records as they were at a revision: where folding the log begins once it is pruned."""

    revision: int
    taken_at: datetime
    last_event_at: datetime
    """When the last change up to it happened: none that it stands for is younger."""
    writer: str
    """Who writes it; a writer that was taken for dead can't go on."""
    touched_at: datetime
    """When its writer last wrote, by the database's clock."""
    blocks: int
    records: int
    complete: bool


class CheckpointBlock(NamedTuple):
    """Some records of a checkpoint."""

    revision: int
    number: int
    payload: bytes


class Begun(NamedTuple):
    """A checkpoint that is being written."""

    revision: int
    taken_at: datetime
    last_event_at: datetime
    writer: str


class Hold(NamedTuple):
    """Watchers of a replica still need the changes after a revision; it lapses unless it is renewed."""

    holder: str
    revision: int
    expires_at: datetime
    """By the database's clock."""


class Retention(NamedTuple):
    """How far a tenant's log is gone, or about to be: whoever starts to watch before that is refused."""

    pruned_revision: int
    answers_pruned_at: datetime | None
    """When the answers to request ids were last looked through."""


class Kept(NamedTuple):
    """What a tenant keeps, as far as it says what is to be done."""

    tenant_id: str
    revision: int
    last_event_at: datetime | None
    pruned_revision: int
    answers_pruned_at: datetime | None
    oldest_revision: int | None
    """The first change in the log; None where all are pruned."""
    oldest_at: datetime | None


class PageOfAnswers(NamedTuple):
    """A part of a tenant's answers that was looked through."""

    last: str
    """The last request id of it; empty at the end."""
    pruned: int
