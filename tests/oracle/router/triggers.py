"""Triggers: conditions over an arriving interaction, and what they set (Z2)."""

from tests.oracle.router.configuration import Condition, Trigger
from tests.oracle.router.hours import is_open
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
    """Z2: by the kind of the condition."""
    return {
        "channel": on_channel(condition, interaction),
        "tags": has_tags(condition, interaction.tags),
        "campaign": interaction.campaign_id in condition.any_of,
        "organization": interaction.organization_id in condition.any_of,
        "priority": interaction.priority in condition.priorities,
        "language": speaks(condition, interaction.language),
        "hours": is_open(condition.hours, world.now) != condition.outside,
        "attribute": has_attribute(world, condition, interaction),
    }[condition.kind]


def on_channel(condition: Condition, interaction: Interaction) -> bool:
    return interaction.channel in condition.channels and condition.direction in ("", interaction.direction)


def speaks(condition: Condition, language: str) -> bool:
    """A language holds for those of its countries too."""
    return any(language == each or language.startswith(f"{each}-") for each in condition.any_of)


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
