"""Faults: what is wrong with a configuration besides naming what is not there. Each with the path of its field, all at
once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cartera.core.cycles import edges_on_cycles
from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    HoursCondition,
    OpeningHours,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.rejection import Violation
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod, ErrorReason, OutsideHours


class Fault(NamedTuple):
    """What is wrong with a field, by its path in the resource."""

    field: str
    reason: ErrorReason
    data: Mapping[str, str]


Faults = Iterator[Fault]

FALLBACK_METHODS = (
    AssignmentMethod.UNSPECIFIED,
    AssignmentMethod.ROUND_ROBIN,
    AssignmentMethod.LEAST_LOAD,
    AssignmentMethod.LONGEST_IDLE,
    AssignmentMethod.BEST_SKILL,
)
"""What LAST_AGENT may fall back on (M4)."""


def faults(resource: Any, path: str) -> list[Violation]:
    """What is wrong with a resource in itself."""
    checks = _CHECKS.get(type(resource), ())
    found = (fault for check in checks for fault in check(resource))
    return [Violation(fault.reason, f"{path}.{fault.field}", fault.data) for fault in found]


# What is said twice


def _duplicates(field: str, names: Iterable[str]) -> Faults:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Fault(f"{field}[{index}]", ErrorReason.DUPLICATE_VALUE, {"value": name})
        seen.add(name)


def _repeated_in_tenant(tenant: Tenant) -> Faults:
    yield from _duplicates("channel_rules", (each.channel.name for each in tenant.channel_rules))
    yield from _duplicates("client_settings", (each.client for each in tenant.client_settings))


def _repeated_in_agent(agent: Agent) -> Faults:
    yield from _duplicates("channel_rules", (each.channel.name for each in agent.channel_rules))
    yield from _duplicates("skills", (each.name for each in agent.skills))


def _repeated_in_workgroup(workgroup: Workgroup) -> Faults:
    return _duplicates("channel_agents", (each.channel.name for each in workgroup.channel_agents))


def _repeated_in_campaign(campaign: Campaign) -> Faults:
    yield from _duplicates("addresses", (f"{each.channel.name} {each.address}" for each in campaign.addresses))
    yield from _duplicates("dispositions", (each.name for each in campaign.dispositions))


def _repeated_in_trigger(trigger: Trigger) -> Faults:
    return _duplicates("actions.skills", (each.skill for each in trigger.actions.skills))


def _repeated_in_contact(contact: Contact) -> Faults:
    return _duplicates("attributes", (each.name for each in contact.attributes))


# Whom a method chooses


def _method_of(workgroup: Workgroup) -> Faults:
    """A method that chooses from certain agents has some (M5, M6), and LAST_AGENT falls back on one that can."""
    needed = {
        AssignmentMethod.DEFAULT_GROUP: ("default_agent_ids", bool(workgroup.default_agent_ids)),
        AssignmentMethod.BY_CHANNEL: ("channel_agents", any(each.agent_ids for each in workgroup.channel_agents)),
    }
    field, is_there = needed.get(workgroup.method, ("", True))
    if not is_there:
        yield Fault(field, ErrorReason.METHOD_LACKS_AGENTS, {"method": workgroup.method.name})
    fallback = workgroup.last_agent.fallback_method if workgroup.last_agent else AssignmentMethod.UNSPECIFIED
    if fallback not in FALLBACK_METHODS:
        yield Fault("last_agent.fallback_method", ErrorReason.INVALID_FIELD, {"value": fallback.name})


def _chosen_in(workgroup: Workgroup) -> Faults:
    """Whom DEFAULT_GROUP and BY_CHANNEL choose from are members (M5, M6)."""
    members = set(workgroup.member_ids)
    lists = {"default_agent_ids": workgroup.default_agent_ids}
    for index, chosen in enumerate(workgroup.channel_agents):
        lists[f"channel_agents[{index}].agent_ids"] = chosen.agent_ids
    for field, agent_ids in lists.items():
        for index, agent_id in enumerate(agent_ids):
            if agent_id not in members:
                yield Fault(f"{field}[{index}]", ErrorReason.NOT_A_MEMBER, {"value": f"agent/{agent_id}"})


# Overflow


def _overflow_in(workgroup: Workgroup) -> Faults:
    """The steps stand in the order in which they are taken (C11)."""
    steps = workgroup.overflow_steps
    for index in range(1, len(steps)):
        if steps[index].after < steps[index - 1].after:
            data = {
                "rule": "overflow_steps.in_order",
                "problem": "must not be less than that of the step ahead of it",
            }
            yield Fault(f"overflow_steps[{index}].after", ErrorReason.INVALID_FIELD, data)


def overflow_cycles(state: State, declared: Mapping[str, Workgroup]) -> list[Violation]:
    """The steps by which workgroups, each declared at a path, overflow back into themselves (C11), over the workgroups
    that are declared and those that are there already.
    """
    at_path = {workgroup.workgroup_id: workgroup for workgroup in declared.values()}
    looping = edges_on_cycles(_overflow(state, at_path))
    return [
        Violation(
            ErrorReason.OVERFLOW_CYCLE,
            f"{path}.overflow_steps[{index}].add_workgroup_id",
            {"value": f"workgroup/{step.add_workgroup_id}"},
        )
        for path, workgroup in declared.items()
        for index, step in enumerate(workgroup.overflow_steps)
        if (workgroup.workgroup_id, step.add_workgroup_id) in looping
    ]


def _overflow(state: State, declared: Mapping[str, Workgroup]) -> dict[str, list[str]]:
    """Which workgroups overflow into which, as far as that is reached from those declared."""
    graph: dict[str, list[str]] = {}
    waiting = list(declared)
    while waiting:
        workgroup_id = waiting.pop()
        workgroup = declared.get(workgroup_id) or state.get(Workgroup, workgroup_id)
        if workgroup and workgroup_id not in graph:
            graph[workgroup_id] = [each.add_workgroup_id for each in workgroup.overflow_steps if each.add_workgroup_id]
            waiting += graph[workgroup_id]
    return graph


# Hours


def _hours_of_campaign(campaign: Campaign) -> Faults:
    """Hours are of a time zone and a calendar that exist, and outside them something can happen (C12)."""
    hours = campaign.hours
    if hours is None:
        return
    yield from _time_zone("hours.time_zone", hours.time_zone)
    yield from _opening_hours("hours.opening_hours", hours.opening_hours)
    for index, holiday in enumerate(hours.holidays):
        if not _is_date(holiday.date):
            data = {"rule": "holiday.in_calendar", "problem": "is no day of the calendar"}
            yield Fault(f"hours.holidays[{index}].date", ErrorReason.HOURS_INVALID, data)
    if hours.outside is OutsideHours.WORKGROUP and not hours.outside_workgroup_id:
        data = {
            "rule": "hours.outside_workgroup",
            "problem": "must be set where a workgroup gets what arrives outside the hours",
        }
        yield Fault("hours.outside_workgroup_id", ErrorReason.INVALID_FIELD, data)


def _hours_of_trigger(trigger: Trigger) -> Faults:
    for field, conditions in (("all_of", trigger.all_of), ("any_of", trigger.any_of)):
        for index, condition in enumerate(conditions):
            if condition.hours:
                yield from _hours_of_condition(f"{field}[{index}].hours", condition.hours)


def _hours_of_condition(field: str, hours: HoursCondition) -> Faults:
    yield from _time_zone(f"{field}.time_zone", hours.time_zone)
    yield from _opening_hours(f"{field}.opening_hours", hours.opening_hours)


def _opening_hours(field: str, opening_hours: Iterable[OpeningHours]) -> Faults:
    for index, each in enumerate(opening_hours):
        if each.closes <= each.opens:
            data = {
                "rule": "hours.closes_after_opens",
                "opens": each.opens,
                "problem": f"must be later than {each.opens}, when it opens",
            }
            yield Fault(f"{field}[{index}].closes", ErrorReason.HOURS_INVALID, data)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _time_zone_of_tenant(tenant: Tenant) -> Faults:
    return _time_zone("time_zone", tenant.time_zone or "UTC")


_OF_THE_MACHINE = ("localtime", "posixrules")
"""Names that some machines have for whatever zone they are in."""


def _time_zone(field: str, name: str) -> Faults:
    try:
        is_known = name not in _OF_THE_MACHINE and ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):  # of another name, of a path, of a directory or of one too long
        is_known = False
    if not is_known:
        yield Fault(field, ErrorReason.TIME_ZONE_UNKNOWN, {"value": name})


_CHECKS: dict[type, tuple[Callable[[Any], Faults], ...]] = {
    Tenant: (_repeated_in_tenant, _time_zone_of_tenant),
    Agent: (_repeated_in_agent,),
    Workgroup: (_repeated_in_workgroup, _method_of, _chosen_in, _overflow_in),
    Campaign: (_repeated_in_campaign, _hours_of_campaign),
    Trigger: (_repeated_in_trigger, _hours_of_trigger),
    Contact: (_repeated_in_contact,),
}
"""What is looked for in each type of resource."""
