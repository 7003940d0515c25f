"""Skills that are demanded and dropped, overflow, limits of queues, and transfers to a workgroup, call by call."""

import asyncio
from datetime import timedelta

import grpc
import pytest

from cartera.client import CarteraError
from cartera.routing.v1.agent_pb2 import Agent
from cartera.routing.v1.channel_pb2 import PRIORITY_HIGH
from cartera.routing.v1.skill_pb2 import Skill, SkillRequirement
from cartera.routing.v1.workgroup_pb2 import (
    ASSIGNMENT_METHOD_BEST_SKILL,
    ASSIGNMENT_METHOD_LONGEST_IDLE,
    OverflowStep,
)
from tests.acceptance.floor import NOT_FOUND, QUEUED, agent, campaign, held, placed, refused, workgroup

EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
MINUTE, SECONDS_30 = timedelta(minutes=1), timedelta(seconds=30)


def able(agent_id, capacity=1, **levels) -> Agent:
    return agent(agent_id, capacity, skills=[Skill(name=name, level=level) for name, level in levels.items()])


def demands(drop_after=None, **levels):
    return [SkillRequirement(skill=name, level=level, drop_after=drop_after) for name, level in levels.items()]


@pytest.mark.req("M8", "M9")
async def test_skills_are_demanded_and_dropped(floor):
    """The example of docs/routing.md: nobody has both, and claims it; then the optional one goes, and João has it."""
    await floor.ventas("joao", "nuria")
    await floor.declare(agents=[able("joao", português=10, sap=4), able("nuria", sap=8)])
    await floor.online("joao", "nuria")
    optional = demands(sap=5, drop_after=2 * MINUTE)
    paulo = await floor.chat("paulo", skills=[*demands(português=8), *optional])
    assert placed(paulo) == QUEUED
    with refused("AGENT_LACKS_SKILL"):
        await floor.claim("nuria", paulo.interaction_id)
    await floor.service.restart()
    await floor.passes(minutes=2)
    assert await floor.where(paulo) == held("joao", "ROUND_ROBIN")
    assert [each.skill for each in await floor.events("interaction_skill_dropped")] == ["sap"]


@pytest.mark.req("M8")
async def test_the_best_at_it_and_then_who_is_idle_longest(floor):
    """The example of docs/routing.md: Sarah, then Iker and João, who are alike."""
    await floor.ventas("iker", "sarah", "joao", method=ASSIGNMENT_METHOD_BEST_SKILL)
    await floor.declare(agents=[able("iker", english=6), able("sarah", english=10), able("joao", english=6)])
    await floor.online("iker", "sarah", "joao")
    given = [await floor.chat(each, skills=demands(english=5)) for each in ("a", "b", "c")]
    assert [placed(each) for each in given] == [held(each, "BEST_SKILL") for each in ("sarah", "iker", "joao")]


@pytest.mark.req("M8", "C14")
async def test_who_is_back_from_a_break_is_behind_those_who_waited(floor):
    """The example of docs/routing.md: idle since it came, was given or let go of something last."""
    await floor.ventas("ana", "bruno", capacity=2, method=ASSIGNMENT_METHOD_LONGEST_IDLE)
    await floor.online("ana")
    await floor.passes(minutes=5)
    await floor.online("bruno")
    await floor.passes(minutes=1)
    first = await floor.chat("a")
    assert placed(first) == held("ana", "LONGEST_IDLE")
    await floor.passes(minutes=4)
    await floor.complete(first.interaction_id)
    await floor.passes(minutes=1)
    assert (await floor.chat("b")).agent_id == "bruno"
    await floor.passes(minutes=1)
    await floor.pause("ana")
    await floor.passes(minutes=30)
    await floor.online("ana")
    await floor.passes(minutes=1)
    assert (await floor.chat("c")).agent_id == "bruno"


@pytest.mark.req("C11", "M8")
async def test_overflow_step_by_step(floor):
    """The example of docs/routing.md, over a restart: a skill goes, the priority rises, another workgroup helps."""
    steps = [
        OverflowStep(after=SECONDS_30, drop_skill="english"),
        OverflowStep(after=MINUTE, priority=PRIORITY_HIGH),
        OverflowStep(after=MINUTE + SECONDS_30, add_workgroup_id="vip"),
    ]
    await floor.ventas("fernando")
    await floor.declare(
        agents=[agent("alejandra"), agent("emily")], workgroups=[workgroup("vip", "alejandra", "emily")]
    )
    await floor.declare(workgroups=[workgroup("ventas", "fernando", overflow_steps=steps)])
    await floor.online("fernando", "alejandra", "emily")
    await floor.call("busy")
    clara = await floor.call("clara", skills=demands(english=5))
    assert placed(clara) == QUEUED
    await floor.passes(seconds=30)
    assert not (await floor.interaction(clara.interaction_id)).skills
    await floor.service.restart()
    await floor.passes(seconds=30)
    assert (await floor.interaction(clara.interaction_id)).priority == PRIORITY_HIGH
    await floor.passes(seconds=30)
    assert await floor.where(clara) == held("alejandra", "ROUND_ROBIN")
    assert [each.step for each in await floor.events("interaction_overflowed")] == steps


@pytest.mark.req("C13")
async def test_a_full_queue_refuses_and_long_waits_expire(floor):
    """The example of docs/routing.md: Olga is refused, with when to try again; Nora has waited for too long."""
    await floor.ventas("ana", queue_limit=2, longest_wait=10 * MINUTE)
    await floor.online("ana")
    busy, luis = await floor.chat("busy"), await floor.chat("luis")
    await floor.passes(minutes=1)
    nora = await floor.chat("nora")
    await floor.passes(minutes=1)
    before = await floor.revision()
    for validate_only in (True, False):
        with refused("WORKGROUP_QUEUE_FULL", code=EXHAUSTED) as raised:
            await floor.chat("olga", validate_only=validate_only)
    assert raised.value.retry_delay == SECONDS_30
    assert await floor.revision() == before
    assert (await floor.routed("nora")).joined, "a message of who waits already takes no place"
    await floor.passes(minutes=3)
    await floor.complete(busy.interaction_id)
    assert await floor.where(luis) == held("ana", "ROUND_ROBIN")
    await floor.service.restart()
    await floor.passes(minutes=6)
    assert (await floor.where(nora))[0] == "EXPIRED"
    with refused("INTERACTION_ENDED"):
        await floor.claim("ana", nora.interaction_id)


@pytest.mark.req("C13", "G5")
async def test_of_many_at_once_as_many_wait_as_may(floor):
    """However many arrive at once, no more wait than the limit; the others are refused and not recorded."""
    await floor.ventas("ana", queue_limit=3)
    await floor.online("ana")

    async def arrives(contact_id):
        try:
            return placed(await floor.chat(contact_id))[0]
        except CarteraError as error:
            return error.reason

    came = await asyncio.gather(*(arrives(f"c{number}") for number in range(12)))
    assert sorted(came) == ["ASSIGNED", *["QUEUED"] * 3, *["WORKGROUP_QUEUE_FULL"] * 8]
    assert len(await floor.events("interaction_arrived")) == 4


@pytest.mark.req("T4", "T3", "C13")
async def test_a_transfer_to_a_workgroup(floor):
    """The example of docs/routing.md: ahead of who came later, and not its owner's; refused while the queue is full."""
    await floor.ventas("ana", "bruno", contacts=["luis"])
    await floor.declare(
        agents=[agent("zoe")],
        workgroups=[workgroup("soporte", "zoe", queue_limit=1)],
        campaigns=[campaign("ayuda", "soporte")],
    )
    await floor.owns("ana", "luis")
    await floor.online("ana", "bruno", "zoe")
    luis = await floor.chat("luis")
    await floor.passes(minutes=5)
    busy, nora = await floor.call("busy", "ayuda"), await floor.chat("nora", "ayuda")
    await floor.passes(minutes=5)
    ana = floor.agent("ana").routing
    to_soporte = {"interaction_id": luis.interaction_id, "workgroup_id": "soporte", "note": "es técnico"}
    with refused("WORKGROUP_QUEUE_FULL", code=EXHAUSTED):
        await ana.Transfer(**to_soporte)
    assert await floor.where(luis) == held("ana", "OWNER"), "the source keeps it"
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await ana.Transfer(**{**to_soporte, "workgroup_id": "nada"})
    await floor.declare(workgroups=[workgroup("soporte", "zoe", queue_limit=2)])
    moved = (await ana.Transfer(**to_soporte)).interaction
    assert (placed(moved), moved.disposition, moved.notes[0].text) == (QUEUED, "Transferencia", "es técnico")
    assert moved.arrived_at == luis.arrived_at
    await floor.complete(busy.interaction_id)
    assert (await floor.where(luis), await floor.where(nora)) == (held("zoe", "ROUND_ROBIN"), QUEUED)
    (told,) = await floor.events("interaction_transferred_to_workgroup")
    assert (told.from_agent_id, told.from_workgroup_id) == ("ana", "ventas")
