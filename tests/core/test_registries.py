"""Nothing is left out: every command is decided, every event evolves, every method is there."""

from typing import get_args

import pytest

from cartera.core.commands import Command
from cartera.core.decide import DECIDE
from cartera.core.decide.configuration import _DELETED
from cartera.core.decide.saving import _SAVED
from cartera.core.events import NUMBERS, Event
from cartera.core.evolve import _EVOLVE
from cartera.core.methods import METHODS
from cartera.core.records import TABLES, Record
from cartera.core.vocabulary import AssignmentMethod, RoutingReason


def test_every_command_is_decided():
    """Every command has a function that decides it."""
    assert set(DECIDE) == set(get_args(Command))


def test_every_event_evolves():
    """Every event has a function that applies it."""
    assert set(_EVOLVE) == set(get_args(Event))


def test_every_event_has_a_number():
    """Every event has a number of its own in the contract."""
    assert set(NUMBERS) == set(get_args(Event))
    assert len(set(NUMBERS.values())) == len(NUMBERS)


def test_every_method_is_there():
    """Every assignment method but UNSPECIFIED is there, with a reason of its own."""
    assert set(METHODS) == set(AssignmentMethod) - {AssignmentMethod.UNSPECIFIED}
    assert len({method.reason for method in METHODS.values()} - {RoutingReason.UNSPECIFIED}) == len(METHODS)


def test_every_record_has_a_table():
    """Every record that a state holds has a table, whose key is its first fields."""
    assert set(TABLES) == set(get_args(Record))
    for record_type, key_fields in TABLES.items():
        assert record_type._fields[: len(key_fields)] == key_fields


@pytest.mark.parametrize("record_type", _DELETED)
def test_what_is_deleted_can_be_saved(record_type):
    """Every resource that can be deleted can be saved."""
    assert record_type in _SAVED
