"""A value of every kind, made from the shape of its type."""

from datetime import UTC, datetime, timedelta

from cartera.contract.shape import shape
from cartera.core.records import AttributeCondition, Condition, OverflowStep
from cartera.core.vocabulary import Priority

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def full(core_type):
    """A value with something in every field; in a choice, in the last."""
    if core_type is Condition:
        return Condition(attribute=full(AttributeCondition))
    if core_type is OverflowStep:
        return OverflowStep(of_kind(timedelta, "after"), priority=Priority.URGENT)
    return core_type(**{field.name: of_field(field) for field in shape(core_type)})


def empty(core_type):
    """A value with nothing in any field that can be without."""
    return core_type(**{field.name: nothing_of(field) for field in shape(core_type)})


def of_field(field):
    value = of_kind(field.kind, field.name)
    return (value, value) if field.repeated else value


def of_kind(kind, name):
    if issubclass(kind, tuple):
        return full(kind)
    if kind is datetime:
        return MOMENT
    if kind is timedelta:
        return timedelta(days=2, seconds=3, microseconds=4)
    if kind is str:
        return f"{name} ñ €"
    if kind in (bool, int):
        return kind(7)
    return list(kind)[-1]


def nothing_of(field):
    if field.optional:
        return None
    if field.repeated:
        return ()
    if issubclass(field.kind, tuple):
        return empty(field.kind)
    if field.is_time:
        return MOMENT if field.kind is datetime else timedelta()
    return field.kind(0) if field.kind is not str else ""
