"""Triggers: conditions over an arriving interaction, and what they set (Z2)."""

from collections.abc import Iterable

from cartera.core.records import Condition, Interaction, Trigger
from cartera.core.vocabulary import Direction, Priority


def run_triggers(triggers: Iterable[Trigger], interaction: Interaction) -> Interaction:
    """Run the triggers in order; each sees what those before it set."""
    for trigger in triggers:
        if _holds(trigger, interaction):
            interaction = _act(trigger, interaction)
    return interaction


def _holds(trigger: Trigger, interaction: Interaction) -> bool:
    if not all(_condition_holds(condition, interaction) for condition in trigger.all_of):
        return False
    return not trigger.any_of or any(_condition_holds(condition, interaction) for condition in trigger.any_of)


def _condition_holds(condition: Condition, interaction: Interaction) -> bool:
    """Whether the one test that the condition names holds."""
    if condition.channel:
        direction = condition.channel.direction
        fits = direction in (Direction.UNSPECIFIED, interaction.direction)
        return fits and interaction.channel in condition.channel.channels
    if condition.tags:
        tags = set(interaction.tags)
        wanted = condition.tags
        any_holds = not wanted.any_of or not tags.isdisjoint(wanted.any_of)
        return any_holds and tags.issuperset(wanted.all_of) and tags.isdisjoint(wanted.none_of)
    if condition.campaign:
        return interaction.campaign_id in condition.campaign.campaign_ids
    return condition.organization is not None and (
        interaction.organization_id in condition.organization.organization_ids
    )


def _act(trigger: Trigger, interaction: Interaction) -> Interaction:
    actions = trigger.actions
    return interaction._replace(
        workgroup_id=actions.workgroup_id or interaction.workgroup_id,
        priority=actions.priority or interaction.priority,
        tags=tuple(dict.fromkeys((*interaction.tags, *actions.add_tags))),
        trigger_ids=(*interaction.trigger_ids, trigger.trigger_id),
    )


def starting_priority(asked: Priority, *, priority_line: bool) -> Priority:
    """Where an interaction starts: NORMAL unless asked otherwise; on a priority line HIGH at least (Z4)."""
    start = asked or Priority.NORMAL
    return max(start, Priority.HIGH) if priority_line else start
