"""MANUAL (M7): nothing is assigned; interactions wait until claimed or assigned."""

from cartera.core.methods.method import Candidate, Method, Rank, first
from cartera.core.vocabulary import RoutingReason


def _rank(candidate: Candidate) -> Rank:
    return (candidate.position,)


MANUAL = Method(RoutingReason.MANUAL, _rank, first, automatic=False)
