"""Holdings: what agents hold, and so what they have room for."""

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

from cartera.core.audience import Audience, AudienceKind
from cartera.core.availability import Availability, channels_handled, is_cooling_down
from cartera.core.records import Agent, AgentPresence, Interaction, Key, Record, Tenant
from cartera.core.slots import Load, load_of
from cartera.core.vocabulary import Channel

_NO_LOAD = Load(0, ())


class Holdings:
    """By agent, the interactions that take a slot of it. The tables and the availability are those of a state."""

    def __init__(self, tables: Mapping[type, Mapping[Key, Record]], availability: Availability) -> None:
        self._tables = tables
        self._availability = availability
        self._held: defaultdict[str, dict[str, Channel]] = defaultdict(dict)

    def take(self, interaction: Interaction) -> None:
        """It takes a slot of its agent."""
        self._held[interaction.agent_id][interaction.interaction_id] = interaction.channel

    def release(self, interaction: Interaction) -> None:
        """It takes no slot any more."""
        held = self._held[interaction.agent_id]
        del held[interaction.interaction_id]
        if not held:
            del self._held[interaction.agent_id]

    def held_by(self, agent_id: str) -> Mapping[str, Channel]:
        """The ids of what takes a slot of an agent, with their channels."""
        return self._held.get(agent_id, {})

    def load(self, agent_id: str) -> Load:
        """What an agent's interactions take, and the channels of which it has room for one more (C1, C2)."""
        agent = cast("Agent | None", self._tables[Agent].get((agent_id,)))
        if agent is None:
            return _NO_LOAD
        tenant = cast("Tenant | None", self._tables[Tenant].get(()))
        return load_of(agent, tenant.channel_rules if tenant else (), self._held.get(agent_id, {}).values())

    def may_be_given_online_or_not(self, agent_id: str, channel: Channel) -> bool:
        """Whether an agent, who need not be online, has a free slot and is not cooling down (E1, M4)."""
        presence = cast("AgentPresence | None", self._tables[AgentPresence].get((agent_id,)))
        return channel in self.load(agent_id).free and not is_cooling_down(presence)

    def may_be_given(self, whom: Audience, channel: Channel) -> bool:
        """Whether anybody of an audience, which is not a workgroup's queue, may be given an interaction now."""
        kind, identifier = whom
        if kind is AudienceKind.AGENT:
            return self._availability.is_ready(identifier, channel)
        if kind is AudienceKind.TEAM:
            return self._availability.is_any_ready(identifier, channel)
        agent = cast("Agent | None", self._tables[Agent].get((identifier,)))
        handles = agent is not None and (kind is AudienceKind.EXCLUSIVE or channel in channels_handled(agent))
        return handles and self.may_be_given_online_or_not(identifier, channel)
