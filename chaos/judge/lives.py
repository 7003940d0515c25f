"""Lives: an interaction has one holder at a time, ends once, and goes from state to state as it may."""

from collections.abc import Callable
from typing import Any

from cartera.core import events
from cartera.core.change import Change
from cartera.core.events import Event
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel
from chaos.judge.slots import Slots
from chaos.judge.verdict import Verdict

RECEIVED = "received"
WAITING = "waiting"
UNASSIGNED = "unassigned"
OFFERED = "offered"
ASSIGNED = "assigned"
WRAP_UP = "in wrap-up"
ENDED = "ended"

HOLDING = (OFFERED, ASSIGNED, WRAP_UP)
ROUTABLE = (RECEIVED, WAITING, UNASSIGNED)
LIVING = (*ROUTABLE, OFFERED, ASSIGNED)


class Life:
    """Where an interaction is."""

    __slots__ = ("agent_id", "channel", "state")

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.state = RECEIVED
        self.agent_id = ""


class Lives:
    """The interactions of a tenant."""

    def __init__(self, tenant_id: str, slots: Slots, verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._slots = slots
        self._one_holder = verdict.check("one-holder")
        self._one_end = verdict.check("one-end")
        self._life = verdict.check("life")
        self._open: dict[str, Life] = {}
        self._revision = 0
        self._ended: set[str] = set()
        self.arrivals: dict[str, int] = {}
        """The revision at which each interaction arrived."""

    def see(self, change: Change) -> None:
        self._revision = change.revision
        for event in change.events:
            if isinstance(event, events.TenantSaved):
                self._slots.save_tenant(event.tenant)
            elif isinstance(event, events.AgentSaved):
                self._slots.save_agent(event.agent)
            elif follow := _FOLLOW.get(type(event)):
                follow(self, event)
        self._all_placed(change)

    def has_ended(self, interaction_id: str) -> bool:
        """Whether an interaction has ended by now, though it may be wrapped up still."""
        life = self._open.get(interaction_id)
        return interaction_id in self._ended or (life is not None and life.state is WRAP_UP)

    def _all_placed(self, change: Change) -> None:
        """Nothing that a change has received is left unplaced by it."""
        for event in change.events:
            life = self._open.get(_interaction_id(event))
            if life is not None and life.state is RECEIVED:
                self._life.violate(self._tenant_id, self._revision, f"{_interaction_id(event)} is nowhere")

    def arrive(self, event: events.InteractionArrived) -> None:
        interaction = event.interaction
        known = interaction.interaction_id in self._open or interaction.interaction_id in self._ended
        told = f"{interaction.interaction_id} arrived again, or under another revision ({interaction.sequence})"
        fresh = not known and interaction.sequence == self._revision
        self._life.require(fresh, self._tenant_id, self._revision, told)
        self._open[interaction.interaction_id] = Life(interaction.channel)
        self.arrivals.setdefault(interaction.interaction_id, self._revision)

    def give(self, event: events.InteractionOffered | events.InteractionAssigned) -> None:
        """It is offered or assigned; an offer may become an assignment to the same agent, and nothing else."""
        to = ASSIGNED if isinstance(event, events.InteractionAssigned) else OFFERED
        life = self._of(event)
        if life is None:
            return
        accepted = life.state is OFFERED and to is ASSIGNED and life.agent_id == event.agent_id
        told = f"{event.interaction_id} is given to {event.agent_id}, and {life.agent_id} has it, {life.state}"
        self._one_holder.require(life.state not in HOLDING or accepted, self._tenant_id, self._revision, told)
        self._hold(event.interaction_id, life, to, event.agent_id)

    def pass_on(self, event: events.InteractionTransferredToAgent) -> None:
        life = self._expect(event, (ASSIGNED,), event.from_agent_id)
        if life is not None:
            self._hold(event.interaction_id, life, ASSIGNED, event.agent_id)

    def let_go(self, event: Any) -> None:
        """Its agent has it no more; it is routed anew."""
        life = self._expect(event, (ASSIGNED,), event.from_agent_id)
        self._free(event.interaction.interaction_id, life, RECEIVED)

    def take_back(self, event: Any) -> None:
        """An offer came to nothing."""
        self._free(event.interaction_id, self._expect(event, (OFFERED,), event.agent_id), RECEIVED)

    def wait(self, event: Any) -> None:
        life = self._expect(event, (RECEIVED,))
        self._free(
            event.interaction_id, life, UNASSIGNED if isinstance(event, events.InteractionUnassigned) else WAITING
        )

    def route_anew(self, event: Any) -> None:
        self._free(_interaction_id(event), self._expect(event, ROUTABLE), RECEIVED)

    def overflow(self, event: events.InteractionOverflowed) -> None:
        """Who was left unassigned is routed anew; others go on waiting."""
        life = self._expect(event, ROUTABLE)
        if life is not None and life.state is UNASSIGNED:
            life.state = RECEIVED

    def go_on_waiting(self, event: Any) -> None:
        self._expect(event, ROUTABLE)

    def go_on_held(self, event: Any) -> None:
        self._expect(event, (ASSIGNED,), event.agent_id)

    def join(self, event: events.InteractionMessageJoined) -> None:
        life = self._expect(event, LIVING)
        if life is not None and life.channel is Channel.VOICE:
            self._life.violate(
                self._tenant_id, self._revision, f"{event.interaction_id} is a call, which nothing joins"
            )

    def complete(self, event: events.InteractionCompleted) -> None:
        life = self._expect_end(event, (ASSIGNED,), event.agent_id)
        if life is None:
            return
        if event.wrap_up_until is None:
            self._end(event.interaction_id, life)
        else:
            life.state = WRAP_UP

    def finish(self, event: events.InteractionWrapUpEnded) -> None:
        life = self._expect_end(event, (WRAP_UP,), event.agent_id)
        if life is not None:
            self._end(event.interaction_id, life)

    def leave(self, event: events.InteractionCancelled | events.InteractionExpired) -> None:
        expired = isinstance(event, events.InteractionExpired)
        life = self._expect_end(event, ROUTABLE if expired else LIVING)
        if life is not None:
            self._end(event.interaction_id, life)

    def _of(self, event: Any) -> Life | None:
        interaction_id = _interaction_id(event)
        life = self._open.get(interaction_id)
        where = "has ended" if interaction_id in self._ended else "never came"
        told = f"{_name(event)} of {interaction_id}, which {where}"
        self._life.require(life is not None, self._tenant_id, self._revision, told)
        return life

    def _expect(self, event: Any, states: tuple[str, ...], agent_id: str = "") -> Life | None:
        """The life of the event's interaction, which must be in one of the states, and held by that agent."""
        life = self._of(event)
        if life is None:
            return None
        told = f"{_name(event)} of {_interaction_id(event)}, which is {life.state} (of {life.agent_id or 'nobody'})"
        self._life.require(life.state in states, self._tenant_id, self._revision, told)
        if agent_id:
            told = f"{_name(event)} of {_interaction_id(event)} by {agent_id}, and {life.agent_id or 'nobody'} has it"
            self._one_holder.require(life.agent_id == agent_id, self._tenant_id, self._revision, told)
        return life

    def _expect_end(self, event: Any, states: tuple[str, ...], agent_id: str = "") -> Life | None:
        interaction_id = _interaction_id(event)
        told = f"{_name(event)} of {interaction_id}, which has ended already"
        over = self.has_ended(interaction_id) if WRAP_UP not in states else interaction_id in self._ended
        self._one_end.require(not over, self._tenant_id, self._revision, told)
        return None if over else self._expect(event, states, agent_id)

    def _hold(self, interaction_id: str, life: Life, state: str, agent_id: str) -> None:
        if not (life.state in HOLDING and life.agent_id == agent_id):
            self._slots.release(life.agent_id, interaction_id)
            self._slots.take(agent_id, interaction_id, life.channel, self._revision)
        life.state, life.agent_id = state, agent_id

    def _free(self, interaction_id: str, life: Life | None, state: str) -> None:
        if life is not None:
            self._slots.release(life.agent_id, interaction_id)
            life.state, life.agent_id = state, ""

    def _end(self, interaction_id: str, life: Life) -> None:
        self._free(interaction_id, life, ENDED)
        self._open.pop(interaction_id, None)
        self._ended.add(interaction_id)


def _interaction_id(event: Event) -> str:
    interaction: Interaction | None = getattr(event, "interaction", None)
    return interaction.interaction_id if interaction else getattr(event, "interaction_id", "")


def _name(event: Event) -> str:
    return type(event).__name__


_FOLLOW: dict[type, Callable[[Lives, Any], None]] = {
    events.InteractionArrived: Lives.arrive,
    events.InteractionMessageJoined: Lives.join,
    events.InteractionAssigned: Lives.give,
    events.InteractionOffered: Lives.give,
    events.InteractionTransferredToAgent: Lives.pass_on,
    events.InteractionTransferredToCampaign: Lives.let_go,
    events.InteractionTransferredToWorkgroup: Lives.let_go,
    events.InteractionReturned: Lives.let_go,
    events.InteractionOfferRejected: Lives.take_back,
    events.InteractionOfferMissed: Lives.take_back,
    events.InteractionOfferWithdrawn: Lives.take_back,
    events.InteractionKeptForOwner: Lives.wait,
    events.InteractionQueued: Lives.wait,
    events.InteractionUnassigned: Lives.wait,
    events.InteractionOwnerWaitEnded: Lives.route_anew,
    events.InteractionRerouted: Lives.route_anew,
    events.InteractionHoursBegan: Lives.route_anew,
    events.InteractionOverflowed: Lives.overflow,
    events.InteractionSkillDropped: Lives.go_on_waiting,
    events.InteractionUnattended: Lives.go_on_waiting,
    events.InteractionReturnScheduled: Lives.go_on_held,
    events.InteractionReturnCancelled: Lives.go_on_held,
    events.InteractionCompleted: Lives.complete,
    events.InteractionWrapUpEnded: Lives.finish,
    events.InteractionCancelled: Lives.leave,
    events.InteractionExpired: Lives.leave,
}
"""What each event means for the life of its interaction."""
