"""What the gateway asks of Cartera, for a caller and for an agent's phone."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from cartera.client import AsyncClient
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_PAUSED
from cartera.routing.v1.channel_pb2 import CHANNEL_VOICE
from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState, QueuePosition

from sidecar.call import Call
from sidecar.campaigns import Campaigns

PAGE = 1000
PAUSE_REASON = "phone_not_answered"

OPEN = [
    InteractionState.INTERACTION_STATE_WAITING_FOR_OWNER,
    InteractionState.INTERACTION_STATE_QUEUED,
    InteractionState.INTERACTION_STATE_UNASSIGNED,
    InteractionState.INTERACTION_STATE_OFFERED,
]
"""Nobody has it yet."""


class Standing(NamedTuple):
    """An interaction, and where it stands in the queue."""

    interaction: Interaction
    position: QueuePosition
    revision: int


class Desk:
    """Two callers of Cartera: the gateway, and a supervisor of the workgroups who answers for the agents' phones."""

    def __init__(self, name: str, gateway: AsyncClient, phones: AsyncClient, disposition: str) -> None:
        self._tag = f"gateway:{name}"
        self._gateway = gateway
        self._phones = phones
        self._disposition = disposition
        self.campaigns = Campaigns(gateway, disposition)

    async def route(self, call: Call) -> Standing | None:
        """None: there is no such number. The request_id makes a call one interaction, however often this is asked."""
        campaign_id = await self.campaigns.of(call.number)
        if campaign_id is None:
            return None
        answer = await self._gateway.routing.RouteInteraction(
            request_id=f"sip-{call.key}",
            campaign_id=campaign_id,
            contact_id=call.caller or f"anonymous-{call.key}",
            channel=CHANNEL_VOICE,
            address=call.number,
            tags=[self._tag, _tag_of(call.key)],
        )
        return Standing(answer.interaction, answer.queue_position, answer.revision)

    async def look(self, interaction_id: str, revision: int) -> Standing:
        answer = await self._gateway.routing.GetInteraction(interaction_id=interaction_id, min_revision=revision)
        return Standing(answer.view.interaction, answer.queue_position, answer.revision)

    async def accept(self, interaction: Interaction) -> int:
        """The revision in which it was done; so with all below."""
        offer = {"interaction_id": interaction.interaction_id, "agent_id": interaction.agent_id}
        return (await self._phones.routing.AcceptOffer(**offer)).revision

    async def reject(self, interaction: Interaction) -> int:
        offer = {"interaction_id": interaction.interaction_id, "agent_id": interaction.agent_id}
        return (await self._phones.routing.RejectOffer(**offer)).revision

    async def give_back(self, interaction: Interaction) -> int:
        """Paused first: otherwise the agent may be given it again, and again."""
        await self._phones.agents.SetAgentStatus(
            agent_id=interaction.agent_id, status=AGENT_STATUS_PAUSED, reason_code=PAUSE_REASON
        )
        answer = await self._phones.routing.Transfer(
            interaction_id=interaction.interaction_id,
            workgroup_id=interaction.workgroup_id,
            note=f"The phone of {interaction.agent_id} was not answered.",
        )
        return answer.revision

    async def complete(self, interaction: Interaction) -> int:
        answer = await self._gateway.routing.CompleteInteraction(
            interaction_id=interaction.interaction_id, disposition=self._disposition
        )
        return answer.revision

    async def cancel(self, interaction: Interaction) -> int:
        answer = await self._gateway.routing.CancelInteraction(interaction_id=interaction.interaction_id)
        return answer.revision

    async def waiting(self) -> AsyncIterator[tuple[str, Interaction]]:
        """Those of this gateway that nobody has yet, each with the key of its call."""
        token = ""
        while True:
            listed = await self._gateway.routing.ListInteractions(states=OPEN, page_size=PAGE, page_token=token)
            for view in listed.views:
                if self._tag in view.interaction.tags:
                    yield _key_of(view.interaction), view.interaction
            token = listed.next_page_token
            if not token:
                return


def _tag_of(key: str) -> str:
    return f"call:{key}"


def _key_of(interaction: Interaction) -> str:
    return next((tag.removeprefix("call:") for tag in interaction.tags if tag.startswith("call:")), "")
