"""Skills that interactions demand of the members of workgroups (M8)."""

from tests.oracle.router.configuration import Demand
from tests.oracle.router.world import Interaction, World


def level(world: World, agent_id: str, skill: str) -> int:
    return max((own for name, own in world.agent(agent_id).skills if name == skill), default=0)


def has_skills(world: World, agent_id: str, interaction: Interaction) -> bool:
    """M8: every skill demanded now, at its level or above."""
    return all(level(world, agent_id, each.skill) >= each.level for each in interaction.skills)


def match(world: World, agent_id: str, interaction: Interaction) -> int:
    """M8, BEST_SKILL: the sum of the agent's levels over the skills demanded now."""
    return sum(level(world, agent_id, each.skill) for each in interaction.skills)


def demand(interaction: Interaction, more: tuple[Demand, ...]) -> None:
    """M8: what is demanded besides; of a skill that is demanded already, the level is replaced."""
    for each in more:
        former = [held for held in interaction.skills if held.skill == each.skill]
        if former:
            interaction.skills[interaction.skills.index(former[0])] = each
        else:
            interaction.skills.append(each)


def drop(interaction: Interaction, skill: str) -> None:
    interaction.skills = [each for each in interaction.skills if each.skill != skill]
