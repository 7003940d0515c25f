"""Configuration: resources are created, updated and deleted, one by one or all at once."""

from collections.abc import Iterator
from typing import Any

from cartera.core import events
from cartera.core.commands import (
    ApplyConfiguration,
    CreateResource,
    DeleteResource,
    Resource,
    UpdateResource,
)
from cartera.core.decide.context import Context
from cartera.core.decide.required import kind_of, require, subject_of
from cartera.core.events import Event
from cartera.core.permission import require_portfolio, require_supervision
from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    Key,
    Organization,
    Portfolio,
    Record,
    Script,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.references import references, referrer
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.state import State, key_of
from cartera.core.vocabulary import ErrorReason, PortfolioMode, PortfolioState, Role

_SAVED: dict[type, Any] = {
    Tenant: events.TenantSaved,
    Agent: events.AgentSaved,
    Workgroup: events.WorkgroupSaved,
    Campaign: events.CampaignSaved,
    Trigger: events.TriggerSaved,
    Organization: events.OrganizationSaved,
    Script: events.ScriptSaved,
    Portfolio: events.PortfolioSaved,
    Contact: events.ContactSaved,
}

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


def create_resource(state: State, command: CreateResource, _context: Context) -> list[Event]:
    """Add a resource; its id must be free, and what it names must be there."""
    resource = command.resource
    key = key_of(resource)
    if state.get(type(resource), *key) is not None:
        raise reject(ErrorReason.RESOURCE_ALREADY_EXISTS, subject_of(type(resource), *key))
    reject_any(_violations(state, resource, kind_of(type(resource)), {}))
    return [_saved(state, resource)]


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
    reject_any(_violations(state, updated, kind_of(type(resource)), {}))
    _require_same_owners(former, updated, context)
    return [] if _normal(updated, former) == former else [_saved(state, updated)]


def _require_update(state: State, former: Record | None, resource: Resource, context: Context) -> None:
    if isinstance(resource, Workgroup):
        require_supervision(context.actor, former if isinstance(former, Workgroup) else None, resource.workgroup_id)
    if isinstance(resource, Portfolio):
        portfolio = former if isinstance(former, Portfolio) else None
        require_portfolio(context.actor, state, portfolio, resource.portfolio_id)


def _require_same_owners(former: Record, updated: Record, context: Context) -> None:
    """An agent edits its portfolios, but not whose they are (P5)."""
    if not isinstance(former, Portfolio) or not isinstance(updated, Portfolio) or context.actor.role is not Role.AGENT:
        return
    if (former.owner_agent_ids, former.owner_workgroup_ids) != (
        updated.owner_agent_ids,
        updated.owner_workgroup_ids,
    ):
        raise reject(ErrorReason.PERMISSION_DENIED, subject_of(Portfolio, former.portfolio_id))


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
    changes = {field: getattr(resource, field) for field in update_mask}
    return former._replace(**changes) if update_mask else resource


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


def apply_configuration(state: State, command: ApplyConfiguration, _context: Context) -> list[Event]:
    """Create and update all that differs; what is wrong is named all at once, and then nothing is applied."""
    declared = list(_declared(command))
    pending = {(type(resource), key_of(resource)): resource for _, resource in declared}
    violations = [violation for path, resource in declared for violation in _violations(state, resource, path, pending)]
    reject_any(violations + _repeated(declared))
    return [_saved(state, resource) for _, resource in declared if _differs(state, resource)]


def _differs(state: State, resource: Any) -> bool:
    former: Any = state.get(type(resource), *key_of(resource))
    return bool(_normal(resource, former) != former)


def _declared(command: ApplyConfiguration) -> Iterator[tuple[str, Any]]:
    """Every resource that is declared, with its path."""
    for field, value in zip(command.configuration._fields, command.configuration, strict=True):
        if isinstance(value, Tenant):
            yield f"configuration.{field}", value
        elif value:
            for index, resource in enumerate(value):
                yield f"configuration.{field}[{index}]", resource


def _repeated(declared: list[tuple[str, Any]]) -> list[Violation]:
    seen: set[tuple[type, Key]] = set()
    violations = []
    for path, resource in declared:
        key = (type(resource), key_of(resource))
        if key in seen:
            violations.append(Violation(ErrorReason.DUPLICATE_VALUE, path, {"value": "/".join(key[1])}))
        seen.add(key)
    return violations


def _violations(state: State, resource: Any, path: str, pending: dict[tuple[type, Key], Any]) -> list[Violation]:
    """What is wrong with a resource: names nothing that is there, or says one thing twice."""
    unknown = [
        Violation(ErrorReason.UNKNOWN_REFERENCE, f"{path}.{field}", {"value": subject_of(named, identifier)})
        for field, named, identifier in references(resource)
        if state.get(named, identifier) is None and (named, (identifier,)) not in pending
    ]
    return unknown + _duplicates(resource, path)


def _duplicates(resource: Any, path: str) -> list[Violation]:
    """Entries of a campaign that must differ and are alike: its addresses, and the names of its dispositions."""
    if not isinstance(resource, Campaign):
        return []
    violations = []
    lists: dict[str, list[Any]] = {
        "addresses": [(address.channel, address.address) for address in resource.addresses],
        "dispositions": [disposition.name for disposition in resource.dispositions],
    }
    for field, values in lists.items():
        for index, value in enumerate(values):
            if value in values[:index]:
                data = {"value": str(value)}
                violations.append(Violation(ErrorReason.DUPLICATE_VALUE, f"{path}.{field}[{index}]", data))
    return violations


def _saved(state: State, resource: Any) -> Event:
    former = state.get(type(resource), *key_of(resource))
    normal = _normal(resource, former)
    event: Event = _SAVED[type(resource)](normal._replace(etag=str(state.revision + 1)))
    return event


def _normal(resource: Any, former: Any) -> Any:
    """A resource with what is left unsaid said: defaults, and what only the service sets."""
    normal = resource._replace(etag=former.etag if former else "")
    if isinstance(normal, Workgroup):
        return normal._replace(
            portfolio_mode=normal.portfolio_mode or PortfolioMode.MANUAL,
            owner_wait=normal.owner_wait or None,
        )
    if isinstance(normal, Portfolio):
        return normal._replace(
            state=normal.state or PortfolioState.ACTIVE,
            personal_agent_id=former.personal_agent_id if former else "",
        )
    return normal
