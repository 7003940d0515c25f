"""The monitoring table: what agents do and how workgroups stand, now and today (W2).

It is made from what routing itself goes by, when somebody asks. Routing pays nothing for it but the counters of the day
(`counting`) and of what waits (`unanswered`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.availability import channels_online
from cartera.core.caller import Caller
from cartera.core.counting import activity_today, online_until, service_level_target
from cartera.core.day import day_start
from cartera.core.fairness import fairness
from cartera.core.permission import manages
from cartera.core.records import Agent, AgentPresence, Workgroup, WorkgroupActivity
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, Channel, InteractionState


class AgentMonitor(NamedTuple):
    """An agent's row."""

    agent_id: str
    name: str
    status: AgentStatus
    reason_code: str
    status_since: datetime | None
    channels: tuple[Channel, ...]
    available: bool
    units_in_use: int
    capacity: int
    offered: int
    assigned: int
    wrap_up: int
    assigned_today: int
    online_today: timedelta | None
    workgroup_ids: tuple[str, ...]


class WorkgroupMonitor(NamedTuple):
    """A workgroup's row."""

    workgroup_id: str
    name: str
    waiting_for_owner: int
    queued: int
    unassigned: int
    offered: int
    longest_wait: timedelta | None
    assigned_today: int
    abandoned_today: int
    service_level_target: timedelta
    service_level: float | None
    agents_online: int
    agents_available: int
    fairness: float | None


class Monitor(NamedTuple):
    """The table, as it is at a time."""

    as_of: datetime
    day_started_at: datetime
    workgroups: tuple[WorkgroupMonitor, ...]
    agents: tuple[AgentMonitor, ...]


class Scope(NamedTuple):
    """What is shown. Filters that are set must all hold; a supervisor sees what it manages (K7)."""

    workgroup_ids: Collection[str] = ()
    agent_ids: Collection[str] = ()
    supervisor: Caller | None = None


EVERYTHING = Scope()


def monitor(state: State, now: datetime, scope: Scope = EVERYTHING) -> Monitor:
    """The table of what is in scope."""
    making = Making(state, now, scope)
    making.take(making.part(state, making.left))
    return making.made()


class Part(NamedTuple):
    """Some rows of a table."""

    agents: dict[str, AgentMonitor]
    workgroups: list[WorkgroupMonitor]
    size: int


class Making:
    """A table in the making. That of a large tenant is made in parts, so that routing goes on between them: its
    revision and its time are those of the beginning, and what changes meanwhile is in it or in the next.
    """

    def __init__(self, state: State, now: datetime, scope: Scope) -> None:
        self.revision, self._now = state.revision, now
        tenant = state.tenant()
        self._day = day_start(tenant.time_zone if tenant else "", now)
        self._managed = {
            workgroup.workgroup_id: workgroup
            for workgroup in state.table(Workgroup).values()
            if not scope.supervisor or manages(scope.supervisor, workgroup)
        }
        """The workgroups that the caller may see: a supervisor those that it manages (K7), everybody else all."""
        workgroups = self._workgroups_in(scope)
        members = [agent_id for workgroup in workgroups for agent_id in workgroup.member_ids]
        self._agent_ids = _agents_in(scope, members, state)
        self._rows: list[str | Workgroup] = [*dict.fromkeys((*self._agent_ids, *members)), *workgroups]
        self._taken = 0
        self._agents: dict[str, AgentMonitor] = {}
        self._workgroups: list[WorkgroupMonitor] = []

    @property
    def left(self) -> int:
        """How many rows are not made yet."""
        return len(self._rows) - self._taken

    def part(self, state: State, at_most: int) -> Part:
        """The next rows. They count once they are taken: what they show may still be taken back."""
        rows = self._rows[self._taken : self._taken + at_most]
        agents = {each: self._agent(state, each) for each in rows if isinstance(each, str) and state.get(Agent, each)}
        workgroups = [self._workgroup(state, each, agents) for each in rows if isinstance(each, Workgroup)]
        return Part(agents, workgroups, len(rows))

    def take(self, part: Part) -> None:
        """Take in rows that were made."""
        self._agents.update(part.agents)
        self._workgroups += part.workgroups
        self._taken += part.size

    def made(self) -> Monitor:
        """The table, once all rows are made."""
        agents = (self._agents.get(agent_id) for agent_id in self._agent_ids)
        return Monitor(self._now, self._day, tuple(self._workgroups), tuple(agent for agent in agents if agent))

    def _workgroups_in(self, scope: Scope) -> list[Workgroup]:
        asked = sorted(scope.workgroup_ids or self._managed)
        shown = [self._managed[workgroup_id] for workgroup_id in asked if workgroup_id in self._managed]
        agent_ids = set(scope.agent_ids)
        return [each for each in shown if not agent_ids or not agent_ids.isdisjoint(each.member_ids)]

    def _agent(self, state: State, agent_id: str) -> AgentMonitor:
        agent, availability = state.get(Agent, agent_id) or Agent(agent_id), state.availability
        presence = state.get(AgentPresence, agent_id) or AgentPresence(agent_id)
        held = [interaction.state for interaction in state.held_by(agent_id)]
        return AgentMonitor(
            agent_id=agent_id,
            name=agent.name,
            status=presence.status,
            reason_code=presence.reason_code,
            status_since=presence.status_since,
            channels=channels_online(agent, presence),
            available=availability.is_ready_for_any(agent_id),
            units_in_use=state.units_in_use(agent_id),
            capacity=agent.capacity,
            offered=held.count(InteractionState.OFFERED),
            assigned=held.count(InteractionState.ASSIGNED),
            wrap_up=held.count(InteractionState.WRAP_UP),
            assigned_today=presence.assigned_today if presence.day_started_at == self._day else 0,
            online_today=online_until(presence, self._now, self._day),
            workgroup_ids=tuple([each for each in availability.workgroups_of(agent_id) if each in self._managed]),
        )

    def _workgroup(self, state: State, workgroup: Workgroup, agents: Mapping[str, AgentMonitor]) -> WorkgroupMonitor:
        """A workgroup's row; its members' rows are among those taken, or among these."""
        workgroup_id, unanswered = workgroup.workgroup_id, state.unanswered
        found = (agents.get(agent_id) or self._agents.get(agent_id) for agent_id in workgroup.member_ids)
        members = [member for member in found if member]
        activity = state.get(WorkgroupActivity, workgroup_id) or WorkgroupActivity(workgroup_id)
        counted = activity_today(activity, self._day)
        oldest = unanswered.oldest(workgroup_id)
        return WorkgroupMonitor(
            workgroup_id=workgroup_id,
            name=workgroup.name,
            waiting_for_owner=unanswered.number(workgroup_id, InteractionState.WAITING_FOR_OWNER),
            queued=unanswered.number(workgroup_id, InteractionState.QUEUED),
            unassigned=unanswered.number(workgroup_id, InteractionState.UNASSIGNED),
            offered=unanswered.number(workgroup_id, InteractionState.OFFERED),
            longest_wait=max(self._now - oldest, timedelta()) if oldest else None,
            assigned_today=counted.assigned_today,
            abandoned_today=counted.abandoned_today,
            service_level_target=service_level_target(workgroup),
            service_level=counted.within_target_today / counted.assigned_today if counted.assigned_today else None,
            agents_online=sum(member.status is AgentStatus.ONLINE for member in members),
            agents_available=sum(member.available for member in members),
            fairness=fairness((member.assigned_today, member.online_today) for member in members),
        )


def _agents_in(scope: Scope, members: Collection[str], state: State) -> list[str]:
    """With a supervisor, or workgroups named, the members of those shown; otherwise all agents."""
    if scope.supervisor is not None or scope.workgroup_ids:
        found = set(members)
    else:
        found = {agent_id for (agent_id,) in state.table(Agent)}
    return sorted(found.intersection(scope.agent_ids) if scope.agent_ids else found)
