"""Operations: all attempts under one request_id are one; every other call is one by itself."""

from collections.abc import Iterable
from typing import NamedTuple

from chaos.judge.evidence import Attempt


class Operation(NamedTuple):
    """What somebody wanted once, however often it was asked."""

    attempts: tuple[Attempt, ...]

    @property
    def request_id(self) -> str:
        return self.attempts[0].request_id

    @property
    def began(self) -> float:
        return min(each.began for each in self.attempts)

    @property
    def answers(self) -> list[Attempt]:
        """The attempts that were answered, the first answered first."""
        return sorted((each for each in self.attempts if each.is_answered), key=lambda each: each.ended)

    @property
    def refusals(self) -> list[Attempt]:
        return [each for each in self.attempts if each.is_refused]

    @property
    def is_known(self) -> bool:
        """Its caller knows what became of it."""
        return bool(self.answers) or max(self.attempts, key=lambda each: each.ended).is_final

    @property
    def is_untouched(self) -> bool:
        """Every attempt was told that it was not done."""
        return all(each.is_refused for each in self.attempts)


def operations_of(attempts: Iterable[Attempt]) -> list[Operation]:
    """The operations of a tenant."""
    by_id: dict[str, list[Attempt]] = {}
    alone = []
    for attempt in attempts:
        if attempt.request_id:
            by_id.setdefault(attempt.request_id, []).append(attempt)
        else:
            alone.append(Operation((attempt,)))
    return [*map(Operation, map(tuple, by_id.values())), *alone]
