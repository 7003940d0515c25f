"""The contract's messages and services, found by name.

Importing this module loads all of the contract, so that a name is enough to find a message.
"""

from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from cartera.contract.shape import once_per_type
from cartera.routing.v1 import (
    access_pb2,
    agent_pb2,
    agent_service_pb2,
    business_hours_pb2,
    campaign_pb2,
    channel_pb2,
    configuration_service_pb2,
    contact_pb2,
    contact_service_pb2,
    error_reason_pb2,
    event_pb2,
    event_service_pb2,
    explanation_pb2,
    interaction_pb2,
    monitor_pb2,
    monitor_service_pb2,
    organization_pb2,
    ownership_change_pb2,
    portfolio_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
    script_pb2,
    skill_pb2,
    tenant_pb2,
    trigger_pb2,
    workgroup_pb2,
)

PACKAGE = "cartera.routing.v1"

FILES: tuple[FileDescriptor, ...] = (
    access_pb2.DESCRIPTOR,
    agent_pb2.DESCRIPTOR,
    agent_service_pb2.DESCRIPTOR,
    business_hours_pb2.DESCRIPTOR,
    campaign_pb2.DESCRIPTOR,
    channel_pb2.DESCRIPTOR,
    configuration_service_pb2.DESCRIPTOR,
    contact_pb2.DESCRIPTOR,
    contact_service_pb2.DESCRIPTOR,
    error_reason_pb2.DESCRIPTOR,
    event_pb2.DESCRIPTOR,
    event_service_pb2.DESCRIPTOR,
    explanation_pb2.DESCRIPTOR,
    interaction_pb2.DESCRIPTOR,
    monitor_pb2.DESCRIPTOR,
    monitor_service_pb2.DESCRIPTOR,
    organization_pb2.DESCRIPTOR,
    ownership_change_pb2.DESCRIPTOR,
    portfolio_pb2.DESCRIPTOR,
    portfolio_service_pb2.DESCRIPTOR,
    routing_service_pb2.DESCRIPTOR,
    script_pb2.DESCRIPTOR,
    skill_pb2.DESCRIPTOR,
    tenant_pb2.DESCRIPTOR,
    trigger_pb2.DESCRIPTOR,
    workgroup_pb2.DESCRIPTOR,
)
"""Every file of the contract."""

SERVICES: tuple[ServiceDescriptor, ...] = tuple(service for file in FILES for service in file.services_by_name.values())
"""Every service of the contract."""


@once_per_type
def message_class(core_type: type[Any]) -> type[Message]:
    """The message that has the name of a core type."""
    return class_of(descriptor_of(core_type))


def descriptor_of(core_type: type[Any]) -> Descriptor:
    return descriptor_pool.Default().FindMessageTypeByName(f"{PACKAGE}.{core_type.__name__}")


def class_of(descriptor: Descriptor) -> type[Message]:
    return message_factory.GetMessageClass(descriptor)
