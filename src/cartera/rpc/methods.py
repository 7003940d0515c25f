"""The contract's methods, as the descriptors tell them."""

from typing import Any, NamedTuple

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from cartera.contract.messages import SERVICES, class_of
from cartera.core.vocabulary import Role
from cartera.routing.v1 import access_pb2


class Method(NamedTuple):
    """One RPC."""

    service: str
    name: str
    request: type[Message]
    response: type[Message]
    roles: frozenset[Role]
    """Who may call it; nobody where it is empty."""
    streams: bool
    """The answer is a stream."""

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"


def methods_of(service: ServiceDescriptor) -> tuple[Method, ...]:
    return tuple(_method(service, descriptor) for descriptor in service.methods)


def all_methods() -> tuple[Method, ...]:
    return tuple(method for service in SERVICES for method in methods_of(service))


def _method(service: ServiceDescriptor, descriptor: MethodDescriptor) -> Method:
    # The stubs of protobuf know neither the extensions of options nor that a method may stream.
    options: Any = descriptor.GetOptions()
    described: Any = descriptor
    return Method(
        service=service.full_name,
        name=descriptor.name,
        request=class_of(descriptor.input_type),
        response=class_of(descriptor.output_type),
        roles=frozenset(map(Role, options.Extensions[access_pb2.roles])),
        streams=described.server_streaming,
    )
