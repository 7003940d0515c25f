"""Who may do what to what (G7): every role, every RPC, and things that are its own, others', private or not there.

What is permitted stands in docs/permissions.md; here every cell of its table is tried on a service. It runs once, in
some seconds; a service of its own for every cell would take minutes.
"""

import asyncio
from itertools import count
from pathlib import Path

import grpc
import pytest

from cartera.rpc.methods import all_methods
from tests.rpc.failures import Failed
from tests.rpc.permission_table import ANY, ASKED, LISTED, Answered, reach, texts
from tests.rpc.two_tenants import CALLERS, NONE, OPEN, OWN, PARTS, VOICE, Caller, declared, furnish, ids_of

pytestmark = pytest.mark.req("G7", "P5", "K7", "Z5")

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
METHODS = all_methods()
NUMBERS = count(1)


def documented():
    """The table of the document: for each RPC how far each kind of caller reaches."""
    rows = [line.strip("| \n").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    heads = next(row for row in rows if row[0] == "RPC")
    return {
        row[0].strip("`"): dict(zip(heads[1:], map(str.strip, row[1:]), strict=True))
        for row in rows
        if row[0].startswith("`") and len(row) == len(heads)
    }


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_rpc_has_its_rule(method):
    """An RPC without a row in the document, or without a question here, is one that nobody has thought about."""
    assert list(documented()[method.name]) == list(CALLERS)
    assert (method.name in ASKED) != (method.name in LISTED)


async def answer(caller, name, identifier, **fields):
    try:
        return Answered(identifier, await caller.call(name, **fields))
    except grpc.aio.AioRpcError as error:
        return Answered(identifier, Failed(error))


async def reach_about_one(caller, method, ids):
    """How far a caller reaches with an RPC about one thing. Where it doesn't, what is there and what isn't are told
    apart by nothing, whether the call carries a request_id or not.
    """
    kind, fields = ASKED[method.name]
    if kind is ANY:
        refused = await answer(caller, method.name, "", **fields(""))
        return "no" if refused.reason == "PERMISSION_DENIED" else "all"
    answers = {
        part: await answer(caller, method.name, ids[kind][part], **fields(ids[kind][part])) for part in ids[kind]
    }
    if "request_id" in method.request.DESCRIPTOR.fields_by_name:
        for part, first in answers.items():
            if first.bytes == answers[NONE].bytes:
                under_id = {**fields(ids[kind][part]), "request_id": f"r-{next(NUMBERS)}"}
                assert (await answer(caller, method.name, ids[kind][part], **under_id)).bytes == first.bytes
    return reach(kind, [part for part in PARTS if answers[part].bytes != answers[NONE].bytes])


async def shown(caller, name, revision, **fields):
    """All texts that an RPC answers; of a stream, until it has come to that revision, or its first table."""
    try:
        if name == "WatchEvents":
            return await watched(caller.call(name, **fields), revision)
        if name == "WatchMonitor":
            return await first_of(caller.call(name, **fields))
        return texts(await caller.call(name, **fields))
    except grpc.aio.AioRpcError:
        return set()


async def first_of(stream):
    found = texts(await stream.read())
    stream.cancel()
    return found


async def watched(stream, revision):
    found = set()
    async for step in stream:
        found |= texts(step.change)
        if max(step.change.revision, step.bookmark.revision) >= revision:
            break
    stream.cancel()
    return found


async def reach_of_a_list(caller, method, ids, revision):
    """How far a caller reaches with an RPC that shows several things."""
    kind, fields = LISTED[method.name]
    found = [ids[kind][part] in await shown(caller, method.name, revision, **fields(part)) for part in PARTS]
    return reach(kind, [part for part, is_shown in zip(PARTS, found, strict=True) if is_shown])


async def reaches(caller, ids, administrator):
    """How far a caller reaches with every RPC."""
    revision = (await administrator.call("GetTenant")).revision
    found = {}
    for method in METHODS:
        if method.name in LISTED:
            found[method.name] = await reach_of_a_list(caller, method, ids, revision)
        else:
            found[method.name] = await reach_about_one(caller, method, ids)
        if method.name == "RemoveExclusiveAgent":
            await administrator.call("ApplyConfiguration", configuration=declared())
    return found


async def test_callers_reach_as_far_as_the_document_says(guarded_channel):
    """What every RPC does and shows to every kind of caller, of things of its own, of others, and private ones."""
    administrator = Caller(guarded_channel, "acme", **CALLERS["administrator"])
    ids = ids_of(await furnish(administrator))
    callers = {name: Caller(guarded_channel, "acme", **claims) for name, claims in CALLERS.items()}
    found = {name: await reaches(caller, ids, administrator) for name, caller in callers.items()}
    by_rpc = {method.name: {name: found[name][method.name] for name in callers} for method in METHODS}
    assert by_rpc == documented()


async def told_to(stream, start, revision):
    """The kinds of events that a stream tells of between two revisions, each with its revision after the first."""
    found, step = [], await stream.read()
    while step:
        found += [(step.change.revision - start, event.WhichOneof("kind")) for event in step.change.events]
        if max(step.change.revision, step.bookmark.revision) >= revision:
            break
        step = await stream.read()
    stream.cancel()
    return found


async def test_a_stream_follows_what_becomes_of_its_callers_things(guarded_channel):
    """What it isn't told by the stream itself is asked: members of its workgroups, campaigns of older interactions."""
    administrator = Caller(guarded_channel, "acme", **CALLERS["administrator"])
    await furnish(administrator)
    chats = [
        await administrator.call("RouteInteraction", campaign_id=f"c-{part}", contact_id="x", channel=VOICE)
        for part in (OWN, OPEN)
    ]
    start = chats[-1].revision
    callers = [Caller(guarded_channel, "acme", **CALLERS[name]) for name in ("agent", "gateway of campaigns")]
    streams = [caller.call("WatchEvents", start_after_revision=start) for caller in callers]
    for stream in streams:
        await stream.read()  # the bookmark with which it begins
    for each in chats:
        await administrator.call("WriteNote", interaction_id=each.interaction.interaction_id, text="n")
    busy = {"agent_id": "a-open", "status": 2, "reason_code": "busy"}
    await administrator.call("SetAgentStatus", **busy)
    joined = {"workgroup_id": "w-mine", "method": 1, "member_ids": ["a-mine", "a-open"]}
    await administrator.call("UpdateWorkgroup", workgroup=joined, update_mask={"paths": ["member_ids"]})
    await administrator.call("SetAgentStatus", agent_id="a-open", status=1)
    given = {"portfolio_id": "p-priv", "owner_workgroup_ids": ["w-mine"]}
    await administrator.call("UpdatePortfolio", portfolio=given, update_mask={"paths": ["owner_workgroup_ids"]})
    by_agent, by_gateway = await asyncio.gather(*(told_to(each, start, start + 6) for each in streams))
    notes, status = "interaction_note_written", "agent_status_changed"
    saved = (4, "workgroup_saved")
    assert by_agent == [(1, notes), (2, notes), (3, status), saved, (5, status), (6, "portfolio_saved")]
    assert by_gateway == [(1, notes), saved, (5, status)]
