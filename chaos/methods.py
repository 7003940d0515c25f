"""The methods of the contract by name, with their paths and messages."""

from typing import Any, NamedTuple

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from cartera.routing.v1 import (
    agent_service_pb2,
    configuration_service_pb2,
    contact_service_pb2,
    event_service_pb2,
    monitor_service_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
)


class Method(NamedTuple):
    """One RPC."""

    path: str
    request: type[Message]
    response: type[Message]
    mutates: bool
    """It takes a request_id."""

    @property
    def name(self) -> str:
        """Its name within its service."""
        return self.path.rpartition("/")[2]


def _methods_of(service: ServiceDescriptor) -> dict[str, Method]:
    found = {}
    for descriptor in service.methods:
        request = GetMessageClass(descriptor.input_type)
        path = f"/{service.full_name}/{descriptor.name}"
        mutates = "request_id" in descriptor.input_type.fields_by_name
        found[descriptor.name] = Method(path, request, GetMessageClass(descriptor.output_type), mutates)
    return found


_FILES: tuple[Any, ...] = (
    agent_service_pb2,
    configuration_service_pb2,
    contact_service_pb2,
    event_service_pb2,
    monitor_service_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
)

METHODS: dict[str, Method] = {
    name: method
    for file in _FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for name, method in _methods_of(service).items()
}
"""Every method; their names are unique in the contract."""

BY_PATH: dict[str, Method] = {method.path: method for method in METHODS.values()}
