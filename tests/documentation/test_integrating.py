"""What docs/integrating.md draws and lists happens: each course of each diagram is played on a running service."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from cartera.contract.messages import FILES
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT
from cartera.routing.v1.interaction_pb2 import DELIVERY_STATE_READ
from tests.acceptance.floor import Floor, campaign, workgroup
from tests.documentation.diagrams import KINDS, calls, courses, diagrams
from tests.documentation.features import ROOT
from tests.fixtures.service import RunningService

PAGE = ROOT / "docs" / "integrating.md"
DIAGRAMS = diagrams(PAGE)
DRAWN = DIAGRAMS | diagrams(ROOT / "docs" / "errors-and-retries.md")
RPCS = {method.name for file in FILES for each in file.services_by_name.values() for method in each.methods}

RINGS = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=1)

Story = Callable[[Floor], Awaitable[int]]
"""Plays one course; answers the revision after which it began."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def floor(service: RunningService):
    floor = Floor(service)
    await floor.administrator.configuration.CreateTenant(tenant={"name": "Clínica Sol", "number": "1001"})
    yield floor
    await floor.leave()


async def arrival(floor):
    await floor.ventas("ana")
    await floor.online("ana")
    began = await floor.revision()
    await floor.call("luis")
    return began


async def _one_waits(floor, **policy):
    """Ana is busy with Olga, and Luis calls."""
    await floor.ventas("ana", **policy)
    await floor.online("ana")
    olga = await floor.call("olga")
    began = await floor.revision()
    return olga, await floor.call("luis"), began


async def an_agent_is_free(floor):
    olga, _, began = await _one_waits(floor)
    await floor.complete(olga.interaction_id)
    return began


async def who_waits_hangs_up(floor):
    _, luis, began = await _one_waits(floor)
    await floor.hangs_up(luis.interaction_id)
    return began


async def it_expires(floor):
    _, _, began = await _one_waits(floor, longest_wait=MINUTE)
    await floor.passes(minutes=1)
    return began


async def _one_waits_for_ana(floor):
    """Ana, who owns Luis, is away, and Luis calls; Bruno is there only if he has come before."""
    await floor.ventas("ana", "bruno", contacts=["luis"], owner_wait=MINUTE)
    await floor.owns("ana", "luis")
    await floor.online("ana", "bruno")
    await floor.pause("ana")


async def the_owner_comes(floor):
    await _one_waits_for_ana(floor)
    began = await floor.revision()
    await floor.call("luis")
    await floor.online("ana")
    return began


async def the_owner_wait_is_over(floor):
    await _one_waits_for_ana(floor)
    began = await floor.revision()
    await floor.call("luis")
    await floor.passes(minutes=1)
    return began


async def the_owner_wait_is_over_and_all_are_busy(floor):
    await _one_waits_for_ana(floor)
    await floor.call("olga")
    began = await floor.revision()
    await floor.call("luis")
    await floor.passes(minutes=1)
    return began


async def _two_workgroups(floor, *online):
    await floor.ventas("ana", "bruno", "zoe")
    await floor.declare(
        workgroups=[workgroup("soporte", "zoe", queue_when_nobody_online=True)],
        campaigns=[campaign("tienda", "ventas", "soporte")],
    )
    await floor.online(*online)
    luis = await floor.call("luis")
    return luis.interaction_id, await floor.revision()


async def to_an_agent(floor):
    luis, began = await _two_workgroups(floor, "ana", "bruno")
    await floor.transfer(luis, agent_id="bruno")
    return began


async def to_a_workgroup(floor):
    luis, began = await _two_workgroups(floor, "ana", "zoe")
    await floor.transfer(luis, workgroup_id="soporte")
    return began


async def to_a_workgroup_where_nobody_is(floor):
    luis, began = await _two_workgroups(floor, "ana")
    await floor.transfer(luis, workgroup_id="soporte")
    await floor.online("zoe")
    return began


async def _completed(floor, **policy):
    await floor.ventas("ana", **policy)
    await floor.online("ana")
    luis = await floor.call("luis")
    began = await floor.revision()
    await floor.gateway.routing.CompleteInteraction(interaction_id=luis.interaction_id, disposition="Venta")
    return luis, began


async def they_have_finished(floor):
    _, began = await _completed(floor)
    return began


async def with_time_to_wrap_up(floor):
    luis, began = await _completed(floor, wrap_up=MINUTE)
    await floor.finish_wrap_up("ana", luis.interaction_id)
    return began


async def the_contact_left(floor):
    await floor.ventas("ana")
    await floor.online("ana")
    luis = await floor.call("luis")
    began = await floor.revision()
    await floor.hangs_up(luis.interaction_id)
    return began


async def _ringing(floor, *agents):
    await floor.ventas(*agents, offer_timeout=RINGS)
    await floor.online(*agents)
    began = await floor.revision()
    luis = await floor.call("luis")
    return luis.interaction_id, began


async def accepted(floor):
    luis, began = await _ringing(floor, "ana")
    await floor.accept("ana", luis)
    return began


async def rejected(floor):
    luis, began = await _ringing(floor, "ana", "bruno")
    await floor.reject("ana", luis)
    return began


async def missed(floor):
    _, began = await _ringing(floor, "ana")
    await floor.passes(seconds=20)
    return began


async def withdrawn(floor):
    await floor.ventas("ana", "bruno", offer_timeout=RINGS)
    await floor.online("ana", "bruno")
    await floor.accept("ana", (await floor.call("olga")).interaction_id)
    began = await floor.revision()
    await floor.call("luis")
    await floor.pause("bruno")
    return began


async def who_hears_it_ring_hangs_up(floor):
    luis, began = await _ringing(floor, "ana")
    await floor.hangs_up(luis)
    return began


async def a_chat(floor):
    await floor.ventas("ana")
    await floor.online("ana")
    began = await floor.revision()
    first = await floor.routed("luis", channel=CHANNEL_CHAT)
    assert (await floor.routed("luis", channel=CHANNEL_CHAT)).joined
    await floor.gateway.routing.ReportDelivery(
        interaction_id=first.interaction.interaction_id, message_id="m1", delivery_state=DELIVERY_STATE_READ
    )
    await floor.complete(first.interaction.interaction_id)
    return began


STORIES: dict[str, list[Story]] = {
    "Arrival": [arrival],
    "Waiting": [an_agent_is_free, who_waits_hangs_up, it_expires],
    "Owner wait": [the_owner_comes, the_owner_wait_is_over, the_owner_wait_is_over_and_all_are_busy],
    "Transfer": [to_an_agent, to_a_workgroup, to_a_workgroup_where_nobody_is],
    "The end": [they_have_finished, with_time_to_wrap_up, the_contact_left],
    "Offers": [accepted, rejected, missed, withdrawn, who_hears_it_ring_hangs_up],
    "A chat": [a_chat],
}
"""By the diagram, in the order of its alternatives."""

PLAYED = [
    pytest.param(title, number, story, id=story.__name__)
    for title, stories in STORIES.items()
    for number, story in enumerate(stories)
]


@pytest.mark.req("G1", "W1")
@pytest.mark.parametrize(("title", "number", "story"), PLAYED)
async def test_it_happens_as_it_is_drawn(floor, title, number, story):
    """The feed tells what the diagram says that it tells, in that order, and nothing else that the diagram names."""
    ways = courses(DIAGRAMS[title])
    named = {kind for way in ways for kind in way}
    began = await story(floor)
    assert [kind for kind in await floor.kinds(after=began) if kind in named] == ways[number]


@pytest.mark.req("G1")
def test_every_course_is_played() -> None:
    """No diagram, and no alternative of one, is without its story."""
    drawn = {title: len(courses(diagram)) for title, diagram in DIAGRAMS.items()}
    assert drawn == {title: len(stories) for title, stories in STORIES.items()}


@pytest.mark.req("G1")
@pytest.mark.parametrize("title", DRAWN)
def test_what_is_called_is_an_rpc(title: str) -> None:
    assert set(calls(DRAWN[title])) - {"INVITE"} <= RPCS


@pytest.mark.req("W1")
def test_every_event_of_an_interaction_has_its_answer() -> None:
    """The table of events says once of each what a gateway does."""
    _, _, table = PAGE.read_text("utf-8").partition("\n| event | what the gateway does |\n")
    cells = re.findall(r"^\| ([^|]+) \|", table.partition("\n\n")[0], re.MULTILINE)
    listed = [kind for cell in cells for kind in re.findall(r"`(\w+)`", cell)]
    assert sorted(listed) == sorted(kind for kind in KINDS if kind.startswith(("interaction_", "message_")))
