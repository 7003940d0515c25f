"""Options of the command line that choose from one of the contract's enumerations."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar, cast

from cartera.command_line.failure import USAGE, Failed
from cartera.command_line.words import number_of

NumberT_co = TypeVar("NumberT_co", bound=int, covariant=True)


class Enumeration(Protocol[NumberT_co]):
    """A generated enumeration, with the type of its numbers."""

    DESCRIPTOR: Any

    def Value(self, name: str) -> NumberT_co: ...  # noqa: N802, the generated code's name


def chosen(enumeration: Enumeration[NumberT_co], name: str, text: str | None) -> NumberT_co:
    """The value of an option; the unspecified one where it is not given."""
    try:
        number = number_of(enumeration.DESCRIPTOR, text) if text else 0
    except ValueError as error:
        raise Failed(f"{name}: {error}", status=USAGE) from error
    return cast("NumberT_co", number)


def all_chosen(enumeration: Enumeration[NumberT_co], name: str, texts: Iterable[str] | None) -> list[NumberT_co]:
    """The values of an option that may be given several times, or with commas."""
    parts = [part for text in texts or () for part in text.split(",")]
    return [chosen(enumeration, name, part) for part in parts if part.strip()]
