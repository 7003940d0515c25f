"""What must be true after the trial. Each promise is a function that yields where it is broken."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cartera.routing.v1.event_pb2 import Change, Event
from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState

from trial.cartera_record import key_of
from trial.plan import CAPACITIES, VIP, VIP_OWNER
from trial.sip_record import Ending, Ringing, most_at_once

COMPLETED = InteractionState.INTERACTION_STATE_COMPLETED
CANCELLED = InteractionState.INTERACTION_STATE_CANCELLED
STATE_AFTER = {"talked": COMPLETED, "left": CANCELLED}

Broken = Iterator[str]


@dataclass(frozen=True)
class Record:
    """Both sides' account of the same calls."""

    endings: list[Ending]
    phones: dict[str, list[Ringing]]
    callers_seen: dict[str, dict[str, str]]
    """By phone and Call-ID."""
    agents: dict[str, str]
    """By the process of their phone."""
    interactions: list[Interaction]
    changes: list[Change]
    by_hand: list[Change]
    """As the audit has it."""

    def events(self) -> Iterator[Event]:
        for change in self.changes:
            yield from change.events


def broken_call(ending: Ending, interactions: list[Interaction], talked_with: str) -> str:
    """What is wrong with a call; nothing, if it reached an end that its caller saw and that Cartera knows of."""
    if ending.outcome not in STATE_AFTER:
        return "its caller saw no end"
    if len(interactions) != 1:
        return f"it is {len(interactions)} interactions"
    interaction = interactions[0]
    if interaction.state != STATE_AFTER[ending.outcome]:
        return f"its caller {ending.outcome}, and it is {InteractionState.Name(interaction.state)}"
    if ending.outcome == "talked" and interaction.agent_id != talked_with:
        return f"Cartera gave it to {interaction.agent_id}, and its caller talked with {talked_with or 'nobody'}"
    return ""


def broken_calls(record: Record) -> dict[str, str]:
    """What is wrong, by Call-ID; "" with those that are right."""
    by_key = defaultdict(list)
    for interaction in record.interactions:
        by_key[key_of(interaction)].append(interaction)
    return {
        ending.call_id: broken_call(ending, by_key[ending.key], record.agents.get(ending.phone, ""))
        for ending in record.endings
    }


def no_phone_has_more_than_its_agent_may(record: Record) -> Broken:
    """By the phones' own account: from the INVITE on a call counts."""
    for agent, ringings in record.phones.items():
        if (most := most_at_once(ringings)) > CAPACITIES[agent]:
            yield f"the phone of {agent} had {most} calls at once"


def no_agent_holds_more_than_it_may(record: Record) -> Broken:
    """By Cartera's account: what is offered to an agent, what it has, and what it wraps up."""
    held: dict[str, str] = {}
    for change in record.changes:
        for event in change.events:
            _hold(held, event)
        for agent, calls in Counter(held.values()).items():
            if calls > CAPACITIES[agent]:
                yield f"{agent} held {calls} in revision {change.revision}"


def _hold(held: dict[str, str], event: Event) -> None:
    kind = event.WhichOneof("kind") or ""
    said = getattr(event, kind)
    if kind in ("interaction_offered", "interaction_assigned"):
        held[said.interaction_id] = said.agent_id
    elif kind in ("interaction_offer_rejected", "interaction_offer_missed", "interaction_offer_withdrawn"):
        held.pop(said.interaction_id)
    elif kind in ("interaction_wrap_up_ended", "interaction_cancelled"):
        held.pop(said.interaction_id, None)


def priority_goes_first(record: Record) -> Broken:
    """Whoever is offered to an agent, nobody of a higher priority stood in the same queue then."""
    arrived = {each.interaction_id: each for each in record.interactions}
    queue: set[str] = set()
    for change in record.changes:
        before = set(queue)
        offered = [event.interaction_offered for event in change.events if event.HasField("interaction_offered")]
        for event in change.events:
            _queue(queue, event)
        for offer in offered:
            given = arrived[offer.interaction_id]
            for waiting in (arrived[each] for each in before & queue):
                if waiting.workgroup_id == given.workgroup_id and waiting.priority > given.priority:
                    yield f"{given.interaction_id} went before {waiting.interaction_id} in revision {change.revision}"


def _queue(queue: set[str], event: Event) -> None:
    kind = event.WhichOneof("kind") or ""
    if kind == "interaction_queued":
        queue.add(event.interaction_queued.interaction_id)
    elif kind in ("interaction_offered", "interaction_assigned", "interaction_cancelled", "interaction_kept_for_owner"):
        queue.discard(getattr(event, kind).interaction_id)


def the_important_contact_reaches_its_owner(record: Record) -> Broken:
    for agent, callers in record.callers_seen.items():
        if VIP in callers.values() and agent != VIP_OWNER:
            yield f"the phone of {agent} rang with {VIP}"
    for interaction in record.interactions:
        if interaction.contact_id == VIP and interaction.agent_id != VIP_OWNER:
            yield f"{interaction.interaction_id} of {VIP} went to {interaction.agent_id or 'nobody'}"


def nothing_is_left_open(record: Record) -> Broken:
    for interaction in record.interactions:
        if interaction.state not in (COMPLETED, CANCELLED):
            yield f"{interaction.interaction_id} is {InteractionState.Name(interaction.state)}"


def every_call_is_one_interaction(record: Record) -> Broken:
    """Also those whose packets came twice, and those that were routed again after a restart."""
    keys = Counter(key_of(interaction) for interaction in record.interactions)
    calls = {ending.key for ending in record.endings}
    for key, interactions in keys.items():
        if interactions > 1 or key not in calls:
            yield f"{interactions} interactions of call {key or 'none'}"


def nobody_was_given_a_call_by_hand(record: Record) -> Broken:
    """All went by the workgroups' rules: the gateway claims and assigns nothing."""
    for change in record.by_hand:
        kinds = ", ".join(event.WhichOneof("kind") or "" for event in change.events)
        yield f"{change.actor.subject_id} did {kinds} in revision {change.revision}"


PROMISES = (
    no_phone_has_more_than_its_agent_may,
    no_agent_holds_more_than_it_may,
    priority_goes_first,
    the_important_contact_reaches_its_owner,
    every_call_is_one_interaction,
    nothing_is_left_open,
    nobody_was_given_a_call_by_hand,
)
