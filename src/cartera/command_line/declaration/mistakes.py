"""Mistakes in a declaration, all of them, each where it is."""

from typing import NamedTuple


class Mistake(NamedTuple):
    line: int
    path: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.problem}" if self.path else f"line {self.line}: {self.problem}"


class Mistakes(Exception):  # noqa: N818, it is what is wrong, not one error
    """The declaration can't be read; these are the reasons."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(str(mistakes[0]))
        self.mistakes = sorted(mistakes)
