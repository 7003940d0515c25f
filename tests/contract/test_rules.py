"""The rules that every RPC keeps, read from the descriptors."""

import json
from importlib.resources import files

import pytest
from google.protobuf.descriptor import FieldDescriptor

from cartera.contract.messages import SERVICES
from cartera.core import commands
from cartera.core.records import TABLES
from cartera.core.vocabulary import Role
from cartera.routing.buf.validate import validate_pb2
from cartera.rpc.limits import Streams
from cartera.rpc.methods import all_methods
from cartera.rpc.services import servicers

METHODS = all_methods()
READING = ("Explain", "Get", "List", "Watch")
MUTATING = [method for method in METHODS if not method.name.startswith(READING)]
LISTS = [method for method in METHODS if method.name.startswith("List")]
READS = [method for method in METHODS if method.name.startswith(("Explain", "Get", "List"))]
FOR_VALIDATION = ("RouteInteraction", "Transfer", "AssignPortfolio", "ApplyConfiguration")

every = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
every_mutating = pytest.mark.parametrize("method", MUTATING, ids=lambda method: method.name)
every_list = pytest.mark.parametrize("method", LISTS, ids=lambda method: method.name)


def fields(message):
    return message.DESCRIPTOR.fields_by_name


def names(field):
    return (field.name, field.number, field.type)


@every
def test_every_request_names_its_tenant_first(method):
    """tenant_id is field 1 of every request."""
    assert fields(method.request)["tenant_id"].number == 1


@pytest.mark.req("G2")
@every_mutating
def test_every_mutating_request_has_a_request_id(method):
    """request_id is field 2 of every request that changes something."""
    assert names(fields(method.request)["request_id"]) == ("request_id", 2, FieldDescriptor.TYPE_STRING)


@every
def test_every_method_has_roles(method):
    """Every RPC says who may call it, and the service's own role is no caller's."""
    assert method.roles
    assert not method.roles & {Role.UNSPECIFIED, Role.SYSTEM}


@every
def test_every_method_has_messages_of_its_own(method):
    """Every RPC has a request and a response of its own name."""
    assert method.request.DESCRIPTOR.name == f"{method.name}Request"
    assert method.response.DESCRIPTOR.name == f"{method.name}Response"


@pytest.mark.parametrize("method", [each for each in METHODS if not each.streams], ids=lambda each: each.name)
def test_every_response_carries_its_revision(method):
    """Revision is field 1 of every response that is not a stream."""
    assert fields(method.response)["revision"].number == 1


@pytest.mark.parametrize("method", READS, ids=lambda each: each.name)
def test_every_read_takes_the_least_revision(method):
    """A client can read its own writes: every Get and List takes min_revision."""
    assert fields(method.request)["min_revision"].type == FieldDescriptor.TYPE_INT64


@every_list
def test_every_list_has_pages(method):
    """Every List takes page_size and page_token and answers next_page_token, under the same numbers."""
    assert [fields(method.request)[name].number for name in ("page_size", "page_token")] == [2, 3]
    assert fields(method.response)["next_page_token"].number == 3


@every_mutating
def test_every_mutating_method_has_a_command(method):
    """Every RPC that changes something is a command of the core."""
    resources = {core_type.__name__ for core_type in TABLES}
    verb = next((verb for verb in ("Create", "Update", "Delete") if method.name.startswith(verb)), "")
    assert hasattr(commands, method.name) or method.name.removeprefix(verb) in resources


def test_every_method_has_a_servicer():
    """Every RPC of every service is served."""
    by_name = servicers(None, None, Streams(1))
    unserved = [
        f"{service.name}.{method.name}"
        for service in SERVICES
        for method in service.methods
        if not callable(getattr(by_name.get(service.name), method.name, None))
    ]
    assert not unserved


def test_no_servicer_serves_what_the_contract_does_not_have():
    """Nothing is left behind when an RPC is renamed."""
    by_name = servicers(None, None, Streams(1))
    known = {service.name: {method.name for method in service.methods} for service in SERVICES}
    public = {name: {each for each in dir(by_name[name]) if each[0].isupper()} for name in by_name}
    assert public == known


def test_validate_only_stands_where_it_is_promised():
    """These RPCs can be asked without being done."""
    having = {method.name for method in METHODS if "validate_only" in fields(method.request)}
    assert having == set(FOR_VALIDATION)


@every
def test_every_enum_that_a_request_takes_is_limited_to_its_values(method):
    """An unknown number never reaches the core."""
    assert not list(unlimited_enums(method.request.DESCRIPTOR, method.name))


def unlimited_enums(descriptor, path):
    for field in descriptor.fields:
        here = f"{path}.{field.name}"
        if field.enum_type is not None:
            rules = field.GetOptions().Extensions[validate_pb2.field]
            limits = rules.repeated.items.enum if field.is_repeated else rules.enum
            if not limits.defined_only:
                yield here
        elif field.message_type is not None:
            yield from unlimited_enums(field.message_type, here)


@pytest.mark.req("G1")
def test_the_service_config_has_an_entry_for_every_method():
    """Clients know for every RPC how long to wait, except for streams, and when to try again."""
    configuration = json.loads(files("cartera").joinpath("service_config.json").read_text())
    entries = {
        f"/{name['service']}/{name['method']}": entry
        for entry in configuration["methodConfig"]
        for name in entry["name"]
    }
    assert set(entries) == {method.path for method in METHODS}
    for method in METHODS:
        entry = entries[method.path]
        assert entry["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]
        assert ("timeout" in entry) is not method.streams


def test_no_method_stands_in_the_service_config_twice():
    """GRPC refuses a configuration that names a method twice."""
    configuration = json.loads(files("cartera").joinpath("service_config.json").read_text())
    found = [tuple(name.values()) for entry in configuration["methodConfig"] for name in entry["name"]]
    assert len(found) == len(set(found))
