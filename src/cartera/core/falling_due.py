"""Falling due: what follows when a deadline has passed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cartera.core.belonging import belong
from cartera.core.counting import uncounted
from cartera.core.deadlines import Deadline, DeadlineKind
from cartera.core.events import (
    AgentCoolDownEnded,
    AgentSessionAlerted,
    AgentStatusChanged,
    Event,
    InteractionExpired,
    InteractionHoursBegan,
    InteractionOfferMissed,
    InteractionOverflowed,
    InteractionOwnerWaitEnded,
    InteractionReturned,
    InteractionSkillDropped,
    InteractionUnattended,
    InteractionWrapUpEnded,
)
from cartera.core.leaving import consequences
from cartera.core.records import AgentPresence, Interaction, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus
from cartera.core.waiting_clock import start_waiting

OFFER_COOL_DOWN = timedelta(seconds=30)
"""How long who rejects or misses an offer is not asked again, unless the workgroup says otherwise (C9)."""

MISSED_OFFERS = "missed_offers"
"""The reason code of an agent who was paused because offers to it rang out (C9)."""


def fall_due(state: State, deadline: Deadline, now: datetime) -> list[Event]:
    """What a deadline that has passed brings about."""
    _, kind, identifier = deadline
    return _FALL_DUE[kind](state, identifier, now)


def cool_down_until(state: State, interaction: Interaction, now: datetime) -> datetime:
    """Until when who rejects or misses an interaction's offer is not asked again (C9)."""
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    wait = workgroup.offer_cool_down if workgroup else None
    return now + (OFFER_COOL_DOWN if wait is None else wait)


# Agents


def _session_alert(state: State, agent_id: str, now: datetime) -> list[Event]:
    return [AgentSessionAlerted(agent_id, _presence(state, agent_id).session_ends_at or now)]


def _session_end(state: State, agent_id: str, now: datetime) -> list[Event]:
    presence = _presence(state, agent_id)
    offline = presence._replace(
        status=AgentStatus.OFFLINE,
        reason_code="",
        channels=(),
        status_since=now,
        session_started_at=None,
        session_ends_at=None,
        session_alert_at=None,
    )
    changed = AgentStatusChanged(uncounted(offline), presence.status, session_limit_reached=True)
    return [changed, *consequences(state, presence, offline, now)]


def _cool_down(_state: State, agent_id: str, _now: datetime) -> list[Event]:
    return [AgentCoolDownEnded(agent_id)]


# Interactions that an agent holds


def _offer(state: State, interaction_id: str, now: datetime) -> list[Event]:
    """It rang out. Who has missed as many as the workgroup allows is paused."""
    interaction = _interaction(state, interaction_id)
    presence = _presence(state, interaction.agent_id)
    misses = presence.misses + 1
    until = cool_down_until(state, interaction, now)
    missed = InteractionOfferMissed(interaction_id, interaction.workgroup_id, interaction.agent_id, misses, until)
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not workgroup.offer_miss_limit or misses < workgroup.offer_miss_limit:
        return [missed]
    paused = presence._replace(
        status=AgentStatus.PAUSED,
        reason_code=MISSED_OFFERS,
        channels=(),
        status_since=now,
        misses=0,
        cool_down_until=max(until, presence.cool_down_until or until),
    )
    withdrawn = [each for each in consequences(state, presence, paused, now) if each[0] != interaction_id]
    return [
        missed,
        AgentStatusChanged(uncounted(paused), presence.status, session_limit_reached=False),
        *withdrawn,
    ]


def _wrap_up(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    interaction = _interaction(state, interaction_id)
    return [InteractionWrapUpEnded(interaction_id, interaction.workgroup_id, interaction.agent_id)]


def _return(state: State, interaction_id: str, now: datetime) -> list[Event]:
    interaction = _interaction(state, interaction_id)
    let_go = interaction._replace(agent_id="", state_until=None)
    returned = start_waiting(state, belong(state, let_go, now), now)
    return [InteractionReturned(returned, interaction.agent_id)]


# Interactions that wait


def _owner_wait(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    return [InteractionOwnerWaitEnded(interaction_id, _interaction(state, interaction_id).workgroup_id)]


def _overflow(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    interaction = _interaction(state, interaction_id)
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    assert workgroup is not None, "only a workgroup's step falls due"
    step = workgroup.overflow_steps[interaction.overflow_steps_taken]
    return [InteractionOverflowed(interaction_id, interaction.workgroup_id, step)]


def _skill_drop(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    interaction = _interaction(state, interaction_id)
    dropped = min((each.drop_after, each.skill) for each in interaction.skills if each.drop_after is not None)
    return [InteractionSkillDropped(interaction_id, interaction.workgroup_id, dropped[1])]


def _expiry(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    return [InteractionExpired(interaction_id, _interaction(state, interaction_id).workgroup_id)]


def _unattended(state: State, interaction_id: str, now: datetime) -> list[Event]:
    interaction = _interaction(state, interaction_id)
    since = interaction.waiting_since or now
    return [InteractionUnattended(interaction_id, interaction.workgroup_id, since)]


def _opening(state: State, interaction_id: str, _now: datetime) -> list[Event]:
    return [InteractionHoursBegan(interaction_id, _interaction(state, interaction_id).workgroup_id)]


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"an index names an interaction that is not there: {interaction_id}"
    return interaction


def _presence(state: State, agent_id: str) -> AgentPresence:
    presence = state.get(AgentPresence, agent_id)
    assert presence is not None, f"nothing falls due for an agent who was never there: {agent_id}"
    return presence


_FALL_DUE: dict[DeadlineKind, Callable[[State, str, datetime], list[Event]]] = {
    DeadlineKind.OWNER_WAIT: _owner_wait,
    DeadlineKind.SESSION_ALERT: _session_alert,
    DeadlineKind.SESSION_END: _session_end,
    DeadlineKind.OFFER: _offer,
    DeadlineKind.WRAP_UP: _wrap_up,
    DeadlineKind.RETURN: _return,
    DeadlineKind.OVERFLOW: _overflow,
    DeadlineKind.SKILL_DROP: _skill_drop,
    DeadlineKind.EXPIRY: _expiry,
    DeadlineKind.UNATTENDED: _unattended,
    DeadlineKind.OPENING: _opening,
    DeadlineKind.COOL_DOWN: _cool_down,
}
"""What each kind of deadline brings about."""
