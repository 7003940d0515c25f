"""The tenants: what stands in the database before anything is measured, put there by the contract's own calls."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc

from benchmarks.calls import (
    AGENTS,
    CAMPAIGN,
    CAPACITY,
    COMPLETE,
    CONTACTS,
    DISPOSITION,
    ROUTE,
    TENANTS,
    WORKGROUP,
    Caller,
)
from benchmarks.calls import tenant_id as id_of_tenant
from cartera.routing.v1 import agent_pb2, agent_service_pb2, channel_pb2, configuration_service_pb2, workgroup_pb2
from cartera.routing.v1.agent_service_pb2_grpc import AgentServiceStub
from cartera.routing.v1.campaign_pb2 import Campaign, CampaignAddress, Disposition
from cartera.routing.v1.configuration_service_pb2_grpc import ConfigurationServiceStub
from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.tenant_pb2 import Tenant

AT_ONCE = 16
KNOWN = CONTACTS // 2
"""How many of the contacts who call are in the contact list."""


def set_up(address: str) -> bytes:
    """Configure the tenants and bring their agents online. Returns the bytes of an answer to RouteInteraction."""
    with grpc.insecure_channel(address) as channel, ThreadPoolExecutor(AT_ONCE) as pool:
        tenants = [id_of_tenant(number) for number in range(TENANTS)]
        list(pool.map(lambda each: _configure(channel, each), tenants))
        agents = [(tenant_id, f"agent-{each:04d}") for tenant_id in tenants for each in range(AGENTS)]
        list(pool.map(lambda each: _bring_online(channel, *each), agents))
        return _route_once(channel)


def _configure(channel: grpc.Channel, tenant_id: str) -> None:
    agents = [f"agent-{each:04d}" for each in range(AGENTS)]
    configuration = configuration_service_pb2.Configuration(
        tenant=Tenant(name=tenant_id),
        agents=[agent_pb2.Agent(agent_id=each, name=each.title(), capacity=CAPACITY) for each in agents],
        workgroups=[
            workgroup_pb2.Workgroup(
                workgroup_id=WORKGROUP,
                name="Sales",
                member_ids=agents,
                method=workgroup_pb2.ASSIGNMENT_METHOD_LEAST_LOAD,
                queue_when_nobody_online=True,
            )
        ],
        campaigns=[_campaign()],
        contacts=[Contact(contact_id=f"contact-{each:06d}", name="Somebody") for each in range(KNOWN)],
    )
    ConfigurationServiceStub(channel).ApplyConfiguration(
        configuration_service_pb2.ApplyConfigurationRequest(tenant_id=tenant_id, configuration=configuration)
    )


def _campaign() -> Campaign:
    return Campaign(
        campaign_id=CAMPAIGN,
        name="Sales",
        addresses=[CampaignAddress(channel=channel_pb2.CHANNEL_VOICE, address="+15550100")],
        workgroup_ids=[WORKGROUP],
        dispositions=[Disposition(name=DISPOSITION)],
    )


def _bring_online(channel: grpc.Channel, tenant_id: str, agent_id: str) -> None:
    AgentServiceStub(channel).SetAgentStatus(
        agent_service_pb2.SetAgentStatusRequest(
            tenant_id=tenant_id, agent_id=agent_id, status=agent_pb2.AGENT_STATUS_ONLINE
        )
    )


def _route_once(channel: grpc.Channel) -> bytes:
    caller = Caller(uuid4().hex[:8], 0)
    response: bytes = channel.unary_unary(ROUTE)(next(caller.requests()))
    channel.unary_unary(COMPLETE)(caller.completion(response, 0))
    return response
