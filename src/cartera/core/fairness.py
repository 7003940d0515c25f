"""Fairness: how evenly the members of a workgroup are given interactions (C14)."""

from collections.abc import Iterable
from datetime import timedelta

HOUR = timedelta(hours=1)


def fairness(members: Iterable[tuple[int, timedelta | None]]) -> float | None:
    """Jain's index over the members who were online today, of assignments per hour online: 1 is even, 1/n is all to one
    of n. Each member is given as its assignments and its time online. None where there is nothing to compare: fewer
    than two were online, or nobody was given anything.
    """
    rates = [assigned / (online / HOUR) for assigned, online in members if online]
    squares = sum(rate * rate for rate in rates)
    if len(rates) < 2 or not squares:  # noqa: PLR2004 - one alone has nobody to be compared with
        return None
    return sum(rates) ** 2 / (len(rates) * squares)
