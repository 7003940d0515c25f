"""Rejections: why a command was refused."""

from collections.abc import Mapping
from typing import NamedTuple

from cartera.core.vocabulary import ErrorReason


class Violation(NamedTuple):
    """One condition that does not hold.

    The subject is what it concerns: "type/id" of a resource, or the path of a field. The data is what the message for
    people needs.
    """

    reason: ErrorReason
    subject: str
    data: Mapping[str, str] = {}


class Rejected(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """A command is refused; nothing has changed. All that is wrong is named at once (G3)."""

    def __init__(self, *violations: Violation) -> None:
        super().__init__(", ".join(f"{each.reason.name} {each.subject}" for each in violations))
        self.violations = violations


def reject(reason: ErrorReason, subject: str, **data: str) -> Rejected:
    """A rejection for one reason, to be raised."""
    return Rejected(Violation(reason, subject, data))


def reject_any(violations: list[Violation]) -> None:
    """Raise one rejection for all the violations, where there are any."""
    if violations:
        raise Rejected(*violations)
