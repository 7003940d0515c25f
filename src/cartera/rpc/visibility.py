"""What a caller may see, where its role alone doesn't say it."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from cartera.core.caller import Caller
from cartera.core.permission import (
    is_narrowed,
    manages,
    own_id,
    sees_agent,
    sees_all,
    sees_campaign,
    sees_interactions,
    sees_portfolio,
    sees_workgroup,
    workgroups_narrowed_to,
)
from cartera.core.records import Agent, Campaign, Key, Portfolio, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import Role
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading, missing
from cartera.store.reads import NOTHING_HIDDEN, Hidden, Snapshot

_MOST_WORKGROUPS = 100_000


def sees_every(caller: Caller, record_type: type) -> bool:
    """Whether a caller sees all records of a type, as far as it sees that type."""
    if record_type not in _SEES or sees_all(caller):
        return True
    if record_type is Campaign:
        return caller.campaign_ids is None
    return not is_narrowed(caller) and record_type is not _OF_ROLE.get(caller.actor.role)


_OF_ROLE = {Role.SUPERVISOR: Workgroup, Role.AGENT: Portfolio}
"""The type of which a role sees a part, though nothing narrows it (K7, P5)."""


async def require_visible(reading: Reading, call: Call[Any], record_type: type[Any], key: Key) -> None:
    """What a caller does not see is to it as none.

    Raises:
        Rejected: RESOURCE_NOT_FOUND.

    """
    if sees_every(call.caller, record_type):
        return

    def question(state: State, _now: datetime) -> bool:
        record = state.get(record_type, *key)
        return record is not None and _SEES[record_type](state, call.caller, record)

    if not await reading.ask_state(call, question):
        raise missing(record_type, key)


_SEES: dict[type, Callable[[State, Caller, Any], bool]] = {
    Workgroup: sees_workgroup,
    Agent: lambda state, caller, agent: sees_agent(state, caller, agent.agent_id),
    Campaign: lambda _state, caller, campaign: sees_campaign(caller, campaign.campaign_id),
    Portfolio: sees_portfolio,
}
"""Whether a caller sees a record, by its type. Of types that aren't here callers see all."""


def ids_seen(state: State, caller: Caller, record_type: type) -> Collection[str]:
    """The ids of a type that a caller sees who does not see every one; some may not be there. Found without a walk
    through all records, but for the workgroups that name a supervisor.
    """
    if record_type is Campaign:
        return caller.campaign_ids or ()
    workgroup_ids = workgroups_seen(state, caller)
    if record_type is Workgroup:
        return workgroup_ids
    if record_type is Agent:
        return members(state, workgroup_ids)
    if caller.actor.role is Role.AGENT:
        return state.portfolios_of((own_id(caller),), state.workgroups_of(own_id(caller)))
    if caller.actor.role is Role.GATEWAY:
        return ()  # no RPC about portfolios is for gateways
    return state.portfolios_of(members(state, workgroup_ids), workgroup_ids)


def workgroups_seen(state: State, caller: Caller) -> frozenset[str]:
    """The workgroups that a narrowed caller or a supervisor sees."""
    narrowed_to = workgroups_narrowed_to(state, caller)
    if narrowed_to is not None:
        return narrowed_to
    return frozenset(each.workgroup_id for each in state.table(Workgroup).values() if manages(caller, each))


def members(state: State, workgroup_ids: Iterable[str]) -> set[str]:
    """The members of workgroups."""
    workgroups = (state.get(Workgroup, each) for each in workgroup_ids)
    return {agent_id for workgroup in workgroups if workgroup for agent_id in workgroup.member_ids}


async def portfolios_seen(reading: Reading, call: Call[Any]) -> Collection[str] | None:
    """The portfolios that a caller sees. None: all."""
    if sees_every(call.caller, Portfolio):
        return None
    return await reading.ask_state(call, lambda state, _now: ids_seen(state, call.caller, Portfolio))


def hidden_from(caller: Caller, snapshot: Snapshot) -> Hidden:
    """The interactions that a caller does not see (Z5)."""
    if sees_all(caller):
        return NOTHING_HIDDEN
    if is_narrowed(caller):
        return Hidden((), except_under=caller.workgroup_ids, except_of=caller.campaign_ids)
    private = snapshot.page(Workgroup, where={"private": True}, limit=_MOST_WORKGROUPS).records
    return Hidden(
        frozenset(each.workgroup_id for each in private if not sees_interactions(caller, each)), own_id(caller)
    )
