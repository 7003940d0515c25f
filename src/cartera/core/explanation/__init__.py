"""Explanation: why an interaction went where it did, recomputed from the log by the functions that decide (W3)."""

from cartera.core.explanation.background import Background, witness
from cartera.core.explanation.decisions import Decision, decision_in, decisions_of
from cartera.core.explanation.explain import CANDIDATES, explain
from cartera.core.explanation.records import Explanation

__all__ = [
    "CANDIDATES",
    "Background",
    "Decision",
    "Explanation",
    "decision_in",
    "decisions_of",
    "explain",
    "witness",
]
