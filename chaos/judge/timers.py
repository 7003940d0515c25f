"""Timers: each has its effect once, when it is due, before whatever happens later (C4, C9, C10, K2)."""

import heapq
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core import events
from cartera.core.change import Change
from cartera.core.records import AgentPresence, Interaction, OverflowStep
from cartera.core.vocabulary import Role
from chaos.judge.deadlines import OF_HELD, OF_WAITING, Kind, Wait
from chaos.judge.verdict import Verdict


class Timers:
    """What is due in a tenant."""

    def __init__(self, tenant_id: str, verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._check = verdict.check("timers")
        self._due: dict[tuple[Kind, str], datetime] = {}
        self._order: list[tuple[datetime, Kind, str]] = []
        self._waits: dict[str, Wait] = {}
        self._steps: dict[str, tuple[OverflowStep, ...]] = {}
        self._change: Change

    def see(self, change: Change) -> None:
        self._change = change
        for event in change.events:
            if follow := _FOLLOW.get(type(event)):
                follow(self, event)
        self._nothing_is_late(change)

    def _nothing_is_late(self, change: Change) -> None:
        while self._order and self._order[0][0] <= change.occurred_at:
            due, kind, identifier = heapq.heappop(self._order)
            if self._due.get((kind, identifier)) == due:
                del self._due[kind, identifier]
                told = f"{kind} of {identifier} was due at {due}, and something happened at {change.occurred_at} first"
                self._check.violate(self._tenant_id, change.revision, told)

    def _set(self, kind: Kind, identifier: str, due: datetime | None) -> None:
        if due is None:
            self._due.pop((kind, identifier), None)
        else:
            self._due[kind, identifier] = due
            heapq.heappush(self._order, (due, kind, identifier))

    def _effect(self, kind: Kind, identifier: str) -> None:
        """What falls due has come about."""
        due, at = self._due.pop((kind, identifier), None), self._change.occurred_at
        told = f"{kind} of {identifier} has ended at {at}, and was due {due or 'no more'}"
        self._check.require(due is not None and due <= at, self._tenant_id, self._change.revision, told)

    # Interactions that wait

    def begin_wait(self, event: Any) -> None:
        """It is routed as its record in the event says."""
        interaction: Interaction = event.interaction
        if isinstance(event, events.InteractionReturned):
            self._effect(Kind.RETURN, interaction.interaction_id)
        self._clear(interaction.interaction_id)
        due = {
            Kind.OWNER_WAIT: interaction.owner_wait_until,
            Kind.EXPIRY: interaction.expires_at,
            Kind.UNATTENDED: interaction.unattended_at,
            Kind.OPENING: interaction.state_until,
        }
        self._waits[interaction.interaction_id] = Wait(
            {kind: at for kind, at in due.items() if at is not None},
            interaction.waiting_since or interaction.arrived_at,
            interaction.workgroup_id,
            interaction.overflow_steps_taken,
        )
        self._go_on(interaction.interaction_id)

    def save_workgroup(self, event: events.WorkgroupSaved) -> None:
        self._steps[event.workgroup.workgroup_id] = event.workgroup.overflow_steps

    def _go_on(self, interaction_id: str) -> None:
        """It waits, and what falls due for it does."""
        wait = self._waits.get(interaction_id)
        if wait is None:
            return
        for kind, due in wait.due.items():
            self._set(kind, interaction_id, due)
        steps = self._steps.get(wait.workgroup_id, ())
        if wait.taken < len(steps):
            self._set(Kind.OVERFLOW, interaction_id, wait.since + steps[wait.taken].after)

    def _rest(self, interaction_id: str) -> None:
        """It doesn't wait now."""
        for kind in OF_WAITING:
            self._due.pop((kind, interaction_id), None)

    def _clear(self, interaction_id: str) -> None:
        """Something else begins for it. An offer whose time is over must have come to its end before."""
        offered, at = self._due.get((Kind.OFFER, interaction_id)), self._change.occurred_at
        told = f"{Kind.OFFER} of {interaction_id} until {offered} has not ended, and at {at} something else began"
        self._check.require(offered is None or offered > at, self._tenant_id, self._change.revision, told)
        self._rest(interaction_id)
        for kind in OF_HELD:
            self._due.pop((kind, interaction_id), None)

    def _wait_is_over(self, kind: Kind, interaction_id: str) -> None:
        self._effect(kind, interaction_id)
        wait = self._waits.get(interaction_id)
        if wait is not None:
            wait.due.pop(kind, None)

    def owner_wait_ends(self, event: events.InteractionOwnerWaitEnded) -> None:
        self._wait_is_over(Kind.OWNER_WAIT, event.interaction_id)

    def tell_unattended(self, event: events.InteractionUnattended) -> None:
        self._wait_is_over(Kind.UNATTENDED, event.interaction_id)

    def open(self, event: events.InteractionHoursBegan) -> None:
        self._wait_is_over(Kind.OPENING, event.interaction_id)

    def expire(self, event: events.InteractionExpired) -> None:
        self._effect(Kind.EXPIRY, event.interaction_id)
        self.end(event)

    def overflow(self, event: events.InteractionOverflowed) -> None:
        self._effect(Kind.OVERFLOW, event.interaction_id)
        wait = self._waits.get(event.interaction_id)
        if wait is not None:
            self._waits[event.interaction_id] = wait._replace(taken=wait.taken + 1)
            self._go_on(event.interaction_id)

    # Interactions that an agent holds

    def offer(self, event: events.InteractionOffered) -> None:
        """An offer before it must have come to its end."""
        before = self._due.get((Kind.OFFER, event.interaction_id))
        told = f"{Kind.OFFER} of {event.interaction_id} until {before} has not ended, and there is another"
        self._check.require(before is None, self._tenant_id, self._change.revision, told)
        self._rest(event.interaction_id)
        self._set(Kind.OFFER, event.interaction_id, event.offer_until)

    def assign(self, event: Any) -> None:
        self._clear(event.interaction_id)
        wait = self._waits.get(event.interaction_id)
        if wait is not None:
            wait.due.pop(Kind.OWNER_WAIT, None)

    def miss(self, event: events.InteractionOfferMissed) -> None:
        self._effect(Kind.OFFER, event.interaction_id)
        self._go_on(event.interaction_id)
        self._cool_down(event)

    def reject(self, event: events.InteractionOfferRejected) -> None:
        self.withdraw(event)
        self._cool_down(event)

    def withdraw(self, event: Any) -> None:
        self._set(Kind.OFFER, event.interaction_id, None)
        self._go_on(event.interaction_id)

    def complete(self, event: events.InteractionCompleted) -> None:
        self._clear(event.interaction_id)
        self._waits.pop(event.interaction_id, None)
        self._set(Kind.WRAP_UP, event.interaction_id, event.wrap_up_until)

    def finish(self, event: events.InteractionWrapUpEnded) -> None:
        """The agent may end it sooner."""
        if self._change.actor.role is Role.SYSTEM:
            self._effect(Kind.WRAP_UP, event.interaction_id)
        self._set(Kind.WRAP_UP, event.interaction_id, None)

    def schedule_return(self, event: events.InteractionReturnScheduled) -> None:
        self._set(Kind.RETURN, event.interaction_id, event.return_at)

    def cancel_return(self, event: events.InteractionReturnCancelled) -> None:
        self._set(Kind.RETURN, event.interaction_id, None)

    def end(self, event: Any) -> None:
        self._clear(event.interaction_id)
        self._waits.pop(event.interaction_id, None)

    # Agents

    def change_status(self, event: events.AgentStatusChanged) -> None:
        if event.session_limit_reached:
            self._effect(Kind.SESSION_END, event.presence.agent_id)
        self._follow_presence(event.presence)

    def extend(self, event: events.AgentSessionExtended) -> None:
        self._follow_presence(event.presence)

    def _follow_presence(self, presence: AgentPresence) -> None:
        self._set(Kind.SESSION_END, presence.agent_id, presence.session_ends_at)
        self._set(Kind.SESSION_ALERT, presence.agent_id, presence.session_alert_at)
        self._set(Kind.COOL_DOWN, presence.agent_id, presence.cool_down_until)

    def alert(self, event: events.AgentSessionAlerted) -> None:
        self._effect(Kind.SESSION_ALERT, event.agent_id)

    def warm_up(self, event: events.AgentCoolDownEnded) -> None:
        self._effect(Kind.COOL_DOWN, event.agent_id)

    def _cool_down(self, event: events.InteractionOfferRejected | events.InteractionOfferMissed) -> None:
        before = self._due.get((Kind.COOL_DOWN, event.agent_id), event.cool_down_until)
        self._set(Kind.COOL_DOWN, event.agent_id, max(before, event.cool_down_until))


_FOLLOW: dict[type, Callable[[Timers, Any], None]] = {
    events.WorkgroupSaved: Timers.save_workgroup,
    events.InteractionArrived: Timers.begin_wait,
    events.InteractionRerouted: Timers.begin_wait,
    events.InteractionReturned: Timers.begin_wait,
    events.InteractionTransferredToCampaign: Timers.begin_wait,
    events.InteractionTransferredToWorkgroup: Timers.begin_wait,
    events.InteractionOwnerWaitEnded: Timers.owner_wait_ends,
    events.InteractionUnattended: Timers.tell_unattended,
    events.InteractionHoursBegan: Timers.open,
    events.InteractionExpired: Timers.expire,
    events.InteractionOverflowed: Timers.overflow,
    events.InteractionOffered: Timers.offer,
    events.InteractionAssigned: Timers.assign,
    events.InteractionTransferredToAgent: Timers.assign,
    events.InteractionOfferMissed: Timers.miss,
    events.InteractionOfferRejected: Timers.reject,
    events.InteractionOfferWithdrawn: Timers.withdraw,
    events.InteractionCompleted: Timers.complete,
    events.InteractionWrapUpEnded: Timers.finish,
    events.InteractionReturnScheduled: Timers.schedule_return,
    events.InteractionReturnCancelled: Timers.cancel_return,
    events.InteractionCancelled: Timers.end,
    events.AgentStatusChanged: Timers.change_status,
    events.AgentSessionExtended: Timers.extend,
    events.AgentSessionAlerted: Timers.alert,
    events.AgentCoolDownEnded: Timers.warm_up,
}
"""What each event means for what is due."""
