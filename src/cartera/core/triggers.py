"""Triggers: conditions over an arriving interaction, and what they set (Z2)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from cartera.core.hours import is_open
from cartera.core.records import (
    AttributeCondition,
    CampaignCondition,
    ChannelCondition,
    Condition,
    Contact,
    HoursCondition,
    Interaction,
    LanguageCondition,
    OrganizationCondition,
    PriorityCondition,
    SkillRequirement,
    TagsCondition,
    Trigger,
)
from cartera.core.vocabulary import Direction, Priority


class Arrival(NamedTuple):
    """What a condition is tested on."""

    interaction: Interaction
    contact: Contact | None
    """None for who is not in the contact list."""
    at: datetime


def run_triggers(
    triggers: Iterable[Trigger], interaction: Interaction, contact: Contact | None, now: datetime
) -> Interaction:
    """Run the triggers in order; each sees what those before it set."""
    for trigger in triggers:
        if _holds(trigger, Arrival(interaction, contact, now)):
            interaction = _act(trigger, interaction)
    return interaction


def _holds(trigger: Trigger, arrival: Arrival) -> bool:
    if not all(_condition_holds(condition, arrival) for condition in trigger.all_of):
        return False
    return not trigger.any_of or any(_condition_holds(condition, arrival) for condition in trigger.any_of)


def _condition_holds(condition: Condition, arrival: Arrival) -> bool:
    """Whether the one test that the condition names holds."""
    return any(_TESTS[type(test)](test, arrival) for test in condition if test is not None)


def _channel(test: ChannelCondition, arrival: Arrival) -> bool:
    fits = test.direction in (Direction.UNSPECIFIED, arrival.interaction.direction)
    return fits and arrival.interaction.channel in test.channels


def _tags(test: TagsCondition, arrival: Arrival) -> bool:
    tags = set(arrival.interaction.tags)
    any_holds = not test.any_of or not tags.isdisjoint(test.any_of)
    return any_holds and tags.issuperset(test.all_of) and tags.isdisjoint(test.none_of)


def _campaign(test: CampaignCondition, arrival: Arrival) -> bool:
    return arrival.interaction.campaign_id in test.campaign_ids


def _organization(test: OrganizationCondition, arrival: Arrival) -> bool:
    return arrival.interaction.organization_id in test.organization_ids


def _priority(test: PriorityCondition, arrival: Arrival) -> bool:
    return arrival.interaction.priority in test.priorities


def _language(test: LanguageCondition, arrival: Arrival) -> bool:
    """A language holds for its regional forms too: "es" for "es-CO", but not the other way round."""
    spoken = _language_tag(arrival.interaction.language) + "-"
    return any(spoken.startswith(_language_tag(language) + "-") for language in test.languages)


def _language_tag(language: str) -> str:
    """Gateways write "es-CO", "es-co" and "es_CO"."""
    return language.casefold().replace("_", "-")


def _hours(test: HoursCondition, arrival: Arrival) -> bool:
    return is_open(test, arrival.at) is not test.outside


def _attribute(test: AttributeCondition, arrival: Arrival) -> bool:
    attributes = arrival.contact.attributes if arrival.contact else ()
    values = [each.value for each in attributes if each.name == test.name]
    return any(value in test.any_of or not test.any_of for value in values)


_TESTS: dict[type, Callable[[Any, Arrival], bool]] = {
    ChannelCondition: _channel,
    TagsCondition: _tags,
    CampaignCondition: _campaign,
    OrganizationCondition: _organization,
    PriorityCondition: _priority,
    LanguageCondition: _language,
    HoursCondition: _hours,
    AttributeCondition: _attribute,
}
"""How each kind of condition is tested."""


def _act(trigger: Trigger, interaction: Interaction) -> Interaction:
    actions = trigger.actions
    return interaction._replace(
        workgroup_id=actions.workgroup_id or interaction.workgroup_id,
        priority=actions.priority or interaction.priority,
        tags=tuple(dict.fromkeys((*interaction.tags, *actions.add_tags))),
        skills=united_skills(interaction.skills, actions.skills),
        trigger_ids=(*interaction.trigger_ids, trigger.trigger_id),
    )


def united_skills(
    demanded: tuple[SkillRequirement, ...], added: tuple[SkillRequirement, ...]
) -> tuple[SkillRequirement, ...]:
    """The skills demanded by the one or the other, each once, by name; where both name one, the one added counts."""
    if not demanded and not added:
        return ()
    by_name = {each.skill: each for each in (*demanded, *added)}
    return tuple(by_name[name] for name in sorted(by_name))


def starting_priority(asked: Priority, *, priority_line: bool) -> Priority:
    """Where an interaction starts: NORMAL unless asked otherwise; on a priority line HIGH at least (Z4)."""
    start = asked or Priority.NORMAL
    return max(start, Priority.HIGH) if priority_line else start
