"""The methods of the contract by name, with their paths and messages."""

from typing import NamedTuple

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from cartera.contract.messages import SERVICES


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


METHODS: dict[str, Method] = {name: method for service in SERVICES for name, method in _methods_of(service).items()}
"""Every method; their names are unique in the contract."""

BY_PATH: dict[str, Method] = {method.path: method for method in METHODS.values()}
