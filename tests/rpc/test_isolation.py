"""No call reaches another tenant (G7): what it names of the other is answered as if there were no such thing."""

import sqlite3
from contextlib import closing

import grpc
import pytest
from sqlalchemy.engine import make_url

from cartera.rpc.limits import UnaryCalls
from cartera.rpc.methods import all_methods
from cartera.store.tables import METADATA
from tests.rpc.failures import Failed, failing
from tests.rpc.permission_table import ANY, ASKED, LISTED, Answered, texts
from tests.rpc.two_tenants import CALLERS, METHODS, OWN, PARTS, Caller, furnish, ids_of

pytestmark = pytest.mark.req("G7")

OTHERS = "b-"
"""What all ids of the other tenant begin with, and its name."""


class World:
    """Two tenants: ours, and another with a thing of every kind."""

    def __init__(self, channel, database_url):
        self._file = make_url(database_url).database
        self.channel = channel
        self.ours = Caller(channel, "acme", **CALLERS["administrator"])
        self.others = Caller(channel, "bank", **CALLERS["administrator"])
        self.callers = {name: Caller(channel, "acme", **claims) for name, claims in CALLERS.items()}

    async def furnish(self):
        await furnish(self.ours)
        await self.others.call("CreateTenant", tenant={"name": "b-bank", "number": "2"})
        interactions = await furnish(self.others, OTHERS)
        self.ids = ids_of(interactions, OTHERS)
        self.revision = (await self.ours.call("GetTenant")).revision
        self.before = self.rows()

    def rows(self):
        """All rows of the other tenant."""
        with closing(sqlite3.connect(self._file)) as connection:
            return {
                table: sorted(connection.execute(f"SELECT * FROM {table} WHERE tenant_id = 'bank'"), key=repr)  # noqa: S608
                for table in METADATA.tables
            }


@pytest.fixture
async def world(guarded_channel, sqlite_url):
    world = World(guarded_channel, sqlite_url)
    await world.furnish()
    yield world
    assert world.rows() == world.before, "nothing of the other tenant has changed"


def fields_about(method, identifier, part=OWN):
    if method.name in LISTED:
        return LISTED[method.name][1](part)
    return ASKED[method.name][1](identifier)


async def answered(caller, method, identifier, **fields):
    """The answer of a call, or its first step."""
    call = caller.call(method.name, **fields)
    try:
        message = await call.read() if method.streams else await call
    except grpc.aio.AioRpcError as error:
        return Answered(identifier, Failed(error))
    call.cancel()
    return Answered(identifier, message)


async def test_another_tenant_is_refused_whether_there_is_one_or_not(world):
    """Every RPC of every kind of caller, with ids of that tenant: no answer differs by a byte."""
    for method in all_methods():
        kind = (ASKED.get(method.name) or LISTED[method.name])[0]
        identifier = world.ids[kind][OWN] if kind is not ANY else ""
        fields = fields_about(method, identifier)
        for caller in world.callers.values():
            there = await answered(caller, method, "bank", **{**fields, "tenant_id": "bank"})
            not_there = await answered(caller, method, "none", **{**fields, "tenant_id": "none"})
            assert (there.reason, there.bytes) == ("PERMISSION_DENIED", not_there.bytes), method.name


async def test_ids_of_another_tenant_are_none_here(world):
    """Every RPC and every kind of thing: an id of the other tenant is answered as one that nobody has."""
    for method in all_methods():
        kind, fields = ASKED.get(method.name, (ANY, None))
        for part in PARTS if kind is not ANY else ():
            identifier = world.ids[kind][part]
            nobodys = "z" * len(identifier)
            for caller in (world.ours, world.callers["agent"], world.callers["gateway"]):
                named = await answered(caller, method, identifier, **fields(identifier))
                unnamed = await answered(caller, method, nobodys, **fields(nobodys))
                assert named.bytes == unnamed.bytes, (method.name, identifier)


async def test_lists_and_streams_show_nothing_of_another_tenant(world):
    """Asked for as they are, by the ids of the other tenant, or from a page that the other tenant was given."""
    for name, (kind, _) in LISTED.items():
        method = METHODS[name]
        for fields in ({}, LISTED[name][1](OWN), named_in(method, world.ids, kind)):
            call = world.ours.call(name, **fields)
            try:
                found = texts(await call.read()) if method.streams else texts(await call)
            except grpc.aio.AioRpcError as error:
                found = {Failed(error).message}
            call.cancel()
            assert not [text for text in found if text.startswith(OTHERS)], name
        if "page_token" in method.request.DESCRIPTOR.fields_by_name:
            await gives_no_page(world, name)


def named_in(method, ids, kind):
    """The filters of a list, with ids of the other tenant."""
    filters = method.request.DESCRIPTOR.fields_by_name
    found = {f"{each}_id": ids[each][OWN] for each in ids if f"{each}_id" in filters and f"{each}_ids" not in filters}
    plural = {f"{each}_ids": [ids[each][part] for part in PARTS] for each in ids if f"{each}_ids" in filters}
    if "portfolio_id" in found and "contact_id" in found:
        del found["contact_id"]  # one of the two is asked for
    return {**found, **plural}


async def gives_no_page(world, name):
    fields = {key: value for key, value in LISTED[name][1](OWN).items() if not isinstance(value, str)}
    if name == "ListOwnershipChanges":
        fields = {"portfolio_id": world.ids["portfolio"][OWN]}
    token = (await world.others.call(name, **fields, page_size=1)).next_page_token
    if token:
        async with failing(grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"):
            await world.ours.call(name, **fields, page_size=1, page_token=token)


async def test_a_request_id_of_another_tenant_is_free_here(world):
    """Under the same id each tenant has an answer of its own, and nobody the answer of somebody else."""
    rename = {"agent": {"agent_id": "a-mine", "name": "Ana", "capacity": 5}, "request_id": "once"}
    first = await world.ours.call("UpdateAgent", **rename)
    assert (await world.ours.call("UpdateAgent", **rename)).SerializeToString() == first.SerializeToString()
    colleague = Caller(world.channel, "acme", role="administrator", sub="somebody else")
    async with failing(grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED"):
        await colleague.call("UpdateAgent", **rename)
    renewed = Caller(world.channel, "acme", **CALLERS["administrator"], jti="renewed")
    assert await renewed.call("UpdateAgent", **rename) == first
    async with failing(grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        await world.others.call("UpdateAgent", **rename)


async def test_a_revision_of_another_tenant_says_nothing(world):
    """The other has come further: here that is the future, told by the revision of one's own tenant."""
    theirs = (await world.others.call("GetTenant")).revision
    assert theirs > world.revision
    async with failing(grpc.StatusCode.OUT_OF_RANGE, "REVISION_IN_THE_FUTURE") as found:
        await world.ours.call("WatchEvents", start_after_revision=theirs).read()
    assert found.details["ErrorInfo"].metadata["current"] == str(world.revision)


async def test_metadata_makes_nobody_somebody_else(world):
    """What a caller says of itself beside its token counts for nothing, nor does where it hides a tenant."""
    agent = world.callers["agent"]
    said = (("cartera-role", "administrator"), ("cartera-subject", "root"), ("cartera-tenant", "bank"))
    async with failing(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await agent.call("DeleteAgent", metadata=said, agent_id="a-open")
    method = METHODS["GetAgent"]
    hidden = b"\x12\x08b-a-mine" + b"\x0a\x04bank"  # the tenant behind what else the request has
    assert method.request.FromString(hidden).tenant_id == "bank"
    stub = world.channel.unary_unary(method.path, lambda content: content, method.response.FromString)
    async with failing(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await stub(hidden, metadata=agent._metadata)


async def test_who_has_no_business_there_takes_no_turn(world, monkeypatch):
    """Another tenant's caller, and one whose role may not, are refused before they count among a tenant's calls."""
    taken, ask = [], UnaryCalls.ask
    monkeypatch.setattr(UnaryCalls, "ask", lambda calls, tenant, *of: taken.append(tenant) or ask(calls, tenant, *of))
    for fields in ({"tenant_id": "bank"}, {"tenant_id": "none"}, {}):
        async with failing(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
            await world.callers["agent"].call("DeleteAgent", agent_id="a-open", **fields)
    await world.callers["agent"].call("GetTenant")
    assert taken == [b"acme"]
