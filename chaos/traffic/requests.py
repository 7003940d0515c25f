"""How requests are made: about something that is known of the floor, and filled in."""

from random import Random
from typing import Any

from google.protobuf.message import Message

from chaos.traffic.floor import Floor


def about(
    message: type[Message], floor: Floor, states: tuple[int, ...], chance: Random, *, with_agent: bool = False
) -> Message | None:
    """A request about an interaction that was last told to be in one of the states."""
    interaction = floor.any_of(states, chance)
    if interaction is None:
        return None
    request: Any = message(tenant_id=floor.tenant_id, interaction_id=interaction.interaction_id)
    return filled(request, agent_id=interaction.agent_id) if with_agent else request


def filled(request: Message, **fields: Any) -> Message:
    for name, value in fields.items():
        setattr(request, name, value)
    return request
