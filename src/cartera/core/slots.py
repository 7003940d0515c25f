"""Slots: what interactions take of an agent's capacity, and what is free (C1, C2)."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from cartera.core.records import Agent, ChannelRule
from cartera.core.vocabulary import Channel

ALL_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.UNSPECIFIED)

_PLAIN = {channel: ChannelRule(channel) for channel in ALL_CHANNELS}


class Load(NamedTuple):
    """What an agent's interactions take, in units, and the channels of which it has room for one more."""

    units: int
    free: tuple[Channel, ...]


class Room(NamedTuple):
    """What an interaction of a channel takes of an agent, and what there is of it (C1, C2)."""

    units_in_use: int
    capacity: int
    cost: int
    held_of_channel: int
    channel_limit: int
    blocked: bool
    """Something is held of an exclusive channel."""


def load_of(agent: Agent, tenant_rules: Collection[ChannelRule], held: Collection[Channel]) -> Load:
    """The load of an agent who holds interactions of these channels. The agent's own rule for a channel counts, else
    the tenant's; with none, one unit each.
    """
    if not agent.channel_rules and not tenant_rules:
        return Load(len(held), ALL_CHANNELS if len(held) < agent.capacity else ())
    rules = _rules(agent, tenant_rules)
    units = sum(rules[channel].cost for channel in held)
    if any(rules[channel].exclusive for channel in held):
        return Load(units, ())
    room = agent.capacity - units
    numbers = Counter(held)
    return Load(units, tuple(each for each in ALL_CHANNELS if _fits(rules[each], room, numbers[each])))


def room_of(agent: Agent, tenant_rules: Collection[ChannelRule], held: Collection[Channel], channel: Channel) -> Room:
    """What decides whether an agent has room for one more of a channel (W3)."""
    rules = _rules(agent, tenant_rules)
    return Room(
        units_in_use=sum(rules[each].cost for each in held),
        capacity=agent.capacity,
        cost=rules[channel].cost,
        held_of_channel=sum(each is channel for each in held),
        channel_limit=rules[channel].limit,
        blocked=any(rules[each].exclusive for each in held),
    )


def _rules(agent: Agent, tenant_rules: Collection[ChannelRule]) -> dict[Channel, ChannelRule]:
    return _PLAIN | {rule.channel: rule for rule in (*tenant_rules, *agent.channel_rules)}


def _fits(rule: ChannelRule, room: int, held: int) -> bool:
    return rule.cost <= room and (not rule.limit or held < rule.limit)
