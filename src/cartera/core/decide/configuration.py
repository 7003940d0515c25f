"""Configuration: resources are created, updated and deleted, one by one."""

from typing import Any

from cartera.core import events
from cartera.core.commands import CreateResource, DeleteResource, Resource, UpdateResource
from cartera.core.decide.context import Context
from cartera.core.decide.required import kind_of, require, subject_of
from cartera.core.decide.saving import Named, changes, violations
from cartera.core.events import Event
from cartera.core.ownership import circumstances
from cartera.core.permission import kept_from, require_portfolio, require_same_supervisors, require_supervision
from cartera.core.record_tables import key_of
from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    Organization,
    Portfolio,
    Record,
    Script,
    Trigger,
    Workgroup,
)
from cartera.core.references import referrer
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, Role

_DELETED: dict[type, Any] = {
    Agent: events.AgentDeleted,
    Workgroup: events.WorkgroupDeleted,
    Campaign: events.CampaignDeleted,
    Trigger: events.TriggerDeleted,
    Organization: events.OrganizationDeleted,
    Script: events.ScriptDeleted,
    Portfolio: events.PortfolioDeleted,
    Contact: events.ContactDeleted,
}


def create_resource(state: State, command: CreateResource, context: Context) -> list[Event]:
    """Add a resource; its id must be free, and what it names must be there."""
    resource = command.resource
    key = key_of(resource)
    if state.get(type(resource), *key) is not None:
        raise reject(ErrorReason.RESOURCE_ALREADY_EXISTS, subject_of(type(resource), *key))
    reject_any(violations(state, [(kind_of(type(resource)), resource)]))
    return changes(state, resource, circumstances(state, context.actor, context.now))


def update_resource(state: State, command: UpdateResource, context: Context) -> list[Event]:
    """Change a resource: the named fields, or all. Nothing happens where it is so already."""
    resource = command.resource
    key = key_of(resource)
    former = state.get(type(resource), *key)
    _require_update(state, former, resource, context)
    if former is None and command.allow_missing:
        return create_resource(state, CreateResource(resource), context)
    former = require(state, type(resource), *key)
    _require_etag(former, resource.etag)
    updated = _merged(former, resource, command.update_mask)
    _require_same_owners(former, updated, context)
    reject_any(violations(state, [(kind_of(type(resource)), updated)], _kept_from(state, former, updated, context)))
    return changes(state, updated, circumstances(state, context.actor, context.now))


def _require_update(state: State, former: Record | None, resource: Resource, context: Context) -> None:
    if isinstance(resource, Workgroup):
        require_supervision(context.caller, former if isinstance(former, Workgroup) else None, resource.workgroup_id)
    if isinstance(resource, Portfolio):
        portfolio = former if isinstance(former, Portfolio) else None
        require_portfolio(state, context.caller, portfolio, resource.portfolio_id)


def _require_same_owners(former: Record, updated: Record, context: Context) -> None:
    """An agent edits its portfolios, but not whose they are (P5), and a supervisor its workgroups."""
    if isinstance(former, Workgroup) and isinstance(updated, Workgroup):
        require_same_supervisors(context.caller, former, updated)
    if not isinstance(former, Portfolio) or not isinstance(updated, Portfolio) or context.actor.role is not Role.AGENT:
        return
    if (former.owner_agent_ids, former.owner_workgroup_ids) != (
        updated.owner_agent_ids,
        updated.owner_workgroup_ids,
    ):
        raise reject(ErrorReason.PERMISSION_DENIED, subject_of(Portfolio, former.portfolio_id))


def _kept_from(state: State, former: Record, updated: Record, context: Context) -> frozenset[Named]:
    """What the caller may not have the resource name, and is told that it is not there."""
    if not isinstance(former, Workgroup) or not isinstance(updated, Workgroup):
        return frozenset()
    return frozenset(kept_from(state, context.caller, former, updated))


def _require_etag(former: Any, etag: str) -> None:
    if etag and etag != former.etag:
        raise reject(ErrorReason.ETAG_MISMATCH, subject_of(type(former), *key_of(former)), etag=former.etag)


def _merged(former: Any, resource: Any, update_mask: tuple[str, ...]) -> Any:
    """The former resource with the named fields of the new one, or the new one.

    Raises:
        Rejected: INVALID_FIELD for each name in the mask that is no field.

    """
    reject_any(
        [
            Violation(ErrorReason.INVALID_FIELD, "update_mask", {"value": field})
            for field in update_mask
            if field not in resource._fields
        ]
    )
    named = {field: getattr(resource, field) for field in update_mask}
    return former._replace(**named) if update_mask else resource


def delete_resource(state: State, command: DeleteResource, _context: Context) -> list[Event]:
    """Remove a resource that nothing refers to."""
    former: Any = require(state, command.resource_type, *command.key)
    _require_etag(former, command.etag)
    subject = subject_of(command.resource_type, *command.key)
    used_by = referrer(state, command.resource_type, command.key[0])
    if used_by is not None:
        by = subject_of(type(used_by), *key_of(used_by))
        raise reject(ErrorReason.RESOURCE_IN_USE, subject, used_by=by)
    return [_DELETED[command.resource_type](*command.key)]
