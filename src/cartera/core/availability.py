"""The index of available agents: who is ready, by workgroup and channel, in the order of the workgroup's method."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from cartera.core.methods import METHODS
from cartera.core.methods.method import Candidate, Entry
from cartera.core.records import Agent, AgentPresence, Workgroup
from cartera.core.vocabulary import AgentStatus, Channel

ALL_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.UNSPECIFIED)


def channels_online(agent: Agent, presence: AgentPresence | None) -> tuple[Channel, ...]:
    """The channels for which an agent is online: of those it handles, those it takes now (C3)."""
    if presence is None or presence.status is not AgentStatus.ONLINE:
        return ()
    handled = agent.channels or ALL_CHANNELS
    return tuple(channel for channel in presence.channels if channel in handled) if presence.channels else handled


class Standing(NamedTuple):
    """How an agent stands in the index: what it is online for, what it is ready for, its rank in each workgroup."""

    online: tuple[Channel, ...]
    ready: tuple[Channel, ...]
    capacity: int
    entries: tuple[tuple[str, Entry], ...]


_ABSENT = Standing((), (), 0, ())


class Availability:
    """Who is ready, and who is online, in each workgroup and channel."""

    def __init__(self) -> None:
        self._workgroups: dict[str, Workgroup] = {}
        self._positions: dict[str, dict[str, int]] = {}
        self._workgroups_of: defaultdict[str, list[str]] = defaultdict(list)
        self._standings: dict[str, Standing] = {}
        self._ready: dict[str, dict[tuple[Channel, ...], list[Entry]]] = {}
        self._online: Counter[tuple[str, Channel]] = Counter()
        self._capacity_online: Counter[str] = Counter()

    def workgroups_of(self, agent_id: str) -> Sequence[str]:
        """The workgroups that an agent is a member of."""
        return self._workgroups_of.get(agent_id, ())

    def position(self, workgroup_id: str, agent_id: str) -> int:
        """A member's place in the rotation, from 0; -1 for who is no member."""
        return self._positions.get(workgroup_id, {}).get(agent_id, -1)

    def ready(self, workgroup_id: str, channel: Channel) -> list[list[Entry]]:
        """The available members: a list, in the order of the workgroup's method, for each set of channels that any of
        them takes. Most workgroups have one such set, and an agent then stands in one list, not in one per channel.
        """
        groups = self._ready.get(workgroup_id, {})
        return [entries for channels, entries in groups.items() if channel in channels]

    def is_ready(self, agent_id: str, channel: Channel) -> bool:
        """Whether an agent is online for the channel and has a free slot."""
        return channel in self._standings.get(agent_id, _ABSENT).ready

    def is_anybody_online(self, workgroup_id: str, channel: Channel) -> bool:
        """Whether any member is online for the channel, with a free slot or not (M3)."""
        return self._online[workgroup_id, channel] > 0

    def capacity_online(self, workgroup_id: str) -> int:
        """The capacity of the members who are online, in units."""
        return self._capacity_online[workgroup_id]

    def set_workgroup(self, workgroup_id: str, workgroup: Workgroup | None) -> set[str]:
        """Set or remove a workgroup. Returns the agents who must then be refreshed: its members before and after."""
        former = self._workgroups.pop(workgroup_id, None)
        former_ids = former.member_ids if former else ()
        for agent_id in former_ids:
            self._withdraw(agent_id)
            self._workgroups_of[agent_id].remove(workgroup_id)
        self._positions.pop(workgroup_id, None)
        if workgroup is None:
            return set(former_ids)
        self._workgroups[workgroup_id] = workgroup
        self._positions[workgroup_id] = {agent_id: place for place, agent_id in enumerate(workgroup.member_ids)}
        for agent_id in workgroup.member_ids:
            self._withdraw(agent_id)
            self._workgroups_of[agent_id].append(workgroup_id)
        return {*former_ids, *workgroup.member_ids}

    def refresh(self, agent: Agent | None, agent_id: str, presence: AgentPresence | None, units_in_use: int) -> bool:
        """Bring an agent's standing up to date. Returns whether it changed what the agent is ready for."""
        former = self._standings.get(agent_id, _ABSENT)
        standing = self._standing(agent, presence, units_in_use) if agent else _ABSENT
        if standing == former:
            return False
        self._standings[agent_id] = standing
        self._leave_lists(former)
        self._enter_lists(standing)
        if (standing.online, standing.capacity) != (former.online, former.capacity):
            self._count_online(former, -1)
            self._count_online(standing, 1)
        return standing.ready != former.ready

    def _standing(self, agent: Agent, presence: AgentPresence | None, units_in_use: int) -> Standing:
        online = channels_online(agent, presence)
        if not online or presence is None:
            return _ABSENT
        ready = online if units_in_use < agent.capacity else ()
        load = units_in_use / agent.capacity
        last = presence.last_assigned_at
        entries = tuple(
            (workgroup_id, self._entry(workgroup_id, agent.agent_id, load, last))
            for workgroup_id in self._workgroups_of.get(agent.agent_id, ())
        )
        return Standing(online, ready, agent.capacity, entries)

    def _entry(self, workgroup_id: str, agent_id: str, load: float, last: datetime | None) -> Entry:
        method = METHODS[self._workgroups[workgroup_id].method]
        candidate = Candidate(load, last, self._positions[workgroup_id][agent_id])
        return (method.rank(candidate), agent_id)

    def _withdraw(self, agent_id: str) -> None:
        standing = self._standings.pop(agent_id, _ABSENT)
        self._leave_lists(standing)
        self._count_online(standing, -1)

    def _enter_lists(self, standing: Standing) -> None:
        if standing.ready:
            for workgroup_id, entry in standing.entries:
                insort(self._ready.setdefault(workgroup_id, {}).setdefault(standing.ready, []), entry)

    def _leave_lists(self, standing: Standing) -> None:
        if standing.ready:
            for workgroup_id, entry in standing.entries:
                lists = self._ready[workgroup_id]
                entries = lists[standing.ready]
                del entries[bisect_left(entries, entry)]
                if not entries:
                    del lists[standing.ready]

    def _count_online(self, standing: Standing, step: int) -> None:
        for workgroup_id, _ in standing.entries:
            for channel in standing.online:
                self._online[workgroup_id, channel] += step
            self._capacity_online[workgroup_id] += step * standing.capacity
