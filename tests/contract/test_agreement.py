"""The core and the contract agree, name by name and number by number."""

import inspect
from datetime import datetime, timedelta
from enum import IntEnum

import pytest
from google.protobuf.descriptor import FieldDescriptor

from cartera.contract.messages import FILES, descriptor_of
from cartera.contract.shape import shape
from cartera.core import commands, events, monitor, records, vocabulary
from cartera.core.change import Change
from cartera.core.explanation import records as explanations
from cartera.routing.v1 import event_pb2

CARRYING = {"tenant_id", "request_id", "validate_only"}
"""Fields of requests that concern how a command is carried."""

GENERIC = {commands.CreateResource, commands.UpdateResource, commands.DeleteResource, commands.Tick}
"""Commands that no single request asks for."""

WORKING = {records.WorkgroupActivity, records.PortfolioActivity}
"""Records that only the service writes."""

SCALARS = {
    FieldDescriptor.TYPE_STRING: str,
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_INT32: int,
    FieldDescriptor.TYPE_INT64: int,
    FieldDescriptor.TYPE_DOUBLE: float,
}
TIMES = {"google.protobuf.Timestamp": datetime, "google.protobuf.Duration": timedelta}


def named_tuples(module):
    return [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, tuple) and each.__module__ == module.__name__
    ]


MONITOR = [monitor.Monitor, monitor.AgentMonitor, monitor.WorkgroupMonitor]
VALUES = [
    *named_tuples(records),
    *named_tuples(events),
    *MONITOR,
    *named_tuples(explanations),
    commands.Configuration,
]
COMMANDS = [each for each in named_tuples(commands) if each not in {*GENERIC, commands.Configuration}]
ENUMERATIONS = {
    each.__name__: each
    for each in vars(vocabulary).values()
    if inspect.isclass(each) and issubclass(each, IntEnum) and each is not IntEnum
}
ENUMS_OF_CONTRACT = {enum.name: enum for file in FILES for enum in file.enum_types_by_name.values()}


def fields_of_contract(descriptor, without=frozenset()):
    return {field.name: kind_of_contract(field) for field in descriptor.fields if field.name not in without}


def kind_of_contract(field):
    if field.type in SCALARS:
        kind = SCALARS[field.type].__name__
    elif field.type == FieldDescriptor.TYPE_ENUM:
        kind = field.enum_type.name
    else:
        kind = TIMES[field.message_type.full_name].__name__ if is_time(field) else field.message_type.name
    return kind, field.is_repeated


def is_time(field):
    return field.message_type.full_name in TIMES


def fields_of_core(core_type):
    return {field.name: (field.kind.__name__, field.repeated) for field in shape(core_type)}


@pytest.mark.parametrize("core_type", VALUES, ids=lambda each: each.__name__)
def test_values_have_the_fields_of_their_messages(core_type):
    """Every core value has the fields of the message of its name, in the same order and of the same kinds."""
    ours, theirs = fields_of_core(core_type), fields_of_contract(descriptor_of(core_type))
    assert ours == theirs
    assert list(ours) == list(theirs)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.__name__)
def test_commands_have_the_fields_of_their_requests(command):
    """Every command has the fields of the request that asks for it."""
    request = type(f"{command.__name__}Request", (), {})
    carrying = CARRYING if "why" in command._fields else {*CARRYING, "why"}
    assert fields_of_core(command) == fields_of_contract(descriptor_of(request), without=carrying)


def test_a_change_has_the_fields_of_its_message():
    """A change of the core is a change of the contract."""
    assert Change._fields == tuple(field.name for field in event_pb2.Change.DESCRIPTOR.fields)


def test_every_event_has_its_number():
    """Each kind of event stands in Event under its number, and Event holds no other."""
    kinds = {field.number: field.message_type.name for field in event_pb2.Event.DESCRIPTOR.fields}
    assert {number: core_type.__name__ for core_type, number in events.NUMBERS.items()} == kinds


def test_event_kinds_are_numbered_like_the_fields_of_event():
    """EventKind can filter by the number of the field that an event stands in."""
    kinds = {f"EVENT_KIND_{field.name.upper()}": field.number for field in event_pb2.Event.DESCRIPTOR.fields}
    assert dict(event_pb2.EventKind.items()) == {"EVENT_KIND_UNSPECIFIED": 0, **kinds}


def test_every_event_of_the_core_is_one_of_the_contract():
    """No event was left out of the numbers."""
    assert set(events.NUMBERS) == set(named_tuples(events)) == set(events.Event.__args__)


def test_every_enumeration_of_the_contract_is_one_of_the_core():
    """The vocabulary is the contract's, but for the kinds of events, which are types in the core."""
    assert set(ENUMERATIONS) == set(ENUMS_OF_CONTRACT) - {"EventKind"}


@pytest.mark.parametrize("name", sorted(ENUMERATIONS))
def test_enumerations_have_the_same_names_and_numbers(name):
    """Each value of the vocabulary is the contract's, without the prefix."""
    prefix = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)[1:] + "_"
    theirs = {value.name.removeprefix(prefix): value.number for value in ENUMS_OF_CONTRACT[name].values}
    assert {member.name: int(member) for member in ENUMERATIONS[name]} == theirs


def test_every_record_has_a_table_or_is_part_of_one():
    """Every record of TABLES is a message, those that only the service writes among them."""
    assert set(records.TABLES) >= WORKING
    assert all(descriptor_of(record_type) for record_type in records.TABLES)
