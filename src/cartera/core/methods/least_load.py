"""LEAST_LOAD (M2): the available agent with the least load; ties go to who has waited longest since the last one."""

from datetime import UTC, datetime

from cartera.core.methods.method import Candidate, Method, Rank, first
from cartera.core.vocabulary import RoutingReason

_NEVER = datetime.min.replace(tzinfo=UTC)


def _rank(candidate: Candidate) -> Rank:
    return (candidate.load, candidate.last_assigned_at or _NEVER, candidate.position)


LEAST_LOAD = Method(RoutingReason.LEAST_LOAD, _rank, first)
