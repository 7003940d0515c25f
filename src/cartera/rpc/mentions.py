"""What an event names, found by the names of its fields, those within its records too."""

from collections.abc import Callable, Iterator
from typing import Any

from cartera.contract.shape import Field, once_per_type, shape

Find = Callable[[Any], Iterator[str]]

AGENTS = ("agent_id", "agent_ids", "member_ids")
WORKGROUPS = ("workgroup_id", "workgroup_ids")
INTERACTIONS = ("interaction_id",)
"""How the fields end that hold ids of each."""


def mentions_any(event: Any, endings: tuple[str, ...], ids: frozenset[str]) -> bool:
    """Whether the event names one of the ids."""
    return any(identifier in ids for identifier in _finder(type(event), endings)(event))


@once_per_type
def _finder(core_type: type[Any], endings: tuple[str, ...]) -> Find:
    """Compiles what finds the ids in a value of the type."""
    found = [
        (index, find)
        for index, field in enumerate(shape(core_type))
        if (find := _finder_of_field(field, endings)) is not None
    ]

    def find_all(value: Any) -> Iterator[str]:
        for index, find in found:
            if value[index]:
                yield from find(value[index])

    return find_all


def _finder_of_field(field: Field, endings: tuple[str, ...]) -> Find | None:
    if field.is_record:
        within = _finder(field.kind, endings)
        return (lambda items: (each for item in items for each in within(item))) if field.repeated else within
    if not field.name.endswith(endings):
        return None
    return iter if field.repeated else _only


def _only(identifier: str) -> Iterator[str]:
    yield identifier
