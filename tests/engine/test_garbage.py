"""The collector is shown what is new; what it isn't shown is looked through when nobody calls."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from cartera.engine.garbage import LARGE, SEEN_AT_ONCE, Sight


class Node:
    """Something that may be part of a cycle."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    gc.collect()
    yield
    gc.set_threshold(*threshold)
    gc.callbacks[:] = callbacks
    gc.unfreeze()


def _hidden_cycle() -> "weakref.ref[Node]":
    """A cycle that nobody holds any more, out of the collector's sight."""
    node = Node()
    trace = weakref.ref(node)
    gc.freeze()
    return trace


def test_what_was_seen_once_is_out_of_sight():
    Sight().narrow()
    kept = [[each] for each in range(2 * SEEN_AT_ONCE)]
    in_sight = sum(gc.get_count()) + len(gc.get_objects(generation=1)) + len(gc.get_objects(generation=2))
    assert in_sight < SEEN_AT_ONCE + 100
    assert gc.get_freeze_count() > len(kept) - SEEN_AT_ONCE


def test_new_cycles_are_found_soon():
    Sight().narrow()
    trace = weakref.ref(Node())
    kept = [[each] for each in range(2 * SEEN_AT_ONCE)]
    assert trace() is None, len(kept)


def test_what_is_loaded_is_put_out_of_sight_when_it_is_much():
    sight, kept = Sight(), [[each] for each in range(100)]
    sight.loaded(LARGE - 1)
    assert gc.is_tracked(kept)
    assert gc.get_freeze_count() == 0
    sight.loaded(1)
    assert gc.get_freeze_count() > len(kept)


@pytest.mark.parametrize(
    ("records", "quiet", "seen"), [(1, True, False), (2, True, True), (2, False, False), (3, False, True)]
)
def test_everything_is_seen_again_sooner_where_it_is_quiet(records, quiet, seen):
    sight = Sight(much=LARGE, far_too_much=2 * LARGE)
    trace = _hidden_cycle()
    for _ in range(records):
        sight.loaded(LARGE)
    sight.widen(quiet=quiet)
    assert (trace() is None) is seen


def test_it_is_counted_anew_after_everything_was_seen():
    sight = Sight(much=LARGE)
    sight.loaded(2 * LARGE)
    sight.widen(quiet=True)
    trace = _hidden_cycle()
    sight.widen(quiet=True)
    assert trace() is not None
