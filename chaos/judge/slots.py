"""Slots: what agents hold, by a model of its own, so that no mistake in the core's counting hides (C1, C2)."""

from collections import defaultdict
from collections.abc import Iterable

from cartera.core.records import Agent, ChannelRule, Tenant
from cartera.core.vocabulary import Channel
from chaos.judge.verdict import Verdict

PLAIN = (1, 0, False)
"""The cost, the limit, and whether it is exclusive, of a channel without a rule."""

Rules = dict[Channel, tuple[int, int, bool]]


class Slots:
    """Who holds what: offers, interactions and wrap-ups."""

    def __init__(self, tenant_id: str, verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._capacity = verdict.check("capacity")
        self._rules: Rules = {}
        self._agents: dict[str, tuple[int, Rules]] = {}
        self._held: defaultdict[str, dict[str, Channel]] = defaultdict(dict)

    def save_tenant(self, tenant: Tenant) -> None:
        self._rules = _rules(tenant.channel_rules)

    def save_agent(self, agent: Agent) -> None:
        self._agents[agent.agent_id] = (agent.capacity, _rules(agent.channel_rules))

    def take(self, agent_id: str, interaction_id: str, channel: Channel, revision: int) -> None:
        """An agent is given one more. What it holds beyond a capacity that was lowered since is no violation; to be
        given more then is.
        """
        held = self._held[agent_id]
        told = self._too_much(agent_id, channel)
        held[interaction_id] = channel
        self._capacity.require(not told, self._tenant_id, revision, f"{agent_id} was given {interaction_id}: {told}")

    def release(self, agent_id: str, interaction_id: str) -> None:
        self._held[agent_id].pop(interaction_id, None)

    def _too_much(self, agent_id: str, channel: Channel) -> str:
        """Why an agent has no room for one more of a channel; empty where it has."""
        capacity, own = self._agents.get(agent_id, (0, {}))
        rules = {**self._rules, **own}
        held = list(self._held[agent_id].values())
        units = sum(rules.get(each, PLAIN)[0] for each in held)
        cost, limit, _ = rules.get(channel, PLAIN)
        if any(rules.get(each, PLAIN)[2] for each in held):
            return f"it holds {_list(self._held[agent_id])}, of which one is exclusive"
        if units + cost > capacity:
            return f"it holds {_list(self._held[agent_id])}, {units} units of {capacity}, and this costs {cost}"
        if limit and held.count(channel) >= limit:
            return f"it holds {_list(self._held[agent_id])}, and at most {limit} of {channel.name}"
        return ""


def _rules(rules: Iterable[ChannelRule]) -> Rules:
    return {rule.channel: (rule.cost, rule.limit, rule.exclusive) for rule in rules}


def _list(held: dict[str, Channel]) -> str:
    return ", ".join(f"{interaction_id} ({channel.name})" for interaction_id, channel in held.items()) or "nothing"
