"""Agents: their presence and their sessions."""

from datetime import datetime, timedelta

from cartera.core.availability import channels_handled
from cartera.core.commands import ExtendSession, SetAgentStatus
from cartera.core.counting import uncounted
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, subject_of
from cartera.core.events import AgentSessionExtended, AgentStatusChanged, Event
from cartera.core.leaving import consequences
from cartera.core.permission import require_agent
from cartera.core.records import Agent, AgentPresence
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, ErrorReason

SESSION_LIMIT = timedelta(hours=12)
"""How long an agent may be connected or paused without a break, unless the tenant says otherwise (C4)."""

SESSION_ALERT = timedelta(minutes=30)
"""How long before that the agent is alerted, unless the tenant says otherwise (C4)."""


def set_agent_status(state: State, command: SetAgentStatus, context: Context) -> list[Event]:
    """Change an agent's presence (C3), with what that means for what it holds (C5, C9). Nothing happens where it is so
    already.
    """
    require_agent(state, context.caller, command.agent_id)
    agent = require(state, Agent, command.agent_id)
    reject_any(_status_violations(agent, command))
    former = state.get(AgentPresence, agent.agent_id) or AgentPresence(agent.agent_id)
    paused = command.status is AgentStatus.PAUSED
    presence = former._replace(
        status=command.status,
        reason_code=command.reason_code if paused else "",
        channels=() if command.status is AgentStatus.OFFLINE else command.channels,
        status_since=context.now,
    )
    if presence._replace(status_since=former.status_since) == former:
        return []
    if command.status is AgentStatus.OFFLINE:
        presence = presence._replace(session_started_at=None, session_ends_at=None, session_alert_at=None)
    elif former.session_started_at is None:
        presence = begin_session(state, presence, context.now)
    if command.status is AgentStatus.ONLINE and former.status is not AgentStatus.ONLINE:
        presence = presence._replace(idle_since=context.now, misses=0)
    changed = AgentStatusChanged(uncounted(presence), former.status, session_limit_reached=False)
    return [changed, *consequences(state, former, presence, context.now)]


def _status_violations(agent: Agent, command: SetAgentStatus) -> list[Violation]:
    violations = []
    if command.status is AgentStatus.PAUSED and not command.reason_code:
        violations.append(Violation(ErrorReason.REASON_CODE_REQUIRED, "reason_code"))
    for channel in command.channels:
        if channel not in channels_handled(agent):
            data = {"channel": channel.name}
            violations.append(Violation(ErrorReason.AGENT_LACKS_CHANNEL, subject_of(Agent, agent.agent_id), data))
    return violations


def extend_session(state: State, command: ExtendSession, context: Context) -> list[Event]:
    """Begin the time of an agent's session anew (C4)."""
    require_agent(state, context.caller, command.agent_id)
    require(state, Agent, command.agent_id)
    presence = state.get(AgentPresence, command.agent_id)
    if presence is None or presence.session_started_at is None:
        raise reject(ErrorReason.AGENT_HAS_NO_SESSION, subject_of(Agent, command.agent_id))
    return [AgentSessionExtended(uncounted(begin_session(state, presence, context.now)))]


def begin_session(state: State, presence: AgentPresence, now: datetime) -> AgentPresence:
    """The presence with a session that begins now, and is alerted before it ends."""
    tenant = state.tenant()
    limit = (tenant.session_limit if tenant else None) or SESSION_LIMIT
    alert = SESSION_ALERT if tenant is None or tenant.session_alert is None else tenant.session_alert
    return presence._replace(
        session_started_at=now,
        session_ends_at=now + limit,
        session_alert_at=now + max(limit - alert, timedelta()),
    )
