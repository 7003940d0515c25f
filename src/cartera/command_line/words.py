"""The contract's enumerations in the words that people type and read: ROUTING_REASON_OWNER is `owner`."""

from typing import Any

# Descriptors are Any here: protobuf has two kinds of them, by the implementation that is installed.


def prefix_of(descriptor: Any) -> str:
    """What all the values of an enumeration begin with, taken from the first, X_UNSPECIFIED."""
    name: str = descriptor.values[0].name
    return name.removesuffix("UNSPECIFIED")


def word(descriptor: Any, number: int) -> str:
    """A value as a word. A number that this version doesn't know stays a number."""
    value = descriptor.values_by_number.get(number)
    if value is None:
        return str(number)
    name: str = value.name.removeprefix(prefix_of(descriptor))
    return name.lower().replace("_", " ")


def words(descriptor: Any) -> list[str]:
    """All the words, as they are typed."""
    return [value.name.removeprefix(prefix_of(descriptor)).lower() for value in descriptor.values if value.number]


def number_of(descriptor: Any, text: str) -> int:
    """The value of a word, in any case, with or without its prefix. ValueError where there is none."""
    name = text.strip().upper().replace("-", "_").replace(" ", "_").removeprefix(prefix_of(descriptor))
    value = descriptor.values_by_name.get(prefix_of(descriptor) + name)
    if value is None or value.number == 0:
        raise ValueError(f"{text!r} is none of {', '.join(words(descriptor))}")
    return int(value.number)
