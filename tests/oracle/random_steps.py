"""Random steps: what is done to a tenant, and the time that passes before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle import random_tenants as tenants
from tests.oracle.chance import Chance
from tests.oracle.random_tenants import AGENTS, CAMPAIGNS, KNOWN, PORTFOLIOS, WORKGROUPS
from tests.oracle.router import commands
from tests.oracle.router.configuration import Brief
from tests.oracle.router.oracle import Oracle

CONTACTS = (*KNOWN, "stranger")
ELAPSED = (0, 0, 0, 0, 0, 1, 7, 16, 31, 61, 130, 400)
WAITING = ("QUEUED", "WAITING_FOR_OWNER", "UNASSIGNED")
ATTENDED, OFFERED, WRAP_UP = ("ASSIGNED",), ("OFFERED",), ("WRAP_UP",)
HOLDER = "HOLDER"
"""In the place of an agent: whoever has the interaction by then."""


@dataclass(frozen=True, repr=False)
class Step(Brief):
    """A command, or nothing, after some time. Its interaction is one of those in the states, or, as a stray, any."""

    command: commands.Command | None = None
    after: int = 0
    among: tuple[str, ...] = ()
    stray: bool = False
    jump: bool = False
    """Whether the service was asleep meanwhile, so that what fell due is done late."""

    def resolved(self, oracle: Oracle) -> commands.Command | None:
        """The command, with the interaction and the agents that it is about by now."""
        command, number = self.command, getattr(self.command, "number", None)
        every = oracle.world.interactions
        fit = [each for each in every if self.stray or each.state in self.among]
        if command is None or number is None or (self.stray and not every):
            return command
        if not fit:
            return None
        interaction = fit[number % len(fit)]
        named = {"agent_id": interaction.agent_id or "ana", "by": interaction.agent_id}
        held = {key: value for key, value in named.items() if getattr(command, key, "") == HOLDER}
        return replace(command, number=interaction.number, **held)


def step(chance: Chance) -> Step:
    """Any step."""
    make, among = chance.choose(NOTHING, *OFTEN, *(each for on in chance.on for each in BY_FEATURE.get(on, ())))
    jump = "jumps" in chance.on and chance.once_in(5)
    return Step(make(chance), chance.choose(*ELAPSED), among, chance.once_in(12), jump)


def somebody_comes(chance: Chance) -> Step:
    return Step(commands.SetStatus(chance.choose(*AGENTS), "ONLINE"))


def nothing(_chance: Chance) -> None:
    return None


def number(chance: Chance) -> int:
    return int(chance.choose(0, 0, 1, 2, 5))


def asked_by(chance: Chance) -> str:
    return str(chance.choose("", "", "", HOLDER, HOLDER, chance.choose(*AGENTS)))


def routed(chance: Chance) -> commands.Route:
    return commands.Route(
        chance.choose(*CONTACTS),
        chance.choose(*["k0"] * 12, *["k1"] * 6, "unknown"),
        chance.choose("CHAT", "CHAT", "VOICE"),
        chance.choose(*[""] * 12, "chat", "+34900"),
        priority=chance.choose(0, 0, 0, 1, 4),
        tags=chance.choose((), (), ("a",), ("VIP",), ("a", "b")),
        direction=chance.choose("INBOUND", "INBOUND", "OUTBOUND"),
        language=chance.where("trigger_conditions", "fr", "es-CO", otherwise=""),
        skills=tenants.demands(chance),
    )


def status(chance: Chance) -> commands.SetStatus:
    agent_id = chance.choose(*AGENTS)
    wanted = chance.choose("ONLINE", "ONLINE", "ONLINE", "ONLINE", "PAUSED", "OFFLINE")
    channels = chance.choose((), (), (), (), ("CHAT",), ("VOICE",))
    return commands.SetStatus(agent_id, wanted, channels, "descanso", chance.choose("", "", agent_id))


def extended(chance: Chance) -> commands.ExtendSession:
    return commands.ExtendSession(chance.choose(*AGENTS))


def claimed(chance: Chance) -> commands.Claim:
    return commands.Claim(chance.choose(*AGENTS), chance.choose(None, 0, 1, 2))


def assigned(chance: Chance) -> commands.Assign:
    return commands.Assign(number(chance), chance.choose(*AGENTS), chance.once_in(3))


def completed(chance: Chance) -> commands.Complete:
    disposition, sub_disposition = chance.choose(*COMPLETIONS)
    return commands.Complete(number(chance), disposition, sub_disposition, asked_by(chance))


COMPLETIONS = (*[("Venta", "")] * 6, ("Queja", "Demora"), ("Queja", ""), ("Venta", "Demora"), ("Nada", ""))


def cancelled(chance: Chance) -> commands.Cancel:
    return commands.Cancel(number(chance))


def to_agent(chance: Chance) -> commands.Transfer:
    return commands.Transfer(number(chance), agent_id=chance.choose(*AGENTS), by=asked_by(chance))


def to_campaign(chance: Chance) -> commands.Transfer:
    disposition = chance.choose("", "", "Queja", "Nada")
    return commands.Transfer(number(chance), campaign_id=chance.choose(*CAMPAIGNS), disposition=disposition)


def to_workgroup(chance: Chance) -> commands.Transfer:
    return commands.Transfer(number(chance), workgroup_id=chance.choose(*WORKGROUPS), by=asked_by(chance))


def accepted(chance: Chance) -> commands.AcceptOffer:
    return commands.AcceptOffer(number(chance), chance.choose(HOLDER, HOLDER, "ana"), asked_by(chance))


def rejected(chance: Chance) -> commands.RejectOffer:
    return commands.RejectOffer(number(chance), chance.choose(HOLDER, HOLDER, "ana"), asked_by(chance))


def finished(chance: Chance) -> commands.FinishWrapUp:
    return commands.FinishWrapUp(number(chance), asked_by(chance))


def into_portfolio(chance: Chance) -> commands.AssignPortfolio:
    policy = chance.choose("MOVE", "REPORT", "KEEP")
    return commands.AssignPortfolio(chance.choose(*PORTFOLIOS), chance.some(KNOWN, least=1), policy)


def added(chance: Chance) -> commands.AddToOwn:
    return commands.AddToOwn(chance.choose(*AGENTS), chance.choose(*CONTACTS))


def removed(chance: Chance) -> commands.RemoveFromPortfolio:
    return commands.RemoveFromPortfolio(chance.choose(*PORTFOLIOS), chance.some(KNOWN, least=1))


def handed_over(chance: Chance) -> commands.HandOver:
    return commands.HandOver(chance.choose(*AGENTS), chance.choose(*AGENTS))


def exclusive(chance: Chance) -> commands.SetExclusive:
    return commands.SetExclusive(chance.choose(*CONTACTS), chance.choose(*CAMPAIGNS), chance.choose(*AGENTS))


def not_exclusive(chance: Chance) -> commands.RemoveExclusive:
    return commands.RemoveExclusive(chance.choose(*KNOWN), chance.choose(*CAMPAIGNS))


def saved(chance: Chance) -> commands.Save:
    resource: Any = chance.choose(
        lambda: tenants.agent(chance, chance.choose(*AGENTS)),
        lambda: tenants.portfolio(chance, chance.choose(*PORTFOLIOS)),
        lambda: tenants.workgroup(chance, chance.choose(*WORKGROUPS)),
        lambda: tenants.campaign(chance, chance.choose(*CAMPAIGNS)),
        lambda: tenants.tenant(chance),
    )
    return commands.Save(resource())


Kind = tuple[Callable[[Chance], commands.Command | None], tuple[str, ...]]

NOTHING: Kind = (nothing, ())
OFTEN: tuple[Kind, ...] = (
    *[(routed, ())] * 12,
    *[(status, ())] * 6,
    *[(completed, ATTENDED)] * 7,
    *[(claimed, WAITING)] * 2,
    (into_portfolio, ()),
    (exclusive, ()),
    (to_agent, ATTENDED),
    (assigned, WAITING),
    (cancelled, (*WAITING, *OFFERED, *ATTENDED)),
    (added, ()),
    (removed, ()),
    (not_exclusive, ()),
)
BY_FEATURE: dict[str, tuple[Kind, ...]] = {
    "offers": (*[(accepted, OFFERED)] * 5, *[(rejected, OFFERED)] * 2),
    "wrap_up": ((finished, WRAP_UP),) * 2,
    "campaign_transfer": ((to_campaign, ATTENDED),) * 2,
    "workgroup_transfer": ((to_workgroup, ATTENDED),) * 2,
    "hand_over": ((handed_over, ()),),
    "sessions": ((extended, ()),),
    "updates": ((saved, ()),) * 2,
}
