"""From the oracle's values to the core's records and commands: field by field, nothing decided."""

from datetime import timedelta
from typing import Any

from cartera.core import commands as asked
from cartera.core import records
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    Channel,
    ConflictPolicy,
    DayOfWeek,
    Direction,
    InteractionState,
    LeavingPolicy,
    OutsideHours,
    PortfolioMode,
    PortfolioState,
    Priority,
    RoutingReason,
)
from tests.oracle.router import commands, configuration

WAITS = (
    "owner_wait",
    "owner_wait_busy",
    "owner_wait_paused",
    "owner_wait_offline",
    "ageing_interval",
    "offer_timeout",
    "offer_cool_down",
    "wrap_up",
    "leaving_debounce",
    "longest_wait",
    "pacing",
)
AS_THEY_ARE = (
    "workgroup_id",
    "member_ids",
    "queue_when_nobody_online",
    "offer_miss_limit",
    "queue_limit",
    "default_agent_ids",
)


def time(seconds):
    return None if seconds is None else timedelta(seconds=seconds)


def channels(names):
    return tuple(Channel[each] for each in names)


def said(**fields):
    """Only what is said, so that a record has its own defaults for the rest."""
    return {name: value for name, value in fields.items() if value not in (None, (), "", 0)}


def channel_rules(rules):
    return tuple(records.ChannelRule(Channel[each.channel], each.cost, each.limit, each.exclusive) for each in rules)


def tenant(it: configuration.Tenant):
    more = said(channel_rules=channel_rules(it.channel_rules), session_limit=time(it.session_limit))
    return records.Tenant("Prueba", **more)


def agent(it: configuration.Agent):
    skills = tuple(records.Skill(*each) for each in it.skills) if it.skills else ()
    more = said(channel_rules=channel_rules(it.channel_rules), skills=skills)
    return records.Agent(it.agent_id, capacity=it.capacity, channels=channels(it.channels), **more)


def overflow_step(it: configuration.OverflowStep):
    priority = Priority(it.priority)
    return records.OverflowStep(time(it.after), it.add_workgroup_id, it.drop_skill, priority)


def last_agent(it: configuration.Workgroup):
    if it.method != "LAST_AGENT":
        return None
    return records.LastAgentRule(it.last_agent_ids, it.last_workgroup_ids, AssignmentMethod[it.fallback_method])


def channel_agents(it: configuration.Workgroup):
    return tuple(records.ChannelAgents(Channel[channel], ids) for channel, ids in it.channel_agents)


def workgroup(it: configuration.Workgroup):
    more = said(
        **{name: time(getattr(it, name)) for name in WAITS},
        **{name: getattr(it, name) for name in AS_THEY_ARE},
        overflow_steps=tuple(map(overflow_step, it.overflow_steps)),
        last_agent=last_agent(it),
        channel_agents=channel_agents(it),
        leaving_policy=LeavingPolicy[it.leaving_policy] if it.leaving_policy != "KEEP" else None,
    )
    return records.Workgroup(
        method=AssignmentMethod[it.method], portfolio_mode=PortfolioMode[it.portfolio_mode], **more
    )


def opening_hours(it: configuration.Hours):
    return tuple(records.OpeningHours(DayOfWeek[day], *clock) for day, *clock in it.opening_hours)


def hours(it: configuration.Hours):
    holidays = tuple(map(records.Holiday, it.holidays))
    aside = it.outside_workgroup_id if it.outside == "WORKGROUP" else ""
    return records.BusinessHours(it.time_zone, opening_hours(it), holidays, OutsideHours[it.outside], aside)


def campaign(it: configuration.Campaign):
    addresses = tuple(
        records.CampaignAddress(Channel[each.channel], each.address, each.priority_line) for each in it.addresses
    )
    return records.Campaign(
        it.campaign_id,
        addresses=addresses,
        workgroup_ids=it.workgroup_ids,
        dispositions=tuple(records.Disposition(*each) for each in it.dispositions),
        **said(hours=hours(it.hours) if it.hours else None),
    )


def demand(it: configuration.Demand):
    return records.SkillRequirement(it.skill, it.level, time(it.drop_after))


def condition(it: configuration.Condition):
    test: Any
    if it.kind == "channel":
        direction = Direction[it.direction or "UNSPECIFIED"]
        test = records.ChannelCondition(channels(it.channels), direction)
    elif it.kind == "tags":
        test = records.TagsCondition(it.any_of, it.all_of, it.none_of)
    elif it.kind == "priority":
        test = records.PriorityCondition(tuple(map(Priority, it.priorities)))
    elif it.kind == "hours":
        test = records.HoursCondition(it.hours.time_zone, opening_hours(it.hours), it.outside)
    elif it.kind == "attribute":
        test = records.AttributeCondition(it.name, it.any_of)
    else:
        test = getattr(records, f"{it.kind.title()}Condition")(it.any_of)
    return records.Condition(**{it.kind: test})


def trigger(it: configuration.Trigger):
    more = said(skills=tuple(map(demand, it.skills)))
    return records.Trigger(
        it.trigger_id,
        active=it.active,
        position=it.position,
        all_of=tuple(map(condition, it.all_of)),
        any_of=tuple(map(condition, it.any_of)),
        actions=records.TriggerActions(it.workgroup_id, Priority(it.priority), it.add_tags, **more),
    )


def organization(it: configuration.Organization):
    return records.Organization(it.organization_id, tags=it.tags)


def contact(it: configuration.Contact):
    attributes = tuple(records.Attribute(*each) for each in it.attributes) if it.attributes else ()
    more = said(language=it.language, attributes=attributes)
    return records.Contact(it.contact_id, organization_id=it.organization_id, tags=it.tags, **more)


def portfolio(it: configuration.Portfolio):
    return records.Portfolio(
        it.portfolio_id,
        state=PortfolioState.ACTIVE if it.active else PortfolioState.INACTIVE,
        owner_agent_ids=it.owner_agent_ids,
        owner_workgroup_ids=it.owner_workgroup_ids,
        **said(backup_agent_ids=it.backup_agent_ids, ownership_expiry=time(it.ownership_expiry)),
    )


RESOURCES = {
    configuration.Tenant: tenant,
    configuration.Agent: agent,
    configuration.Workgroup: workgroup,
    configuration.Campaign: campaign,
    configuration.Trigger: trigger,
    configuration.Organization: organization,
    configuration.Contact: contact,
    configuration.Portfolio: portfolio,
}


def resource(it):
    return RESOURCES[type(it)](it)


def whole(it: configuration.Configuration):
    """A whole configuration, to be applied."""
    tables = ("agents", "workgroups", "campaigns", "triggers", "organizations", "contacts", "portfolios")
    parts = {name: tuple(map(resource, getattr(it, name))) for name in tables}
    return asked.ApplyConfiguration(asked.Configuration(tenant=tenant(it.tenant), **parts))


def route(it: commands.Route, _name):
    return asked.RouteInteraction(
        it.campaign_id,
        it.contact_id,
        Channel[it.channel],
        address=it.address,
        direction=Direction[it.direction],
        priority=Priority(it.priority),
        tags=it.tags,
        **said(language=it.language, skills=tuple(map(demand, it.skills))),
    )


def transfer(it: commands.Transfer, name):
    to = said(agent_id=it.agent_id, campaign_id=it.campaign_id, workgroup_id=it.workgroup_id)
    return asked.Transfer(name(it.number), note="sigue", disposition=it.disposition, **to)


COMMANDS = {
    commands.Route: route,
    commands.SetStatus: lambda it, _: asked.SetAgentStatus(
        it.agent_id, AgentStatus[it.status], it.reason_code, channels(it.channels)
    ),
    commands.ExtendSession: lambda it, _: asked.ExtendSession(it.agent_id),
    commands.AcceptOffer: lambda it, name: asked.AcceptOffer(name(it.number), it.agent_id),
    commands.RejectOffer: lambda it, name: asked.RejectOffer(name(it.number), it.agent_id),
    commands.Claim: lambda it, name: asked.ClaimInteraction(it.agent_id, "" if it.number is None else name(it.number)),
    commands.Assign: lambda it, name: asked.AssignInteraction(name(it.number), it.agent_id, it.over_capacity),
    commands.Transfer: transfer,
    commands.Complete: lambda it, name: asked.CompleteInteraction(name(it.number), it.disposition, it.sub_disposition),
    commands.FinishWrapUp: lambda it, name: asked.FinishWrapUp(name(it.number)),
    commands.Cancel: lambda it, name: asked.CancelInteraction(name(it.number)),
    commands.AssignPortfolio: lambda it, _: asked.AssignPortfolio(
        it.portfolio_id, it.contact_ids, ConflictPolicy[it.policy]
    ),
    commands.AddToOwn: lambda it, _: asked.AddToOwnPortfolio(it.agent_id, it.contact_id),
    commands.RemoveFromPortfolio: lambda it, _: asked.RemoveFromPortfolio(it.portfolio_id, it.contact_ids),
    commands.HandOver: lambda it, _: asked.HandOverPortfolios(it.from_agent_id, it.to_agent_id),
    commands.SetExclusive: lambda it, _: asked.SetExclusiveAgent(it.contact_id, it.campaign_id, it.agent_id),
    commands.RemoveExclusive: lambda it, _: asked.RemoveExclusiveAgent(it.contact_id, it.campaign_id),
    commands.Save: lambda it, _: asked.UpdateResource(resource(it.resource), allow_missing=True),
}


def outline(interaction):
    """What the oracle says of an interaction."""
    state, reason = InteractionState(interaction.state).name, RoutingReason(interaction.reason).name
    return state, reason, interaction.agent_id, interaction.workgroup_id, int(interaction.priority)


def command(it: commands.Command, name):
    """The core's command; `name` gives the id of an interaction by its number."""
    return COMMANDS[type(it)](it, name)
