"""LEAST_LOAD (M2): the available agent with the least load; ties go to who has waited longest since the last one."""

from cartera.core.methods.method import NEVER, Candidate, Method, Rank, first
from cartera.core.vocabulary import ComparisonKey, RoutingReason


def _rank(candidate: Candidate) -> Rank:
    return (candidate.load, candidate.last_assigned_at or NEVER, candidate.position)


LEAST_LOAD = Method(
    RoutingReason.LEAST_LOAD,
    _rank,
    first,
    keys=(ComparisonKey.LOAD, ComparisonKey.LAST_ASSIGNED_AT, ComparisonKey.POSITION),
)
