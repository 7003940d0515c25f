"""Choosing at random: what is random comes from a function that chooses, Hypothesis's or that of a seed.

Each feature is a switch. A sequence has some of them on, so that they don't hide one another, and with few of them on a
disagreement is soon traced to its rule. The environment variable CARTERA_ORACLE_FEATURES names those that may be on,
between commas; all of them may, by default.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

FEATURES = (
    "backup",
    "best_skill",
    "by_channel",
    "campaign_transfer",
    "channel_rules",
    "default_group",
    "expiry",
    "hand_over",
    "hours",
    "jumps",
    "last_agent",
    "leaving",
    "longest_idle",
    "longest_wait",
    "offers",
    "overflow",
    "pacing",
    "queue_limit",
    "sessions",
    "skills",
    "state_waits",
    "trigger_conditions",
    "updates",
    "workgroup_transfer",
    "wrap_up",
)
ALLOWED = os.environ.get("CARTERA_ORACLE_FEATURES", ",".join(FEATURES)).split(",")


class Chance:
    """Chooses; and knows which features are on."""

    def __init__(self, choose_of_list: Callable[[Sequence[Any]], Any]) -> None:
        self.choose_of_list = choose_of_list
        self.on = [each for each in FEATURES if each in ALLOWED and self.once_in(2)]

    def choose(self, *values: Any) -> Any:
        """One of the values; where a failing sequence is shortened, rather an earlier one."""
        return self.choose_of_list(values)

    def once_in(self, times: int) -> bool:
        return bool(self.choose_of_list([False] * (times - 1) + [True]))

    def some(self, values: Iterable[str], least: int = 0) -> tuple[str, ...]:
        """Some of the values, in any order."""
        left = list(values)
        count = self.choose_of_list(range(least, len(left) + 1))
        return tuple(left.pop(self.choose_of_list(range(len(left)))) for _ in range(count))

    def where(self, feature: str, *values: Any, otherwise: Any = None) -> Any:
        """One of the values or, half of the time and where the feature is off, the plain one."""
        return self.choose(*values) if feature in self.on and self.once_in(2) else otherwise
