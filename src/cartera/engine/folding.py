"""Folding: a tenant's log, from its beginning or from the oldest checkpoint that is left, to the records it gives."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cartera.contract import decode_change
from cartera.core.evolve import evolve_change
from cartera.core.state import State
from cartera.engine.checkpoints import complete
from cartera.store.kept import Checkpoint
from cartera.store.store import Head, LoggedChange, Store
from cartera.store.upkeep import CheckpointGone

READ = 1000
"""How many changes are read at a time."""

Progress = Callable[[int], None]
"""Told up to which revision the log is folded."""

Passing = Callable[[State, Checkpoint], None]
"""Told when folding comes by a checkpoint."""


class LogBroken(Exception):  # noqa: N818 - names what happened
    """A change is missing in the log, or can't be read: nothing after it can be folded."""

    def __init__(self, revision: int, found: str) -> None:
        super().__init__(f"change {revision}: {found}")
        self.revision, self.found = revision, found


class PrunedMeanwhile(Exception):  # noqa: N818 - names what happened
    """What was being folded is no longer kept; from a newer checkpoint it is."""


class Folding(NamedTuple):
    """What a tenant's log says."""

    state: State
    began_at: int
    """The revision of the checkpoint that it was folded from; 0: from its beginning."""

    def head(self, tenant_id: str) -> Head:
        """The head that belongs to it."""
        deadline = self.state.deadlines.first()
        return Head(tenant_id, self.state.revision, self.state.last_event_at, deadline[0] if deadline else None)


def fold(
    store: Store,
    tenant_id: str,
    until: int | None = None,
    progress: Progress = lambda _revision: None,
    passing: Passing = lambda _state, _checkpoint: None,
) -> Folding:
    """Fold a tenant's log up to a revision, or to its end.

    Raises:
        LogBroken: a change is missing, or can't be read.
        PrunedMeanwhile: it is to be begun anew.
        StoreError: the database can't be read.

    """
    checkpoints = {each.revision: each for each in complete(store, tenant_id)}
    state, began_at = State(), _start(store, tenant_id, [*checkpoints])
    if began_at:
        _load(store, tenant_id, state, checkpoints[began_at])
    for change in _log(store, tenant_id, began_at, until):
        _evolve(state, change)
        progress(state.revision)
        if state.revision in checkpoints:
            passing(state, checkpoints[state.revision])
    return Folding(state, began_at)


def _start(store: Store, tenant_id: str, checkpoints: list[int]) -> int:
    """The oldest checkpoint after which the log is whole; 0 where it is from its beginning, or nothing is there."""
    first = store.changes_since(tenant_id, 0, 1)
    if not first:
        return max(checkpoints, default=0)
    if first[0].revision == 1:
        return 0
    return min((each for each in checkpoints if each >= first[0].revision - 1), default=0)


def _load(store: Store, tenant_id: str, state: State, checkpoint: Checkpoint) -> None:
    try:
        state.load(store.checkpoint_records(tenant_id, checkpoint.revision))
    except CheckpointGone as gone:
        raise PrunedMeanwhile from gone
    state.revision, state.last_event_at = checkpoint.revision, checkpoint.last_event_at


def _log(store: Store, tenant_id: str, after: int, until: int | None) -> Iterator[LoggedChange]:
    while page := store.changes_since(tenant_id, after, READ):
        for logged in page:
            if until is not None and logged.revision > until:
                return
            if logged.revision != after + 1:
                _explain_gap(store, tenant_id, after + 1)
            yield logged
            after = logged.revision


def _explain_gap(store: Store, tenant_id: str, missing: int) -> None:
    if missing < store.oldest_revision(tenant_id) and complete(store, tenant_id):
        raise PrunedMeanwhile
    raise LogBroken(missing, "missing")


def _evolve(state: State, logged: LoggedChange) -> None:
    try:
        evolve_change(state, decode_change(logged.payload))
    except Exception as fault:  # whatever it is, the bytes are not those of a change that happened here
        raise LogBroken(logged.revision, f"unreadable ({type(fault).__name__})") from fault
    state.accept_changes()
