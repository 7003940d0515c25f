"""LONGEST_IDLE (M8): who has been idle longest. Who comes back from a break counts from then (C14)."""

from cartera.core.methods.method import NEVER, Candidate, Method, Rank, first
from cartera.core.vocabulary import ComparisonKey, RoutingReason

KEYS_OF_IDLENESS = (ComparisonKey.IDLE_SINCE, ComparisonKey.POSITION)


def rank_by_idleness(candidate: Candidate) -> Rank:
    """Since when the agent has been idle; then the order of the members."""
    return (candidate.idle_since or NEVER, candidate.position)


LONGEST_IDLE = Method(RoutingReason.LONGEST_IDLE, rank_by_idleness, first, by_idleness=True, keys=KEYS_OF_IDLENESS)
