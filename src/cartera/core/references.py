"""References: what the parts of a configuration say of each other must be so."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cartera.core.record_tables import key_of
from cartera.core.records import (
    Agent,
    Campaign,
    Condition,
    Contact,
    ExclusiveAgent,
    Interaction,
    Organization,
    Portfolio,
    PortfolioContact,
    Record,
    Script,
    Trigger,
    Workgroup,
)
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState

Reference = tuple[str, type[Record], str]
"""The path of a field, and the type and id of what it names."""


def references(resource: Record) -> Iterator[Reference]:
    """What a resource names: each with the path of the field that names it."""
    find = _REFERENCES.get(type(resource))
    return find(resource) if find else iter(())


def _listed(field: str, record_type: type[Record], identifiers: Iterable[str]) -> Iterator[Reference]:
    for index, identifier in enumerate(identifiers):
        yield f"{field}[{index}]", record_type, identifier


def _of_workgroup(workgroup: Workgroup) -> Iterator[Reference]:
    yield from _listed("member_ids", Agent, workgroup.member_ids)
    for index, step in enumerate(workgroup.overflow_steps):
        if step.add_workgroup_id:
            yield f"overflow_steps[{index}].add_workgroup_id", Workgroup, step.add_workgroup_id
    if workgroup.last_agent:
        yield from _listed("last_agent.agent_ids", Agent, workgroup.last_agent.agent_ids)
        yield from _listed("last_agent.workgroup_ids", Workgroup, workgroup.last_agent.workgroup_ids)
    yield from _listed("default_agent_ids", Agent, workgroup.default_agent_ids)
    for index, chosen in enumerate(workgroup.channel_agents):
        yield from _listed(f"channel_agents[{index}].agent_ids", Agent, chosen.agent_ids)


def _of_campaign(campaign: Campaign) -> Iterator[Reference]:
    yield from _listed("workgroup_ids", Workgroup, campaign.workgroup_ids)
    if campaign.hours and campaign.hours.outside_workgroup_id:
        yield "hours.outside_workgroup_id", Workgroup, campaign.hours.outside_workgroup_id


def _of_trigger(trigger: Trigger) -> Iterator[Reference]:
    if trigger.actions.workgroup_id:
        yield "actions.workgroup_id", Workgroup, trigger.actions.workgroup_id
    for field, conditions in (("all_of", trigger.all_of), ("any_of", trigger.any_of)):
        for index, condition in enumerate(conditions):
            yield from _of_condition(f"{field}[{index}]", condition)


def _of_condition(path: str, condition: Condition) -> Iterator[Reference]:
    if condition.campaign:
        yield from _listed(f"{path}.campaign.campaign_ids", Campaign, condition.campaign.campaign_ids)
    if condition.organization:
        organization_ids = condition.organization.organization_ids
        yield from _listed(f"{path}.organization.organization_ids", Organization, organization_ids)


def _of_portfolio(portfolio: Portfolio) -> Iterator[Reference]:
    yield from _listed("owner_agent_ids", Agent, portfolio.owner_agent_ids)
    yield from _listed("owner_workgroup_ids", Workgroup, portfolio.owner_workgroup_ids)
    yield from _listed("backup_agent_ids", Agent, portfolio.backup_agent_ids)
    if portfolio.personal_agent_id:
        yield "personal_agent_id", Agent, portfolio.personal_agent_id


def _of_contact(contact: Contact) -> Iterator[Reference]:
    if contact.organization_id:
        yield "organization_id", Organization, contact.organization_id


def _of_portfolio_contact(place: PortfolioContact) -> Iterator[Reference]:
    yield "contact_id", Contact, place.contact_id
    yield "portfolio_id", Portfolio, place.portfolio_id
    if place.script_id:
        yield "script_id", Script, place.script_id


def _of_exclusive_agent(exclusive: ExclusiveAgent) -> Iterator[Reference]:
    yield "contact_id", Contact, exclusive.contact_id
    yield "campaign_id", Campaign, exclusive.campaign_id
    yield "agent_id", Agent, exclusive.agent_id


def _of_interaction(interaction: Interaction) -> Iterator[Reference]:
    """An open interaction holds on to its campaign, workgroups, contact and agent; so does one in wrap-up."""
    if interaction.ended_at is None or interaction.state is InteractionState.WRAP_UP:
        yield "campaign_id", Campaign, interaction.campaign_id
        yield "workgroup_id", Workgroup, interaction.workgroup_id
        yield from _listed("overflow_workgroup_ids", Workgroup, interaction.overflow_workgroup_ids)
        yield "contact_id", Contact, interaction.contact_id
        if interaction.agent_id:
            yield "agent_id", Agent, interaction.agent_id


_REFERENCES: dict[type, Callable[[Any], Iterator[Reference]]] = {
    Workgroup: _of_workgroup,
    Campaign: _of_campaign,
    Trigger: _of_trigger,
    Portfolio: _of_portfolio,
    Contact: _of_contact,
    PortfolioContact: _of_portfolio_contact,
    ExclusiveAgent: _of_exclusive_agent,
    Interaction: _of_interaction,
}

CONTACT_REFERENCES: dict[type, tuple[tuple[type[Record], str], ...]] = {
    Portfolio: ((PortfolioContact, "portfolio_id"),),
    Script: ((PortfolioContact, "script_id"),),
    Organization: ((Contact, "organization_id"),),
    Agent: ((ExclusiveAgent, "agent_id"),),
    Campaign: ((ExclusiveAgent, "campaign_id"),),
}
"""Where contacts, most of whom are not in memory, may name a resource: before one is deleted, somebody who does is
looked up and loaded."""


def referrer(state: State, record_type: type[Record], identifier: str) -> Record | None:
    """A record that names this one, if any does; that it names itself is no hindrance."""
    for referring in _REFERENCES:
        records: Iterable[Record] = state.table(referring).values()
        for record in records:
            if (referring, key_of(record)) == (record_type, (identifier,)):
                continue
            if any((named, each) == (record_type, identifier) for _, named, each in references(record)):
                return record
    return None
