"""ROUND_ROBIN (M1): strict rotation over the members in their order; who is not available is skipped."""

from bisect import bisect_left
from collections.abc import Sequence

from cartera.core.methods.method import Candidate, Entry, Method, Rank
from cartera.core.vocabulary import RoutingReason


def rank_by_position(candidate: Candidate) -> Rank:
    """The order of the members."""
    return (candidate.position,)


def pick_next(entries: Sequence[Entry], turn: int) -> Entry:
    """The next after the last turn, beginning again after the last member."""
    following = bisect_left(entries, (turn + 1,))
    return entries[following % len(entries)]


ROUND_ROBIN = Method(RoutingReason.ROUND_ROBIN, rank_by_position, pick_next, rotates=True)
