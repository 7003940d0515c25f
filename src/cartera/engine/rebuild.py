"""Rebuild: the rows that are not the fold of the log are made so, while no service runs (G6)."""

from contextlib import AbstractContextManager
from typing import NamedTuple

from cartera.core.record_tables import key_of
from cartera.core.state import State
from cartera.engine.folding import Folding, LogBroken, Progress, fold
from cartera.engine.verify import by_key, differing
from cartera.store.kept import Checkpoint
from cartera.store.rewriting import Rewriting
from cartera.store.store import Head, Store, StoreError
from cartera.store.upkeep import CheckpointGone


class ChangedMeanwhile(StoreError):  # noqa: N818 - names what happened
    """The tenant is not what it was when its log was folded: somebody writes to it."""


class Rebuilding(NamedTuple):
    """What a tenant's rows are to be."""

    tenant_id: str
    folded: Folding
    head: Head | None
    """As the rows have it."""
    wrong_checkpoints: tuple[int, ...]
    """Checkpoints that were taken of rows that were wrong already; not the one that it was folded from."""


class Rebuilt(NamedTuple):
    """What was rewritten."""

    records: int
    head: bool
    checkpoints: int


def fold_anew(store: Store, tenant_id: str, progress: Progress = lambda _revision: None) -> Rebuilding:
    """Fold all of a tenant's log that there is.

    Raises LogBroken, PrunedMeanwhile and StoreError.
    """
    wrong: list[int] = []

    def passing(state: State, checkpoint: Checkpoint) -> None:
        try:
            rows = by_key(store.checkpoint_records(tenant_id, checkpoint.revision))
        except CheckpointGone:
            return
        if any(differing(state, rows)):
            wrong.append(checkpoint.revision)

    folded = fold(store, tenant_id, progress=progress, passing=passing)
    if not folded.state.revision:
        raise LogBroken(1, "missing")
    return Rebuilding(tenant_id, folded, store.heads([tenant_id]).get(tenant_id), tuple(wrong))


def rebuild(rebuilding: Rebuilding, rows: AbstractContextManager[Rewriting]) -> Rebuilt:
    """Rewrite the rows that differ, and the head.

    Raises ChangedMeanwhile, where nothing is rewritten, and StoreError.
    """
    state = rebuilding.folded.state
    head = rebuilding.folded.head(rebuilding.tenant_id)
    with rows as rewriting:
        if rewriting.head() != rebuilding.head or rewriting.last_revision() > state.revision:
            raise ChangedMeanwhile(f"{rebuilding.tenant_id} has changed meanwhile: a service is running")
        wrong = list(differing(state, {(type(each), key_of(each)): each for each in rewriting.records()}))
        for each in wrong:
            if each.from_log is None:
                rewriting.remove(each.record_type, each.key)
            else:
                rewriting.put(each.from_log)
        if head != rebuilding.head:
            rewriting.put_head(head)
        rewriting.drop_checkpoints(rebuilding.wrong_checkpoints)
    return Rebuilt(len(wrong), head != rebuilding.head, len(rebuilding.wrong_checkpoints))
