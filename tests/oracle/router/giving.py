"""An agent gets an interaction, is offered it, or lets go of it (C9, C14, K4, M4)."""

from dataclasses import replace

from tests.oracle.router.belonging import belong, has_expired, owns
from tests.oracle.router.choosing import Choice
from tests.oracle.router.configuration import Portfolio, Workgroup
from tests.oracle.router.presence import takes
from tests.oracle.router.world import Interaction, Place, World

FROM_THE_QUEUE = (
    "ROUND_ROBIN",
    "LEAST_LOAD",
    "LONGEST_IDLE",
    "BEST_SKILL",
    "LAST_AGENT",
    "DEFAULT_GROUP",
    "BY_CHANNEL",
    "CLAIMED",
)


def give(world: World, interaction: Interaction, choice: Choice) -> None:
    """What is given automatically: offered where the workgroup offers and the agent is there, or else assigned."""
    home, presence = world.workgroup(interaction.workgroup_id), world.presence(choice.agent_id)
    if choice.turn:
        world.turns[choice.turn] = choice.agent_id
    if home.pacing:
        presence.cool_down_until = max(presence.cool_down_until or 0, world.now + home.pacing)
    if home.offer_timeout and takes(world, choice.agent_id, interaction.channel):
        offer(world, interaction, choice, home.offer_timeout)
    else:
        assign(world, interaction, choice.agent_id, choice.reason)


def offer(world: World, interaction: Interaction, choice: Choice, timeout: int) -> None:
    """C9: the slot is held until the agent answers, or it rings out."""
    interaction.state, interaction.reason, interaction.agent_id = "OFFERED", choice.reason, choice.agent_id
    interaction.state_until = world.now + timeout
    mark_given(world, choice.agent_id)


def mark_given(world: World, agent_id: str) -> None:
    """M2, M8: when an agent was last given something."""
    world.presence(agent_id).last_assigned_at = world.presence(agent_id).idle_since = world.now


def mark_released(world: World, agent_id: str) -> None:
    """M8: when an agent last let go of something, which is kept while any workgroup goes by it."""
    methods = [each for workgroup in world.workgroups for each in (workgroup.method, fallback(workgroup))]
    if "LONGEST_IDLE" in methods or "BEST_SKILL" in methods:
        world.presence(agent_id).idle_since = world.now


def fallback(workgroup: Workgroup) -> str:
    """M4."""
    return workgroup.fallback_method if workgroup.method == "LAST_AGENT" else ""


def assign(world: World, interaction: Interaction, agent_id: str, reason: str) -> None:
    """An agent attends the interaction: it is the contact's last agent (M4), and the contact may join it (K4)."""
    mark_given(world, agent_id)
    interaction.state, interaction.reason, interaction.agent_id = "ASSIGNED", reason, agent_id
    interaction.state_until = interaction.owner_wait_until = interaction.opens_at = None
    world.last_attended[interaction.contact_id] = agent_id
    if reason in FROM_THE_QUEUE and world.workgroup(interaction.workgroup_id).portfolio_mode == "AUTOMATIC":
        join(world, interaction.contact_id, agent_id)


def join(world: World, contact_id: str, agent_id: str) -> None:
    """K4: a contact of the contact list who is in no portfolio joins the agent's own, made on demand."""
    place = world.place(contact_id)
    if world.contact(contact_id) is None or (place and not has_expired(world, place)):
        return
    portfolio = own_portfolio(world, agent_id)
    if portfolio.active and owns(world, portfolio, agent_id):
        put(world, contact_id, portfolio)


def own_portfolio(world: World, agent_id: str) -> Portfolio:
    """K5: the agent's own portfolio, made where there is none."""
    if agent_id not in world.personal:
        world.personal[agent_id] = f"personal-{agent_id}-{len(world.portfolios)}"
        world.portfolios.append(Portfolio(world.personal[agent_id], owner_agent_ids=(agent_id,)))
    return world.portfolio(world.personal[agent_id])


def put(world: World, contact_id: str, portfolio: Portfolio) -> None:
    """P1, P9: a contact is in one portfolio at most; its place there expires."""
    expiry = portfolio.ownership_expiry
    world.places = [each for each in world.places if each.contact_id != contact_id]
    world.places.append(Place(contact_id, portfolio.portfolio_id, world.now + expiry if expiry else None))


def let_go(world: World, interaction: Interaction) -> None:
    """Its agent does not have it any more; it is to be placed anew, and keeps its place."""
    mark_released(world, interaction.agent_id)
    interaction.state, interaction.reason = "RECEIVED", "UNSPECIFIED"
    interaction.agent_id, interaction.state_until = "", None


def route_anew(world: World, interaction: Interaction, passed_on_by: str = "") -> None:
    """C5, T2, T4: it comes to be routed under its workgroup now, and waits from now on; its arrival is kept."""
    interaction.state, interaction.reason = "RECEIVED", "UNSPECIFIED"
    interaction.agent_id, interaction.state_until = "", None
    interaction.overflow_workgroup_ids, interaction.overflow_steps_taken = [], 0
    belong(world, interaction, passed_on_by)
    begin_waiting(world, interaction)


def begin_waiting(world: World, interaction: Interaction) -> None:
    """C11, C12, C13: what overflow and the longest wait count from: now, or the opening of the campaign."""
    longest = world.workgroup(interaction.workgroup_id).longest_wait
    since = world.now if interaction.opens_at is None else interaction.opens_at
    interaction.waiting_since, interaction.expires_at = since, since + longest if longest else None


def cool_down(world: World, interaction: Interaction) -> None:
    """C9: who rejected or missed an offer isn't asked again for a while."""
    presence = world.presence(interaction.agent_id)
    until = world.now + (world.workgroup(interaction.workgroup_id).offer_cool_down or 30)
    presence.cool_down_until = max(presence.cool_down_until or 0, until)


def replace_portfolio(world: World, portfolio: Portfolio, **changes: object) -> None:
    world.portfolios[world.portfolios.index(portfolio)] = replace(portfolio, **changes)  # type: ignore[arg-type]
