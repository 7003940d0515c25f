"""Private workgroups: what they attend is seen by who has to do with it (Z5)."""

import pytest

from cartera.client import CarteraError
from tests.acceptance.floor import NOT_FOUND, campaign, contact, refused, up_to, workgroup

pytestmark = pytest.mark.req("Z5")

NONE = "RESOURCE_NOT_FOUND"
CALLERS = [
    ("administrator", "root", True),
    ("gateway", "pbx", True),
    ("supervisor", "sofia", True),
    ("supervisor", "omar", False),
    ("agent", "ana", True),
    ("agent", "eva", False),
]


async def private(floor):
    """The private workgroup «vip» of ana and sofia beside «ventas» of eva; one chat waits in each."""
    await floor.ventas("eva", "ana", contacts=["luis", "nora"])
    await floor.declare(
        workgroups=[workgroup("vip", "ana", supervisor_ids=["sofia"], private=True)],
        campaigns=[campaign("especial", "vip")],
        contacts=[contact("luis")],
    )
    return await floor.chat("luis", "especial"), await floor.chat("luis")


async def listed(client, **filters):
    answer = await client.routing.ListInteractions(**filters)
    return {view.interaction.interaction_id for view in answer.views}


async def got(client, interaction):
    """What reading it is answered with."""
    try:
        answer = await client.routing.GetInteraction(interaction_id=interaction.interaction_id)
    except CarteraError as error:
        return error.reason
    return answer.view.interaction.interaction_id


async def watched(client, revision):
    """The interactions whose arrival a watcher is told of, from the beginning."""
    async with await client.watch(0) as watch:
        return await arrivals(watch, revision)


async def arrivals(watch, revision):
    events = [event async for step in up_to(watch, revision) for event in step.change.events]
    return {
        event.interaction_arrived.interaction.interaction_id
        for event in events
        if event.WhichOneof("kind") == "interaction_arrived"
    }


@pytest.mark.parametrize(("role", "subject", "sees"), CALLERS)
async def test_a_private_workgroups_interactions_are_seen_by_whom_they_concern(floor, role, subject, sees):
    """Read one by one, listed, in a contact's history and watched: to others they are as none."""
    secret, plain = await private(floor)
    client = floor.service.client(floor.channel, role, subject, floor.tenant_id)
    expected = {plain.interaction_id} | ({secret.interaction_id} if sees else set())
    assert await got(client, secret) == (secret.interaction_id if sees else NONE)
    assert await got(client, plain) == plain.interaction_id
    assert await listed(client, contact_id="luis") == expected
    assert await watched(client, await floor.revision()) == expected
    if role != "gateway":
        history = await client.contacts.GetContactHistory(contact_id="luis", campaign_id="tienda")
        assert {view.interaction.interaction_id for view in history.views} == expected


async def test_who_attends_one_sees_that_one(floor):
    """The example of docs/routing.md: an agent whom an administrator gave it, and nobody else of its workgroup."""
    secret, _ = await private(floor)
    eva = floor.agent("eva")
    assert await got(eva, secret) == NONE
    await floor.assign(secret.interaction_id, "eva")
    assert await got(eva, secret) == secret.interaction_id
    assert await listed(eva) == {secret.interaction_id}
    assert secret.interaction_id in await listed(eva, contact_id="luis")


async def test_what_turns_private_is_kept_from_a_watch_that_is_open(floor):
    """A watch follows what becomes of the workgroups."""
    await private(floor)
    async with await floor.agent("eva").watch() as watch:
        before = await floor.chat("nora")
        assert await arrivals(watch, await floor.revision()) == {before.interaction_id}
        await floor.declare(workgroups=[workgroup("ventas", "ana", private=True)])
        await floor.chat("olga")
        await floor.declare(workgroups=[workgroup("ventas", "ana", private=False)])
        after = await floor.chat("pedro")
        assert await arrivals(watch, await floor.revision()) == {after.interaction_id}


async def test_pages_are_full_whatever_is_hidden(floor):
    """What a caller may not see leaves no gaps by which it could be counted."""
    await private(floor)
    plain = [(await floor.chat(f"c{number}")).interaction_id for number in range(3)]
    for number in range(3):
        await floor.chat(f"v{number}", "especial")
    omar = floor.supervisor("omar")
    first = await omar.routing.ListInteractions(page_size=2)
    second = await omar.routing.ListInteractions(page_size=2, page_token=first.next_page_token)
    ids = [view.interaction.interaction_id for page in (first, second) for view in page.views]
    assert (ids[:3], len(ids)) == (plain[::-1], 4)


@pytest.mark.req("K7")
async def test_a_supervisor_reads_the_workgroups_it_manages(floor):
    """Another's is to it as one that there isn't."""
    await private(floor)
    found = await floor.supervisor("sofia").configuration.GetWorkgroup(workgroup_id="vip")
    assert found.workgroup.workgroup_id == "vip"
    for workgroup_id in ("vip", "none"):
        with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
            await floor.supervisor("omar").configuration.GetWorkgroup(workgroup_id=workgroup_id)
