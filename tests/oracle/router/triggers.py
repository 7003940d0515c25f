"""Triggers: conditions over an arriving interaction, and what they set (Z2)."""

from tests.oracle.router.configuration import Condition, Trigger
from tests.oracle.router.skills import demand
from tests.oracle.router.world import Interaction, World


def run(world: World, interaction: Interaction) -> None:
    """Z2: the active triggers in the order of their position; each sees what those before it set."""
    for trigger in sorted(world.triggers, key=lambda each: (each.position, each.trigger_id)):
        if trigger.active and fires(world, trigger, interaction):
            act(trigger, interaction)


def fires(world: World, trigger: Trigger, interaction: Interaction) -> bool:
    every = all(holds(world, each, interaction) for each in trigger.all_of)
    some = any(holds(world, each, interaction) for each in trigger.any_of)
    return every and (some or not trigger.any_of)


def holds(world: World, condition: Condition, interaction: Interaction) -> bool:
    if condition.kind == "channel":
        directions = (condition.direction or interaction.direction,)
        return interaction.channel in condition.channels and interaction.direction in directions
    if condition.kind == "tags":
        return has_tags(condition, interaction.tags)
    if condition.kind == "priority":
        return interaction.priority in condition.priorities
    if condition.kind == "attribute":
        return has_attribute(world, condition, interaction)
    told = {
        "campaign": interaction.campaign_id,
        "organization": interaction.organization_id,
        "language": interaction.language,
    }
    return told[condition.kind] in condition.any_of


def has_tags(condition: Condition, tags: list[str]) -> bool:
    some = any(each in tags for each in condition.any_of)
    every = all(each in tags for each in condition.all_of)
    none = not any(each in tags for each in condition.none_of)
    return (some or not condition.any_of) and every and none


def has_attribute(world: World, condition: Condition, interaction: Interaction) -> bool:
    contact = world.contact(interaction.contact_id)
    values = [value for name, value in contact.attributes if name == condition.name] if contact else []
    return any(not condition.any_of or value in condition.any_of for value in values)


def act(trigger: Trigger, interaction: Interaction) -> None:
    interaction.workgroup_id = trigger.workgroup_id or interaction.workgroup_id
    interaction.priority = trigger.priority or interaction.priority
    tag(interaction, trigger.add_tags)
    demand(interaction, trigger.skills)


def tag(interaction: Interaction, tags: tuple[str, ...]) -> None:
    """Z3: each tag once."""
    interaction.tags += [each for each in tags if each not in interaction.tags]
