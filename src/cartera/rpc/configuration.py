"""ConfigurationService."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from cartera.contract import decode
from cartera.core.commands import ApplyConfiguration
from cartera.core.decide.required import kind_of
from cartera.core.events import Event
from cartera.core.record_tables import key_of
from cartera.core.records import TABLES, Campaign, Key, Organization, Script, Tenant, Trigger, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import ConfigurationAction
from cartera.engine.engine import Engine
from cartera.engine.submission import Outcome
from cartera.routing.v1 import configuration_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.reading import Fields
from cartera.rpc.resources import Resources
from cartera.rpc.submission import submit
from cartera.store.reads import Snapshot


class ConfigurationServicer:
    """Configures a tenant."""

    def __init__(self, engine: Engine, resources: Resources) -> None:
        self._engine = engine
        self._resources = resources

    async def CreateTenant(self, call: Call[pb.CreateTenantRequest]) -> bytes:
        return await self._resources.create(call, Tenant)

    async def UpdateTenant(self, call: Call[pb.UpdateTenantRequest]) -> bytes:
        return await self._resources.update(call, Tenant)

    async def GetTenant(self, call: Call[pb.GetTenantRequest]) -> bytes:
        return await self._resources.get(call, Tenant)

    async def ApplyConfiguration(self, call: Call[pb.ApplyConfigurationRequest]) -> bytes:
        command = decode(call.request, ApplyConfiguration)

        def respond(state: State, outcome: Outcome) -> bytes:
            changes = list(_changes(state, call.request.tenant_id, command, outcome.events))
            return call.answer(revision=outcome.revision, changes=changes)

        return await submit(self._engine, call, command, respond)

    async def CreateWorkgroup(self, call: Call[pb.CreateWorkgroupRequest]) -> bytes:
        return await self._resources.create(call, Workgroup)

    async def UpdateWorkgroup(self, call: Call[pb.UpdateWorkgroupRequest]) -> bytes:
        return await self._resources.update(call, Workgroup)

    async def DeleteWorkgroup(self, call: Call[pb.DeleteWorkgroupRequest]) -> bytes:
        return await self._resources.delete(call, Workgroup)

    async def GetWorkgroup(self, call: Call[pb.GetWorkgroupRequest]) -> bytes:
        return await self._resources.get(call, Workgroup)

    async def ListWorkgroups(self, call: Call[pb.ListWorkgroupsRequest]) -> bytes:
        return await self._resources.page(call, Workgroup, also=_tenant_of_page)

    async def CreateCampaign(self, call: Call[pb.CreateCampaignRequest]) -> bytes:
        return await self._resources.create(call, Campaign)

    async def UpdateCampaign(self, call: Call[pb.UpdateCampaignRequest]) -> bytes:
        return await self._resources.update(call, Campaign)

    async def DeleteCampaign(self, call: Call[pb.DeleteCampaignRequest]) -> bytes:
        return await self._resources.delete(call, Campaign)

    async def GetCampaign(self, call: Call[pb.GetCampaignRequest]) -> bytes:
        return await self._resources.get(call, Campaign)

    async def ListCampaigns(self, call: Call[pb.ListCampaignsRequest]) -> bytes:
        return await self._resources.page(call, Campaign)

    async def CreateTrigger(self, call: Call[pb.CreateTriggerRequest]) -> bytes:
        return await self._resources.create(call, Trigger)

    async def UpdateTrigger(self, call: Call[pb.UpdateTriggerRequest]) -> bytes:
        return await self._resources.update(call, Trigger)

    async def DeleteTrigger(self, call: Call[pb.DeleteTriggerRequest]) -> bytes:
        return await self._resources.delete(call, Trigger)

    async def GetTrigger(self, call: Call[pb.GetTriggerRequest]) -> bytes:
        return await self._resources.get(call, Trigger)

    async def ListTriggers(self, call: Call[pb.ListTriggersRequest]) -> bytes:
        return await self._resources.page(call, Trigger)

    async def CreateOrganization(self, call: Call[pb.CreateOrganizationRequest]) -> bytes:
        return await self._resources.create(call, Organization)

    async def UpdateOrganization(self, call: Call[pb.UpdateOrganizationRequest]) -> bytes:
        return await self._resources.update(call, Organization)

    async def DeleteOrganization(self, call: Call[pb.DeleteOrganizationRequest]) -> bytes:
        return await self._resources.delete(call, Organization)

    async def GetOrganization(self, call: Call[pb.GetOrganizationRequest]) -> bytes:
        return await self._resources.get(call, Organization)

    async def ListOrganizations(self, call: Call[pb.ListOrganizationsRequest]) -> bytes:
        return await self._resources.page(call, Organization)

    async def CreateScript(self, call: Call[pb.CreateScriptRequest]) -> bytes:
        return await self._resources.create(call, Script)

    async def UpdateScript(self, call: Call[pb.UpdateScriptRequest]) -> bytes:
        return await self._resources.update(call, Script)

    async def DeleteScript(self, call: Call[pb.DeleteScriptRequest]) -> bytes:
        return await self._resources.delete(call, Script)

    async def GetScript(self, call: Call[pb.GetScriptRequest]) -> bytes:
        return await self._resources.get(call, Script)

    async def ListScripts(self, call: Call[pb.ListScriptsRequest]) -> bytes:
        return await self._resources.page(call, Script)


def _tenant_of_page(snapshot: Snapshot, _workgroups: tuple[Workgroup, ...]) -> Fields:
    return _tenant_label(snapshot.get(Tenant, ()))


def _tenant_label(tenant: Tenant | None) -> Fields:
    """The tenant's name and number, which the list of workgroups shows (K7)."""
    return {"tenant_name": tenant.name, "tenant_number": tenant.number} if tenant else {}


def _changes(
    state: State, tenant_id: str, command: ApplyConfiguration, events: Iterable[Event]
) -> Iterator[dict[str, Any]]:
    """What was done to each resource that was declared; events of others are what followed of itself."""
    formers = state.formers()
    declared = _declared(command)
    for event in events:
        saved: Any = event[0]
        identity = (type(saved), key_of(saved)) if type(saved) in TABLES else None
        if identity not in declared:
            continue
        former: Any = formers.get(identity)
        yield {
            "resource_type": kind_of(type(saved)),
            "resource_id": "/".join(identity[1]) or tenant_id,
            "action": ConfigurationAction.UPDATED if former else ConfigurationAction.CREATED,
            "changed_fields": _changed_fields(former, saved) if former else [],
        }


def _declared(command: ApplyConfiguration) -> set[tuple[type, Key]]:
    """The resources that a configuration declares, by type and key."""
    tenant, *others = command.configuration
    resources = (*((tenant,) if tenant else ()), *chain.from_iterable(others))
    return {(type(resource), key_of(resource)) for resource in resources}


_SET_BY_THE_SERVICE = ("etag", "assigned_at", "assigned_by", "expires_at")


def _changed_fields(former: Any, saved: Any) -> list[str]:
    fields = (field for field in saved._fields if field not in _SET_BY_THE_SERVICE)
    return [field for field in fields if getattr(former, field) != getattr(saved, field)]
