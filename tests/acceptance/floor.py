"""A contact centre as its people see it: what they do, each a call over gRPC, and what became of it, in short words."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import grpc
import pytest

from cartera.client import AsyncClient, AsyncWatch, CarteraError
from cartera.routing.v1.agent_pb2 import (
    AGENT_STATUS_OFFLINE,
    AGENT_STATUS_ONLINE,
    AGENT_STATUS_PAUSED,
    Agent,
    AgentPresence,
)
from cartera.routing.v1.campaign_pb2 import Campaign, CampaignAddress, Disposition
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE, Channel
from cartera.routing.v1.configuration_service_pb2 import Configuration
from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.event_pb2 import Event, EventKind
from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState, RoutingReason
from cartera.routing.v1.portfolio_pb2 import Portfolio
from cartera.routing.v1.routing_service_pb2 import RouteInteractionResponse, RoutingOutcome
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_ROUND_ROBIN, Workgroup
from tests.fixtures.service import RunningService

WEB_CHAT, HOTLINE = "web-chat", "+34900"
PATIENCE = 20
"""Seconds within which what must happen has happened; nothing waits so long unless it fails."""

Placed = tuple[str, str, str]
"""Where an interaction is, by which rule, and with whom."""


def agent(agent_id: str, capacity: int = 1, **fields: Any) -> Agent:
    return Agent(agent_id=agent_id, name=agent_id.title(), capacity=capacity, **fields)


def workgroup(workgroup_id: str, *member_ids: str, **fields: Any) -> Workgroup:
    given = {"method": ASSIGNMENT_METHOD_ROUND_ROBIN, "name": workgroup_id.title(), **fields}
    return Workgroup(workgroup_id=workgroup_id, member_ids=member_ids, **given)


def campaign(campaign_id: str, *workgroup_ids: str, **fields: Any) -> Campaign:
    """A campaign with a chat and a hotline, and two dispositions of which one has sub-dispositions."""
    given = {
        "name": campaign_id.title(),
        "project": "Invierno",
        "client": "ACME",
        "addresses": [
            CampaignAddress(channel=CHANNEL_CHAT, address=WEB_CHAT),
            CampaignAddress(channel=CHANNEL_VOICE, address=HOTLINE),
        ],
        "dispositions": [
            Disposition(name="Venta"),
            Disposition(name="Queja", sub_dispositions=["Demora", "Trato"]),
        ],
        **fields,
    }
    return Campaign(campaign_id=campaign_id, workgroup_ids=workgroup_ids, **given)


def contact(contact_id: str, **fields: Any) -> Contact:
    return Contact(contact_id=contact_id, name=contact_id.title(), **fields)


def portfolio(portfolio_id: str, *owner_agent_ids: str, **fields: Any) -> Portfolio:
    return Portfolio(portfolio_id=portfolio_id, name=portfolio_id.title(), owner_agent_ids=owner_agent_ids, **fields)


class Floor:
    """A tenant on a running service, and the people and gateways that call it."""

    def __init__(self, service: RunningService, tenant_id: str = "sol") -> None:
        self.service = service
        self.tenant_id = tenant_id
        self.channel = grpc.aio.insecure_channel(service.address)
        self.administrator = self._client("administrator", "root")
        self.gateway = self._client("gateway", "pbx")

    def _client(self, role: str, subject: str) -> AsyncClient:
        return self.service.client(self.channel, role, subject, self.tenant_id)

    def agent(self, agent_id: str) -> AsyncClient:
        return self._client("agent", agent_id)

    def supervisor(self, supervisor_id: str) -> AsyncClient:
        return self._client("supervisor", supervisor_id)

    async def leave(self) -> None:
        await self.channel.close()

    async def passes(self, **time: float) -> None:
        await self.service.advance(**time)

    # What an administrator sets up.

    async def declare(self, **resources: Any) -> None:
        await self.administrator.configuration.ApplyConfiguration(configuration=Configuration(**resources))

    async def ventas(self, *agent_ids: str, capacity: int = 1, contacts: Iterable[str] = (), **policy: Any) -> None:
        """The workgroup «ventas» of these agents, the campaign «tienda» that it serves, and a contact list."""
        await self.declare(
            agents=[agent(each, capacity) for each in agent_ids],
            workgroups=[workgroup("ventas", *agent_ids, **policy)],
            campaigns=[campaign("tienda", "ventas")],
            contacts=[contact(each) for each in contacts],
        )

    async def give(self, portfolio_id: str, *contact_ids: str) -> None:
        await self.administrator.portfolios.AssignPortfolio(portfolio_id=portfolio_id, contact_ids=contact_ids)

    async def owns(self, agent_id: str, *contact_ids: str) -> None:
        """The agent has these contacts in a portfolio of its own."""
        await self.declare(portfolios=[portfolio(f"de-{agent_id}", agent_id)])
        await self.give(f"de-{agent_id}", *contact_ids)

    # What agents do.

    async def online(self, *agent_ids: str, channels: Iterable[Channel.ValueType] = ()) -> list[str]:
        """The agents go online, one after another; answers whom they are given at once."""
        given: list[str] = []
        for agent_id in agent_ids:
            answer = await self.agent(agent_id).agents.SetAgentStatus(
                agent_id=agent_id, status=AGENT_STATUS_ONLINE, channels=channels
            )
            given += [interaction.contact_id for interaction in answer.assigned]
        return given

    async def offline(self, *agent_ids: str) -> None:
        for agent_id in agent_ids:
            await self.agent(agent_id).agents.SetAgentStatus(agent_id=agent_id, status=AGENT_STATUS_OFFLINE)

    async def pause(self, agent_id: str) -> None:
        await self.agent(agent_id).agents.SetAgentStatus(
            agent_id=agent_id, status=AGENT_STATUS_PAUSED, reason_code="almuerzo"
        )

    async def claim(self, agent_id: str, interaction_id: str = "") -> Interaction:
        answer = await self.agent(agent_id).routing.ClaimInteraction(agent_id=agent_id, interaction_id=interaction_id)
        return answer.interaction

    async def accept(self, agent_id: str, interaction_id: str) -> Interaction:
        answer = await self.agent(agent_id).routing.AcceptOffer(interaction_id=interaction_id, agent_id=agent_id)
        return answer.interaction

    async def reject(self, agent_id: str, interaction_id: str) -> Interaction:
        answer = await self.agent(agent_id).routing.RejectOffer(interaction_id=interaction_id, agent_id=agent_id)
        return answer.interaction

    async def finish_wrap_up(self, agent_id: str, interaction_id: str) -> Interaction:
        answer = await self.agent(agent_id).routing.FinishWrapUp(interaction_id=interaction_id)
        return answer.interaction

    async def transfer(self, interaction_id: str, **target: str) -> Interaction:
        answer = await self.administrator.routing.Transfer(interaction_id=interaction_id, note="relevo", **target)
        return answer.interaction

    async def complete(self, interaction_id: str, disposition: str = "Venta", **fields: Any) -> Interaction:
        answer = await self.administrator.routing.CompleteInteraction(
            interaction_id=interaction_id, disposition=disposition, **fields
        )
        return answer.interaction

    async def assign(self, interaction_id: str, agent_id: str, **fields: Any) -> Interaction:
        answer = await self.administrator.routing.AssignInteraction(
            interaction_id=interaction_id, agent_id=agent_id, **fields
        )
        return answer.interaction

    # What contacts do.

    async def routed(self, contact_id: str, campaign_id: str = "tienda", **fields: Any) -> RouteInteractionResponse:
        given = {"channel": CHANNEL_CHAT, **fields}
        return await self.gateway.routing.RouteInteraction(contact_id=contact_id, campaign_id=campaign_id, **given)

    async def chat(self, contact_id: str, campaign_id: str = "tienda", **fields: Any) -> Interaction:
        return (await self.routed(contact_id, campaign_id, **fields)).interaction

    async def call(self, contact_id: str, campaign_id: str = "tienda", **fields: Any) -> Interaction:
        return (await self.routed(contact_id, campaign_id, channel=CHANNEL_VOICE, **fields)).interaction

    async def hangs_up(self, interaction_id: str) -> None:
        await self.gateway.routing.CancelInteraction(interaction_id=interaction_id)

    # What there is to see.

    async def interaction(self, interaction_id: str) -> Interaction:
        answer = await self.administrator.routing.GetInteraction(interaction_id=interaction_id)
        return answer.view.interaction

    async def where(self, interaction: Interaction) -> Placed:
        """Where an interaction is by now."""
        return placed(await self.interaction(interaction.interaction_id))

    async def held_by(self, agent_id: str) -> list[str]:
        """The contacts whose interactions an agent holds, the newest first."""
        answer = await self.agent(agent_id).routing.ListInteractions(
            states=[InteractionState.INTERACTION_STATE_ASSIGNED]
        )
        return [view.interaction.contact_id for view in answer.views]

    async def presence(self, agent_id: str) -> AgentPresence:
        return (await self.administrator.agents.GetAgent(agent_id=agent_id)).presence

    async def portfolio_of(self, contact_id: str) -> str:
        answer = await self.administrator.contacts.GetContact(contact_id=contact_id)
        return answer.portfolio_contact.portfolio_id

    async def revision(self) -> int:
        answer = await self.administrator.configuration.GetTenant()
        return answer.revision

    async def log(self) -> list[Any]:
        """Every change of the tenant from its beginning, as a new watcher is told it."""
        head = await self.revision()
        async with await self.administrator.watch(0) as watch:
            return [step.change async for step in up_to(watch, head) if step.HasField("change")]

    async def events(self, kind: str, after: int = 0) -> list[Any]:
        """All that happened of one kind after a revision."""
        changes = [change for change in await self.log() if change.revision > after]
        return [getattr(event, kind) for change in changes for event in change.events if event.HasField(kind)]

    async def kinds(self, after: int = 0) -> list[str]:
        """The kinds of all that happened after a revision, in its order."""
        changes = [change for change in await self.log() if change.revision > after]
        return [event.WhichOneof("kind") for change in changes for event in change.events]


def placed(interaction: Interaction) -> Placed:
    state = InteractionState.Name(interaction.state).removeprefix("INTERACTION_STATE_")
    reason = RoutingReason.Name(interaction.reason).removeprefix("ROUTING_REASON_")
    return state, reason, interaction.agent_id


def outcome(answer: Any) -> str:
    return RoutingOutcome.Name(answer.outcome).removeprefix("ROUTING_OUTCOME_")


def held(agent_id: str, reason: str) -> Placed:
    return "ASSIGNED", reason, agent_id


def offered(agent_id: str, reason: str = "ROUND_ROBIN") -> Placed:
    return "OFFERED", reason, agent_id


INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
OWNER_AWAITED = ("WAITING_FOR_OWNER", "OWNER_NOT_AVAILABLE", "")
QUEUED = ("QUEUED", "NO_AGENT_AVAILABLE", "")
UNASSIGNED = ("UNASSIGNED", "NOBODY_ONLINE", "")
MINUTES_5 = timedelta(minutes=5)


async def up_to(watch: AsyncWatch, revision: int) -> Any:
    """The steps of a watch up to a revision, which must come."""
    async with asyncio.timeout(PATIENCE):
        while watch.revision < revision:
            yield await anext(watch)


async def seen(watch: AsyncWatch, kind: EventKind.ValueType) -> Event:
    """The next event of a kind that a watch delivers, which must come."""
    async with asyncio.timeout(PATIENCE):
        async for step in watch:
            for event in step.change.events:
                if event.DESCRIPTOR.fields_by_name[event.WhichOneof("kind")].number == kind:
                    return event
    raise AssertionError("the watch ended")


@contextmanager
def refused(*reasons: str, code: grpc.StatusCode = grpc.StatusCode.FAILED_PRECONDITION) -> Iterator[Any]:
    """What is done within is refused, for exactly these reasons, all named in the one answer."""
    with pytest.raises(CarteraError) as raised:
        yield raised
    error = raised.value
    named = [each.type for each in error.violations] or [each.reason for each in error.field_violations]
    assert (named or [error.reason], error.code) == (list(reasons), code)
    assert error.reason == reasons[0]


def denied() -> Any:
    """What is done within is more than the caller may."""
    return refused("PERMISSION_DENIED", code=grpc.StatusCode.PERMISSION_DENIED)
