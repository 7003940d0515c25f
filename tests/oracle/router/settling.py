"""After every command: what is due in the order of time, then matches until none is left (C6, C7)."""

from tests.oracle.router.belonging import belong, is_displaced, is_kept, owners
from tests.oracle.router.choosing import choose, somebody_online
from tests.oracle.router.deadlines import deadlines
from tests.oracle.router.giving import give, let_go
from tests.oracle.router.presence import takes
from tests.oracle.router.world import Interaction, World

URGENT = 4
NEEDS_SOMEBODY_ONLINE = ("ROUND_ROBIN", "LEAST_LOAD", "LONGEST_IDLE", "BEST_SKILL", "LAST_AGENT")


def settle(world: World) -> None:
    """Until nothing more follows. Nothing is left apart that fits."""
    while withdraw_offer(world) or route_displaced(world) or do_due(world) or match_best(world) or place_first(world):
        pass


def withdraw_offer(world: World) -> bool:
    """C9: an agent who is not there any more is offered nothing."""
    for each in world.in_state("OFFERED"):
        if not takes(world, each.agent_id, each.channel):
            let_go(world, each)
            return True
    return False


def route_displaced(world: World) -> bool:
    """E1, P4, P6, P9: what waits for somebody whom it no longer belongs to is routed anew, keeping its place; the time
    for which it is kept for somebody does not begin again. Hours don't bind who has an exclusive agent.
    """
    for each in world.in_state("RECEIVED", "WAITING_FOR_OWNER", "QUEUED", "UNASSIGNED"):
        if is_displaced(world, each):
            was_somebodys, until = is_somebodys(each), each.owner_wait_until
            belong(world, each)
            if was_somebodys and is_somebodys(each):
                each.owner_wait_until = until
            if each.exclusive_agent_id:
                each.opens_at = None
            if each.state == "UNASSIGNED":
                each.owner_wait_until = None
            else:
                each.state = "RECEIVED"
            return True
    return False


def is_somebodys(interaction: Interaction) -> bool:
    """K2, M4: whether it is kept for owners or for the last agent."""
    return bool(interaction.portfolio_id or interaction.last_agent_id)


def do_due(world: World) -> bool:
    """The first of what is due."""
    due = [each for each in deadlines(world) if each[0] <= world.now]
    if due:
        min(due, key=lambda each: each[0])[1]()
    return bool(due)


def match_best(world: World) -> bool:
    """C6, C7: the best of all that wait that anybody may have."""
    waiting = world.in_state("RECEIVED", "WAITING_FOR_OWNER", "QUEUED")
    for each in sorted(waiting, key=lambda it: order_of_service(world, it)):
        choice = choose(world, each)
        if choice:
            give(world, each, choice)
            return True
    return False


def order_of_service(world: World, interaction: Interaction) -> tuple[int, int, int]:
    """C6: by priority, one higher for each whole interval that it has waited, then by arrival."""
    ageing = world.workgroup(interaction.workgroup_id).ageing_interval
    aged = (world.now - interaction.arrived_at) // ageing if ageing else 0
    return -min(interaction.priority + aged, URGENT), interaction.arrived_at, interaction.number


def place_first(world: World) -> bool:
    """What nobody may have is put to wait."""
    for each in world.in_state("RECEIVED"):
        each.state, each.reason = place(world, each)
        return True
    return False


def place(world: World, interaction: Interaction) -> tuple[str, str]:
    """Z1: where it waits, and why."""
    workgroup = world.workgroup(interaction.workgroup_id)
    if interaction.opens_at is not None:
        return "QUEUED", "OUTSIDE_HOURS"
    if interaction.exclusive_agent_id:
        return "QUEUED", "EXCLUSIVE_AGENT_FULL"
    if is_kept(world, interaction):
        own = owners(world, interaction)
        return "WAITING_FOR_OWNER", "OWNER_NOT_AVAILABLE" if own else "LAST_AGENT_FULL"
    if workgroup.method == "MANUAL":
        return "QUEUED", "MANUAL"
    if workgroup.method in NEEDS_SOMEBODY_ONLINE and not somebody_online(world, interaction):
        return "QUEUED" if workgroup.queue_when_nobody_online else "UNASSIGNED", "NOBODY_ONLINE"
    return "QUEUED", "NO_AGENT_AVAILABLE"


def next_due(world: World) -> int | None:
    """When something falls due next."""
    return min((each[0] for each in deadlines(world)), default=None)
