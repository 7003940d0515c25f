"""Create, Update, Delete, Get and List are alike for every kind of resource."""

import pytest
from grpc import StatusCode

from tests.rpc.failures import failing

KINDS = {
    "Agent": {"agent_id": "new", "name": "New", "capacity": 3},
    "Workgroup": {"workgroup_id": "new", "name": "New", "method": 1, "member_ids": ["ana"]},
    "Campaign": {
        "campaign_id": "new",
        "name": "New",
        "addresses": [{"channel": 1, "address": "901"}],
        "workgroup_ids": ["sales"],
    },
    "Trigger": {"trigger_id": "new", "name": "New", "active": True, "actions": {"add_tags": ["vip"]}},
    "Organization": {"organization_id": "new", "name": "New", "tags": ["vip"]},
    "Script": {"script_id": "new", "name": "New", "text": "Say hello."},
    "Portfolio": {"portfolio_id": "new", "name": "New", "owner_agent_ids": ["ana"], "state": 1},
    "Contact": {"contact_id": "new", "name": "New", "tags": ["vip"]},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def call(caller, verb, kind, **fields):
    return getattr(caller, f"{verb}{kind}")(**fields)


def of(response, kind):
    return getattr(response, kind.lower())


def key_of(kind):
    name = f"{kind.lower()}_id"
    return {name: "new"}


@every_kind
async def test_a_resource_is_created_read_changed_and_deleted(acme, kind):
    """What was created can be read, changed and deleted; each answer shows the revision it made."""
    created = await call(acme, "Create", kind, **{kind.lower(): KINDS[kind]})
    resource = of(created, kind)
    assert all(getattr(resource, name) == value for name, value in KINDS[kind].items() if isinstance(value, str))
    read = await call(acme, "Get", kind, **key_of(kind), min_revision=created.revision)
    assert (of(read, kind), read.revision) == (resource, created.revision)
    named = {kind.lower(): {**key_of(kind), "name": "Other"}}
    changed = await call(acme, "Update", kind, **named, update_mask={"paths": ["name"]})
    assert of(changed, kind).name == "Other"
    assert changed.revision == created.revision + 1
    deleted = await call(acme, "Delete", kind, **key_of(kind), etag=of(changed, kind).etag)
    assert deleted.revision == changed.revision + 1
    async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND") as failed:
        await call(acme, "Get", kind, **key_of(kind))
    assert failed.details["ResourceInfo"].resource_type == kind.lower()


@every_kind
async def test_an_id_is_taken_once(acme, kind):
    """Creating what there is already is ALREADY_EXISTS."""
    await call(acme, "Create", kind, **{kind.lower(): KINDS[kind]})
    async with failing(StatusCode.ALREADY_EXISTS, "RESOURCE_ALREADY_EXISTS"):
        await call(acme, "Create", kind, **{kind.lower(): KINDS[kind]})


@every_kind
async def test_an_update_can_create(acme, kind):
    """With allow_missing an update creates, without it NOT_FOUND."""
    async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        await call(acme, "Update", kind, **{kind.lower(): KINDS[kind]})
    made = await call(acme, "Update", kind, **{kind.lower(): KINDS[kind]}, allow_missing=True)
    assert of(made, kind).name == "New"


@every_kind
async def test_an_update_from_an_old_version_is_refused(acme, kind):
    """An etag that is no longer the present one is ABORTED."""
    await call(acme, "Create", kind, **{kind.lower(): KINDS[kind]})
    async with failing(StatusCode.ABORTED, "ETAG_MISMATCH"):
        await call(acme, "Update", kind, **{kind.lower(): KINDS[kind] | {"etag": "0"}})
    async with failing(StatusCode.ABORTED, "ETAG_MISMATCH"):
        await call(acme, "Delete", kind, **key_of(kind), etag="0")


async def test_only_what_the_mask_names_is_looked_at(acme):
    """What else stands in the resource is neither wrong nor taken; a bad field that is named is, and so is a bad id."""
    before = (await acme.GetAgent(agent_id="ana")).agent
    nonsense = {"agent_id": "ana", "name": "Ana María", "capacity": -5, "channels": [999]}
    named = (await acme.UpdateAgent(agent=nonsense, update_mask={"paths": ["name"]})).agent
    assert (named.name, named.capacity, named.channels) == ("Ana María", before.capacity, before.channels)
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
        await acme.UpdateAgent(agent=nonsense, update_mask={"paths": ["name", "capacity"]})
    assert failed.fields == {"agent.capacity"}
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
        await acme.UpdateAgent(agent={"agent_id": "\0"}, update_mask={"paths": ["name"]})
    assert failed.fields == {"agent.agent_id"}


async def test_an_update_that_may_create_is_looked_at_whole(acme):
    """A mask says nothing of what isn't there yet."""
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
        await acme.UpdateAgent(
            agent={"agent_id": "eva", "name": "Eva"}, update_mask={"paths": ["name"]}, allow_missing=True
        )
    assert failed.fields == {"agent.capacity"}


async def test_a_mask_names_fields(acme):
    """A name in the mask that is no field is refused."""
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
        await acme.UpdateContact(contact={"contact_id": "c1"}, update_mask={"paths": ["nose"]})
    assert failed.fields == {"update_mask"}


async def test_what_is_in_use_is_not_deleted(acme):
    """A precondition names what refers to it."""
    async with failing(StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE") as failed:
        await acme.DeleteAgent(agent_id="ana")
    assert failed.preconditions == [("RESOURCE_IN_USE", "agent/ana")]


@every_kind
async def test_lists_come_in_pages(acme, kind):
    """The pages of a list hold each entry once, in the order of their ids."""
    await call(acme, "Create", kind, **{kind.lower(): KINDS[kind]})
    await call(acme, "Create", kind, **{kind.lower(): KINDS[kind] | {f"{kind.lower()}_id": "newer"}})
    whole = getattr(await call(acme, "List", kind + "s"), f"{kind.lower()}s")
    found, token = [], ""
    while True:
        page = await call(acme, "List", kind + "s", page_size=1, page_token=token)
        found += getattr(page, f"{kind.lower()}s")
        token = page.next_page_token
        if not token:
            break
    ids = [getattr(each, f"{kind.lower()}_id") for each in found]
    assert found == list(whole)
    assert ids == sorted(ids)
    assert len(ids) >= 2


async def test_a_tenant_is_created_read_and_changed(nobody):
    """An account begins with CreateTenant; before it nothing is there."""
    async with failing(StatusCode.NOT_FOUND, "TENANT_NOT_FOUND"):
        await nobody.GetTenant()
    async with failing(StatusCode.NOT_FOUND, "TENANT_NOT_FOUND"):
        await nobody.CreateAgent(agent={"agent_id": "ana", "capacity": 1})
    created = await nobody.CreateTenant(tenant={"name": "Acme"})
    assert (created.revision, created.tenant.name) == (1, "Acme")
    changed = await nobody.UpdateTenant(tenant={"name": "Acme", "number": "77"})
    assert (await nobody.GetTenant()).tenant == changed.tenant
    async with failing(StatusCode.ALREADY_EXISTS, "RESOURCE_ALREADY_EXISTS"):
        await nobody.CreateTenant(tenant={"name": "Acme"})


async def test_what_a_configuration_changes_is_told(acme):
    """Each resource that differs is named with its fields; applied twice, nothing differs; asked, nothing changes."""
    declared = {
        "agents": [{"agent_id": "ana", "capacity": 5, "name": "Ana"}, {"agent_id": "dora", "capacity": 1}],
        "tenant": {"name": "Acme", "number": "77"},
    }
    asked = await acme.ApplyConfiguration(configuration=declared, validate_only=True)
    assert asked.revision == 1
    done = await acme.ApplyConfiguration(configuration=declared)
    changes = [(each.resource_type, each.resource_id, each.action, list(each.changed_fields)) for each in done.changes]
    assert changes == [("agent", "ana", 2, ["name", "capacity"]), ("agent", "dora", 1, [])]
    assert asked.changes == done.changes
    again = await acme.ApplyConfiguration(configuration=declared)
    assert (list(again.changes), again.revision) == ([], done.revision)


@pytest.mark.parametrize("read", ["GetTenant", "ListAgents", "ListInteractions"])
async def test_a_read_is_as_new_as_it_is_asked_to_be(acme, read):
    """A revision that there isn't is OUT_OF_RANGE."""
    assert (await getattr(acme, read)(min_revision=1)).revision == 1
    async with failing(StatusCode.OUT_OF_RANGE, "REVISION_IN_THE_FUTURE") as failed:
        await getattr(acme, read)(min_revision=2)
    assert failed.details["ErrorInfo"].metadata["current"] == "1"
