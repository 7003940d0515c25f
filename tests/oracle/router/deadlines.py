"""What falls due of itself, when, and what follows (K2, C4, C5, C9, C10, C11, C12, C13, M8)."""

from collections.abc import Callable, Iterator
from functools import partial

from tests.oracle.router.giving import cool_down, let_go, mark_released, route_anew
from tests.oracle.router.leaving import change_status
from tests.oracle.router.skills import drop
from tests.oracle.router.world import WAITING, Interaction, Presence, World

Deadline = tuple[int, Callable[[], None]]


def deadlines(world: World) -> Iterator[Deadline]:
    """Every deadline that there is now, in any order."""
    for presence in world.presences:
        if presence.session_ends_at is not None:
            yield presence.session_ends_at, partial(change_status, world, presence, "OFFLINE")
        if presence.cool_down_until is not None:
            yield presence.cool_down_until, partial(end_cool_down, presence)
    for each in world.interactions:
        yield from of_interaction(world, each)


def of_interaction(world: World, interaction: Interaction) -> Iterator[Deadline]:
    ends = {"OFFERED": ring_out, "WRAP_UP": end_wrap_up, "ASSIGNED": return_after_debounce}
    if interaction.state in ends and interaction.state_until is not None:
        yield interaction.state_until, partial(ends[interaction.state], world, interaction)
    if interaction.state in (*WAITING, "RECEIVED"):
        yield from of_waiting(world, interaction)


def of_waiting(world: World, interaction: Interaction) -> Iterator[Deadline]:
    if interaction.opens_at is not None:
        yield interaction.opens_at, partial(begin_hours, interaction)
        return
    if interaction.state == "WAITING_FOR_OWNER":
        yield interaction.owner_wait_until or 0, partial(end_owner_wait, interaction)
    workgroup = world.workgroup(interaction.workgroup_id)
    if interaction.expires_at is not None:
        yield interaction.expires_at, partial(expire, interaction)
    if interaction.overflow_steps_taken < len(workgroup.overflow_steps):
        due = max(each.after for each in workgroup.overflow_steps[: interaction.overflow_steps_taken + 1])
        yield interaction.waiting_since + due, partial(take_step, world, interaction)
    for each in interaction.skills:
        if each.drop_after is not None:
            yield interaction.waiting_since + each.drop_after, partial(drop, interaction, each.skill)


def end_cool_down(presence: Presence) -> None:
    """C9, C14: the agent may be given things again."""
    presence.cool_down_until = None


def ring_out(world: World, interaction: Interaction) -> None:
    """C9: like a rejection; after so many in a row the agent is paused."""
    workgroup, presence = world.workgroup(interaction.workgroup_id), world.presence(interaction.agent_id)
    cool_down(world, interaction)
    let_go(world, interaction)
    presence.misses += 1
    if workgroup.offer_miss_limit and presence.misses >= workgroup.offer_miss_limit:
        presence.misses = 0
        change_status(world, presence, "PAUSED", presence.channels, "missed_offers")


def end_wrap_up(world: World, interaction: Interaction) -> None:
    """C10: the slot is free."""
    interaction.state, interaction.state_until = "COMPLETED", None
    mark_released(world, interaction.agent_id)


def return_after_debounce(world: World, interaction: Interaction) -> None:
    """C5: the agent has not come back in time; it is routed anew."""
    let_go(world, interaction)
    route_anew(world, interaction)


def begin_hours(interaction: Interaction) -> None:
    """C12: the campaign has opened; it may be given to agents."""
    interaction.state, interaction.opens_at = "RECEIVED", None


def end_owner_wait(interaction: Interaction) -> None:
    """K2: the owner wait has run out."""
    interaction.state, interaction.owner_wait_until = "RECEIVED", None


def expire(interaction: Interaction) -> None:
    """C13: it waited as long as its workgroup lets any wait."""
    interaction.state = "EXPIRED"


def take_step(world: World, interaction: Interaction) -> None:
    """C11: add a workgroup, drop a skill, raise the priority; what is unassigned is placed anew (M3)."""
    step = world.workgroup(interaction.workgroup_id).overflow_steps[interaction.overflow_steps_taken]
    interaction.overflow_steps_taken += 1
    if step.add_workgroup_id and step.add_workgroup_id not in interaction.overflow_workgroup_ids:
        interaction.overflow_workgroup_ids.append(step.add_workgroup_id)
    if step.drop_skill:
        drop(interaction, step.drop_skill)
    interaction.priority = max(interaction.priority, step.priority)
    if interaction.state == "UNASSIGNED":
        interaction.state = "RECEIVED"
