"""The configuration is changed, and counts from then on."""

from tests.oracle.router.configuration import (
    Agent,
    Campaign,
    Contact,
    Organization,
    Portfolio,
    Resource,
    Tenant,
    Trigger,
    Workgroup,
)
from tests.oracle.router.world import World

KEYS = {
    Agent: ("agents", "agent_id"),
    Workgroup: ("workgroups", "workgroup_id"),
    Campaign: ("campaigns", "campaign_id"),
    Trigger: ("triggers", "trigger_id"),
    Organization: ("organizations", "organization_id"),
    Contact: ("contacts", "contact_id"),
    Portfolio: ("portfolios", "portfolio_id"),
}


def save(world: World, resource: Resource) -> None:
    """Create it, or put it in the place of the former one."""
    if isinstance(resource, Tenant):
        world.tenant = resource
        return
    table, key = KEYS[type(resource)]
    rows = getattr(world, table)
    former = next((each for each in rows if getattr(each, key) == getattr(resource, key)), None)
    if former is None:
        rows.append(resource)
        return
    rows[rows.index(former)] = resource
    if isinstance(resource, Workgroup):
        keep_turns(world, former, resource)


def keep_turns(world: World, former: Workgroup, workgroup: Workgroup) -> None:
    """M1: the turn goes back to the nearest member before who remains."""
    for turn, last in world.turns.items():
        if turn[0] in ("workgroup", "channel") and turn[1] == workgroup.workgroup_id and last in former.member_ids:
            until = former.member_ids[: former.member_ids.index(last) + 1]
            remaining = [each for each in until if each in workgroup.member_ids]
            world.turns[turn] = remaining[-1] if remaining else ""
