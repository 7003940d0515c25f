"""The index of agents who may be given something: by workgroup and channels, in the order of the workgroup's method."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from cartera.core.methods import method_of
from cartera.core.methods.method import Candidate, Entry, Rank
from cartera.core.records import Agent, AgentPresence, Workgroup
from cartera.core.skills import Need, Profile, has_all, profile_of
from cartera.core.slots import ALL_CHANNELS, Load
from cartera.core.vocabulary import AgentStatus, Channel

Channels = tuple[Channel, ...]


def channels_handled(agent: Agent) -> Channels:
    """The channels that an agent handles, by its configuration."""
    return agent.channels or ALL_CHANNELS


def channels_online(agent: Agent, presence: AgentPresence | None) -> Channels:
    """The channels for which an agent is online: of those it handles, those it takes now (C3)."""
    if presence is None or presence.status is not AgentStatus.ONLINE:
        return ()
    handled = channels_handled(agent)
    return _common(presence.channels, handled) if presence.channels else handled


def is_cooling_down(presence: AgentPresence | None) -> bool:
    """Whether an agent is online and is given nothing by itself for a while (C9, C14)."""
    return presence is not None and presence.cool_down_until is not None and presence.status is AgentStatus.ONLINE


def candidate(agent: Agent, presence: AgentPresence, load: Load, position: int) -> Candidate:
    """What a method may know of an agent."""
    return Candidate(load.units / agent.capacity, presence.last_assigned_at, position, presence.idle_since)


def _common(channels: Channels, others: Channels) -> Channels:
    return channels if channels == others else tuple(each for each in channels if each in others)


class Standing(NamedTuple):
    """How an agent stands in the index."""

    online: Channels
    ready: Channels
    """Those of them in which it may be given something now."""
    capacity: int
    profile: Profile
    workgroup_ids: tuple[str, ...]
    entries: tuple[tuple[str, Channels, Entry], ...]
    """For each workgroup that may choose it: on which channels, and its rank."""


_ABSENT = Standing((), (), 0, (), (), ())


class Availability:
    """Who may be given something, and who is online, in each workgroup and channel."""

    def __init__(self) -> None:
        self._workgroups: dict[str, Workgroup] = {}
        self._positions: dict[str, dict[str, int]] = {}
        self._rank: dict[str, Callable[[Candidate], Rank]] = {}
        self._chosen: dict[str, dict[str, Channels]] = {}
        self._workgroups_of: defaultdict[str, list[str]] = defaultdict(list)
        self._standings: dict[str, Standing] = {}
        self._ready: dict[str, dict[Channels, list[Entry]]] = {}
        self._skilled: dict[str, dict[tuple[Channels, Profile], list[Entry]]] = {}
        self._online: Counter[tuple[str, Channel]] = Counter()
        self._capacity_online: Counter[str] = Counter()

    def workgroups_of(self, agent_id: str) -> Sequence[str]:
        """The workgroups that an agent is a member of."""
        return self._workgroups_of.get(agent_id, ())

    def position(self, workgroup_id: str, agent_id: str) -> int:
        """A member's place in the rotation, from 0; -1 for who is no member."""
        return self._positions.get(workgroup_id, {}).get(agent_id, -1)

    def ready(self, workgroup_id: str, channel: Channel, need: Need = ()) -> list[list[Entry]]:
        """The members whom the workgroup's method may choose from, with the skills demanded: a list, in the order of
        the method, for each set of channels (and of skills) that any of them has. Most workgroups have one such set,
        and an agent then stands in one list, not in one per channel.
        """
        if need:
            return [entries for _, entries in self.skilled(workgroup_id, channel, need)]
        groups = self._ready.get(workgroup_id, {})
        return [entries for channels, entries in groups.items() if channel in channels]

    def skilled(self, workgroup_id: str, channel: Channel, need: Need) -> list[tuple[Profile, list[Entry]]]:
        """The same, each list with the skills of those in it."""
        groups = self._skilled.get(workgroup_id, {})
        return [
            (profile, entries)
            for (channels, profile), entries in groups.items()
            if channel in channels and has_all(profile, need)
        ]

    def is_ready(self, agent_id: str, channel: Channel) -> bool:
        """Whether an agent is online for the channel, has a free slot, and is not cooling down."""
        return channel in self._standings.get(agent_id, _ABSENT).ready

    def is_ready_for_any(self, agent_id: str) -> bool:
        """The same, for any channel."""
        return bool(self._standings.get(agent_id, _ABSENT).ready)

    def who_are_there(self, workgroup_id: str, channel: Channel, ready: list[list[Entry]]) -> list[list[Entry]]:
        """Those of a workgroup's lists who are online for the channel: all, unless its method chooses online or not."""
        if workgroup_id not in self._chosen:
            return ready
        there = ([entry for entry in entries if self.is_ready(entry[-1], channel)] for entries in ready)
        return [entries for entries in there if entries]

    def is_any_ready(self, workgroup_id: str, channel: Channel) -> bool:
        """Whether any member is ready, whether or not the workgroup's method may choose it."""
        if workgroup_id not in self._chosen:
            return bool(self.ready(workgroup_id, channel))
        return any(self.is_ready(agent_id, channel) for agent_id in self._positions.get(workgroup_id, ()))

    def is_anybody_online(self, workgroup_id: str, channel: Channel) -> bool:
        """Whether any member is online for the channel, with a free slot or not (M3)."""
        return self._online[workgroup_id, channel] > 0

    def capacity_online(self, workgroup_id: str) -> int:
        """The capacity of the members who are online, in units."""
        return self._capacity_online[workgroup_id]

    def set_workgroup(self, workgroup_id: str, workgroup: Workgroup | None) -> Iterable[str]:
        """Set or remove a workgroup. Returns the agents who must then be refreshed: its members before and after."""
        former = self._workgroups.pop(workgroup_id, None)
        former_ids = former.member_ids if former else ()
        for agent_id in former_ids:
            self._withdraw(agent_id)
            self._workgroups_of[agent_id].remove(workgroup_id)
        self._positions.pop(workgroup_id, None)
        self._rank.pop(workgroup_id, None)
        self._chosen.pop(workgroup_id, None)
        if workgroup is None:
            return former_ids
        self._workgroups[workgroup_id] = workgroup
        self._rank[workgroup_id] = method_of(workgroup).rank
        self._positions[workgroup_id] = {agent_id: place for place, agent_id in enumerate(workgroup.member_ids)}
        if method_of(workgroup).chosen:
            self._chosen[workgroup_id] = _chosen_channels(workgroup)
        for agent_id in workgroup.member_ids:
            self._withdraw(agent_id)
            self._workgroups_of[agent_id].append(workgroup_id)
        return dict.fromkeys((*former_ids, *workgroup.member_ids))

    def refresh(self, agent: Agent | None, agent_id: str, presence: AgentPresence | None, load: Load) -> bool:
        """Bring an agent's standing up to date. Returns whether it changed what the agent may be given."""
        former = self._standings.get(agent_id, _ABSENT)
        standing = self._standing(agent, presence, load) if agent else _ABSENT
        if standing == former:
            return False
        self._standings[agent_id] = standing
        if standing.online != former.online or standing.capacity != former.capacity:
            self._count_online(former, -1)
            self._count_online(standing, 1)
        if _may_be_given_alike(standing, former):
            self._move_in_lists(former, standing)
            return False
        self._leave_lists(former)
        self._enter_lists(standing)
        return True

    def _standing(self, agent: Agent, presence: AgentPresence | None, load: Load) -> Standing:
        workgroup_ids = tuple(self._workgroups_of.get(agent.agent_id, ()))
        online = channels_online(agent, presence)
        if not online and self._chosen.keys().isdisjoint(workgroup_ids):
            return _ABSENT
        free = () if is_cooling_down(presence) else load.free
        ready = _common(online, free)
        presence = presence or AgentPresence(agent.agent_id)
        entries = [
            (workgroup_id, channels, self._entry(workgroup_id, agent, presence, load))
            for workgroup_id in workgroup_ids
            if (channels := self._channels(workgroup_id, agent, ready, free))
        ]
        return Standing(online, ready, agent.capacity, profile_of(agent.skills), workgroup_ids, tuple(entries))

    def _channels(self, workgroup_id: str, agent: Agent, ready: Channels, free: Channels) -> Channels:
        """On which channels a workgroup's method may choose an agent now."""
        chosen = self._chosen.get(workgroup_id)
        if chosen is None:
            return ready
        return _common(_common(chosen.get(agent.agent_id, ()), channels_handled(agent)), free)

    def _entry(self, workgroup_id: str, agent: Agent, presence: AgentPresence, load: Load) -> Entry:
        position = self._positions[workgroup_id][agent.agent_id]
        return (*self._rank[workgroup_id](candidate(agent, presence, load, position)), agent.agent_id)

    def _withdraw(self, agent_id: str) -> None:
        standing = self._standings.pop(agent_id, _ABSENT)
        self._leave_lists(standing)
        self._count_online(standing, -1)

    def _enter_lists(self, standing: Standing) -> None:
        profile = standing.profile
        for workgroup_id, channels, entry in standing.entries:
            _put_in(self._ready, workgroup_id, channels, entry)
            if profile:
                _put_in(self._skilled, workgroup_id, (channels, profile), entry)

    def _move_in_lists(self, former: Standing, standing: Standing) -> None:
        """Only the agent's ranks are others."""
        for (workgroup_id, channels, entry), (_, _, old) in zip(standing.entries, former.entries, strict=True):
            _move(self._ready[workgroup_id][channels], old, entry)
            if standing.profile:
                _move(self._skilled[workgroup_id][channels, standing.profile], old, entry)

    def _leave_lists(self, standing: Standing) -> None:
        profile = standing.profile
        for workgroup_id, channels, entry in standing.entries:
            _take_out(self._ready[workgroup_id], channels, entry)
            if profile:
                _take_out(self._skilled[workgroup_id], (channels, profile), entry)

    def _count_online(self, standing: Standing, step: int) -> None:
        if not standing.online:
            return
        for workgroup_id in standing.workgroup_ids:
            for channel in standing.online:
                self._online[workgroup_id, channel] += step
            self._capacity_online[workgroup_id] += step * standing.capacity


def _may_be_given_alike(one: Standing, other: Standing) -> bool:
    """Whether the one may be given the same as the other, whatever the ranks."""
    if one.ready != other.ready or one.profile != other.profile or len(one.entries) != len(other.entries):
        return False
    for (workgroup_id, channels, _), (other_id, other_channels, _) in zip(one.entries, other.entries, strict=True):
        if workgroup_id != other_id or channels != other_channels:
            return False
    return True


def _chosen_channels(workgroup: Workgroup) -> dict[str, Channels]:
    """The channels on which the workgroup's method chooses each agent, online or not (M5, M6)."""
    chosen = method_of(workgroup).chosen
    channels: dict[str, Channels] = {}
    for channel in ALL_CHANNELS if chosen else ():
        for agent_id in chosen(workgroup, channel) if chosen else ():
            channels[agent_id] = (*channels.get(agent_id, ()), channel)
    return channels


def _put_in(workgroups: dict[str, dict[Any, list[Entry]]], workgroup_id: str, group: Any, entry: Entry) -> None:
    groups = workgroups.get(workgroup_id)
    if groups is None:
        groups = workgroups[workgroup_id] = {}
    entries = groups.get(group)
    if entries is None:
        groups[group] = [entry]
    else:
        insort(entries, entry)


def _move(entries: list[Entry], old: Entry, new: Entry) -> None:
    del entries[bisect_left(entries, old)]
    insort(entries, new)


def _take_out(groups: dict[Any, list[Entry]], group: Any, entry: Entry) -> None:
    entries = groups[group]
    del entries[bisect_left(entries, entry)]
    if not entries:
        del groups[group]
