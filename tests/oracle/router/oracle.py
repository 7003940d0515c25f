"""The oracle: what the router has to do, told as plainly as can be, without a thought for speed."""

from collections.abc import Callable
from typing import Any

from tests.oracle.router import attending, commands, ownership
from tests.oracle.router.arrival import route
from tests.oracle.router.configuration import Configuration
from tests.oracle.router.leaving import begin_session, change_status
from tests.oracle.router.presence import handles
from tests.oracle.router.saving import save
from tests.oracle.router.settling import next_due, settle
from tests.oracle.router.slots import units
from tests.oracle.router.world import Refused, World, world_of


def set_status(world: World, command: commands.SetStatus) -> None:
    """C3."""
    attending.only_for(command.agent_id, command.by)
    attending.refuse(
        "REASON_CODE_REQUIRED" if command.status == "PAUSED" and not command.reason_code else "",
        "" if all(handles(world, command.agent_id, each) for each in command.channels) else "AGENT_LACKS_CHANNEL",
    )
    presence = world.presence(command.agent_id)
    change_status(world, presence, command.status, command.channels, command.reason_code)


def extend_session(world: World, command: commands.ExtendSession) -> None:
    """C4."""
    attending.only_for(command.agent_id, command.by)
    presence = world.presence(command.agent_id)
    attending.refuse("AGENT_HAS_NO_SESSION" if presence.status == "OFFLINE" else "")
    begin_session(world, presence)


DECISIONS: dict[type, Callable[[World, Any], None]] = {
    commands.Route: route,
    commands.SetStatus: set_status,
    commands.ExtendSession: extend_session,
    commands.AcceptOffer: attending.accept_offer,
    commands.RejectOffer: attending.reject_offer,
    commands.Claim: attending.claim,
    commands.Assign: attending.assign_by_administrator,
    commands.Transfer: attending.transfer,
    commands.Complete: attending.complete,
    commands.FinishWrapUp: attending.finish_wrap_up,
    commands.Cancel: attending.cancel,
    commands.AssignPortfolio: ownership.assign_portfolio,
    commands.AddToOwn: ownership.add_to_own,
    commands.RemoveFromPortfolio: ownership.remove_from_portfolio,
    commands.HandOver: ownership.hand_over,
    commands.SetExclusive: ownership.set_exclusive,
    commands.RemoveExclusive: ownership.remove_exclusive,
    commands.Save: lambda world, command: save(world, command.resource),
}


class Oracle:
    """A tenant in which every command does what the rules say."""

    def __init__(self, configuration: Configuration) -> None:
        self.world = world_of(configuration)

    def advance(self, now: int) -> None:
        """Time passes, and what has fallen due is done."""
        self.world.now = now
        settle(self.world)

    def do(self, command: commands.Command) -> set[str]:
        """Do what is asked. Returns for which reasons it is refused; then nothing has changed."""
        try:
            DECISIONS[type(command)](self.world, command)
        except Refused as refused:
            return refused.reasons
        settle(self.world)
        return set()

    def next_due(self) -> int | None:
        return next_due(self.world)

    def picture(self) -> dict[str, tuple[Any, ...]]:
        """All that can be seen: of each interaction and of each agent."""
        interactions = {
            f"interaction {each.number}": (each.state, each.reason, each.agent_id, each.workgroup_id, each.priority)
            for each in self.world.interactions
        }
        agents = {
            each.agent_id: (self.world.presence(each.agent_id).status, units(self.world, each.agent_id))
            for each in self.world.agents
        }
        return interactions | agents
