"""The assignment methods. To add one: a file beside these, and a line here."""

from collections.abc import Iterable

from cartera.core.methods.best_skill import BEST_SKILL
from cartera.core.methods.by_channel import BY_CHANNEL
from cartera.core.methods.default_group import DEFAULT_GROUP
from cartera.core.methods.last_agent import LAST_AGENT
from cartera.core.methods.least_load import LEAST_LOAD
from cartera.core.methods.longest_idle import LONGEST_IDLE
from cartera.core.methods.manual import MANUAL
from cartera.core.methods.method import Method, Pool
from cartera.core.methods.round_robin import ROUND_ROBIN
from cartera.core.records import LastAgentRule, Workgroup
from cartera.core.vocabulary import AssignmentMethod

METHODS: dict[AssignmentMethod, Method] = {
    AssignmentMethod.ROUND_ROBIN: ROUND_ROBIN,
    AssignmentMethod.LEAST_LOAD: LEAST_LOAD,
    AssignmentMethod.MANUAL: MANUAL,
    AssignmentMethod.LAST_AGENT: LAST_AGENT,
    AssignmentMethod.DEFAULT_GROUP: DEFAULT_GROUP,
    AssignmentMethod.BY_CHANNEL: BY_CHANNEL,
    AssignmentMethod.LONGEST_IDLE: LONGEST_IDLE,
    AssignmentMethod.BEST_SKILL: BEST_SKILL,
}
"""Every method by its name in the contract."""

NOBODY = Pool(MANUAL, ())
"""Where there is nobody to choose from."""


def method_of(workgroup: Workgroup) -> Method:
    """The method by which a workgroup chooses among its members: its own, or what LAST_AGENT falls back on (M4)."""
    method = METHODS[workgroup.method]
    if not method.remembers:
        return method
    fallback = workgroup.last_agent.fallback_method if workgroup.last_agent else AssignmentMethod.UNSPECIFIED
    return METHODS[fallback or AssignmentMethod.ROUND_ROBIN]


def remembers(workgroup: Workgroup) -> bool:
    """Whether a workgroup gives to the contact's last agent first (M4)."""
    return METHODS[workgroup.method].remembers


def may_be_last_agent(workgroup: Workgroup, agent_id: str, member_of: Iterable[str]) -> bool:
    """Whether a workgroup may give to an agent, who is a member of those workgroups, because the contact's last
    interaction was that agent's: one of those chosen for it, or where none are, a member (M4).
    """
    rule = workgroup.last_agent or LastAgentRule()
    if agent_id in rule.agent_ids:
        return True
    restricted = bool(rule.agent_ids or rule.workgroup_ids)
    workgroup_ids = rule.workgroup_ids if restricted else (workgroup.workgroup_id,)
    return not set(workgroup_ids).isdisjoint(member_of)
