"""BEST_SKILL (M8): who meets the skills demanded best; then who has been idle longest."""

from cartera.core.methods.longest_idle import KEYS_OF_IDLENESS, rank_by_idleness
from cartera.core.methods.method import Method, first
from cartera.core.vocabulary import RoutingReason

BEST_SKILL = Method(
    RoutingReason.BEST_SKILL,
    rank_by_idleness,
    first,
    best_skill_first=True,
    by_idleness=True,
    keys=KEYS_OF_IDLENESS,
)
