"""W3: why it went there, for any decision in the log, over gRPC."""

import asyncio
from datetime import UTC, timedelta

import grpc
import pytest

from cartera.client import CarteraError
from cartera.routing.v1.access_pb2 import ROLE_AGENT, ROLE_GATEWAY, ROLE_SYSTEM
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT
from cartera.routing.v1.explanation_pb2 import (
    ComparisonKey,
    DecisionCause,
    LeftOut,
    NotAsked,
    SelectionStep,
)
from cartera.routing.v1.interaction_pb2 import Interaction
from cartera.routing.v1.skill_pb2 import Skill, SkillRequirement
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_LEAST_LOAD, ASSIGNMENT_METHOD_MANUAL, OverflowStep
from tests.acceptance.floor import INVALID, NOT_FOUND, agent, campaign, contact, denied, refused, workgroup
from tests.fixtures.service import START

pytestmark = pytest.mark.req("W3")

MINUTE = timedelta(minutes=1)


async def why(floor, interaction, by=None, **fields):
    answer = await (by or floor.administrator).routing.ExplainInteraction(
        interaction_id=interaction.interaction_id, **fields
    )
    return answer.explanation


def steps(explanation):
    """Whom each step that was asked found."""
    asked = [step for step in explanation.steps if not step.not_asked]
    return {SelectionStep.Name(step.step).removeprefix("SELECTION_STEP_"): step.agent_id for step in asked}


def left_out(explanation):
    """Why each candidate of any step was left out."""
    candidates = [candidate for step in explanation.steps for candidate in step.candidates]
    return {
        each.agent_id: {LeftOut.Name(reason).removeprefix("LEFT_OUT_") for reason in each.left_out}
        for each in candidates
    }


def not_asked(explanation, step):
    (found,) = (each for each in explanation.steps if each.step == SelectionStep.Value(f"SELECTION_STEP_{step}"))
    return NotAsked.Name(found.not_asked).removeprefix("NOT_ASKED_")


def cause(explanation):
    return DecisionCause.Name(explanation.cause).removeprefix("DECISION_CAUSE_")


async def decided(floor):
    """The example of docs/routing.md: Carlos gets Luis's call. Ana holds as much as she may, Nora pauses, Zoe takes no
    calls, and Eva is more busy.
    """
    await floor.declare(
        agents=[
            agent("ana", 1),
            agent("nora", 1),
            agent("carlos", 4),
            agent("zoe", 1, channels=[CHANNEL_CHAT]),
            agent("eva", 2),
        ],
        workgroups=[workgroup("ventas", "ana", "nora", "carlos", "zoe", "eva", method=ASSIGNMENT_METHOD_LEAST_LOAD)],
        campaigns=[campaign("tienda", "ventas")],
    )
    await floor.online("ana", "carlos", "eva", "zoe")
    for number in range(4):
        await floor.chat(f"earlier-{number}")
    await floor.pause("nora")
    return await floor.call("luis")


# What it tells


async def test_it_tells_every_candidate_and_what_decided(floor):
    """Who was considered, every reason for leaving out the others, and the keys by which the chosen one came first."""
    call = await decided(floor)
    told = await why(floor, call)
    assert (call.agent_id, told.agent_id, told.actor.role) == ("carlos", "carlos", ROLE_GATEWAY)
    assert steps(told) == {"OWN_WORKGROUP": "carlos"}
    assert left_out(told) == {
        "carlos": set(),
        "eva": {"RANKED_BEHIND"},
        "ana": {"NO_FREE_SLOT"},
        "nora": {"PAUSED"},
        "zoe": {"LACKS_CHANNEL", "NO_FREE_SLOT"},
    }
    (step,) = (each for each in told.steps if each.agent_id)
    assert (step.runner_up_agent_id, step.decided_by) == ("eva", ComparisonKey.COMPARISON_KEY_LOAD)
    loads = [candidate.keys[0].number for candidate in step.candidates[:2]]
    assert loads == [0.25, 0.5]
    assert (step.candidates[2].agent_id, step.candidates[2].units_in_use, step.candidates[2].capacity) == ("ana", 1, 1)
    assert not_asked(told, "EXCLUSIVE_AGENT") == "NO_EXCLUSIVE_AGENT"
    assert not_asked(told, "OWNER") == "NO_PORTFOLIO"


async def test_it_tells_the_time_the_revision_and_the_policies(floor):
    """Which state and which versions of the configuration it was decided on."""
    call = await decided(floor)
    told = await why(floor, call)
    assert (told.revision, told.state_revision) == (call.sequence, call.sequence - 1)
    assert told.decided_at.ToDatetime(tzinfo=UTC) == START
    found = await floor.administrator.configuration.GetWorkgroup(workgroup_id="ventas")
    versions = {(each.resource_type, each.resource_id): each.etag for each in told.policies}
    assert versions["workgroup", "ventas"] == found.workgroup.etag
    assert ("campaign", "tienda") in versions
    assert told.reproduced


@pytest.mark.req("G6")
async def test_the_past_is_explained_as_it_was(floor):
    """After agents, policies and the interaction itself have changed, and after a restart, the answer is the same."""
    call = await decided(floor)
    then = await why(floor, call)
    await floor.offline("carlos", "eva")
    await floor.declare(workgroups=[workgroup("ventas", "nora", method=ASSIGNMENT_METHOD_MANUAL)])
    await floor.complete(call.interaction_id)
    await floor.passes(hours=10)
    assert await why(floor, call) == then
    await floor.service.restart()
    assert await why(floor, call) == then


async def test_several_who_ask_at_once_get_the_same_answer(floor):
    """Explanations are made one after another."""
    call = await decided(floor)
    answers = await asyncio.gather(*(why(floor, call) for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.req("K2")
async def test_each_decision_of_a_wait_is_explained(floor):
    """Kept for its owner at first, and given to somebody else when the wait had run out: by a timer."""
    await floor.ventas("ana", "bruno", contacts=["luis"], owner_wait=MINUTE)
    await floor.owns("ana", "luis")
    await floor.online("bruno")
    chat = await floor.chat("luis")
    kept = await why(floor, chat)
    assert (cause(kept), steps(kept), left_out(kept)) == ("ARRIVED", {"OWNER": ""}, {"ana": {"OFFLINE"}})
    assert not_asked(kept, "OWN_WORKGROUP") == "OWNER_WAIT"
    await floor.passes(minutes=1)
    given = await why(floor, chat)
    assert (cause(given), given.actor.role) == ("OWNER_WAIT_ENDED", ROLE_SYSTEM)
    assert steps(given) == {"OWNER": "", "OWN_WORKGROUP": "bruno"}
    assert await why(floor, chat, revision=kept.revision) == kept


@pytest.mark.req("C9")
async def test_an_accepted_offer_is_explained_as_the_offer(floor):
    """Why it was offered to her is what is asked; that she accepted is a decision of its own revision."""
    await floor.ventas("ana", offer_timeout=MINUTE)
    await floor.online("ana")
    chat = await floor.chat("luis")
    offered = await why(floor, chat)
    accepted = await floor.agent("ana").routing.AcceptOffer(interaction_id=chat.interaction_id, agent_id="ana")
    assert await why(floor, chat) == offered
    told = await why(floor, chat, revision=accepted.revision)
    assert (cause(told), told.actor.role, list(told.steps)) == ("OFFER_ACCEPTED", ROLE_AGENT, [])


@pytest.mark.req("M9")
async def test_a_claim_tells_who_asked_and_what_was_checked(floor):
    """No step was taken: an agent took it."""
    await floor.ventas("ana", method=ASSIGNMENT_METHOD_MANUAL)
    await floor.online("ana")
    chat = await floor.chat("luis")
    await floor.claim("ana", chat.interaction_id)
    told = await why(floor, chat)
    assert (cause(told), told.actor.subject_id, list(told.steps)) == ("CLAIMED", "ana", [])
    assert told.conditions
    assert all(each.held for each in told.conditions)


@pytest.mark.req("M8", "C11")
async def test_skills_and_overflow_are_told(floor):
    """Who lacked a skill, which, and the workgroup that overflow added."""
    await floor.declare(
        agents=[agent("ana"), agent("eva", skills=[Skill(name="es", level=5)])],
        workgroups=[
            workgroup("ventas", "ana", overflow_steps=[OverflowStep(after=MINUTE, add_workgroup_id="apoyo")]),
            workgroup("apoyo", "eva"),
        ],
        campaigns=[campaign("tienda", "ventas")],
    )
    await floor.online("ana", "eva")
    chat = await floor.chat("luis", skills=[SkillRequirement(skill="es", level=3)])
    await floor.passes(minutes=1)
    told = await why(floor, chat)
    assert (steps(told), left_out(told)["ana"]) == ({"OWN_WORKGROUP": "", "OVERFLOW_WORKGROUP": "eva"}, {"LACKS_SKILL"})
    (ana,) = (each for step in told.steps for each in step.candidates if each.agent_id == "ana")
    assert list(ana.lacking_skills) == ["es"]


async def test_of_many_candidates_some_are_told_and_the_others_counted(floor):
    """As many as the caller asks for, the chosen one first; each reason with its number."""
    names = [f"a{number}" for number in range(8)]
    await floor.ventas(*names)
    await floor.online("a3", "a5")
    chat = await floor.chat("luis")
    told = await why(floor, chat, max_candidates=2)
    (step,) = (each for each in told.steps if each.agent_id)
    assert [each.agent_id for each in step.candidates] == ["a3", "a5"]
    counted = {LeftOut.Name(each.reason): each.candidates for each in step.left_out}
    assert (step.candidate_count, counted) == (8, {"LEFT_OUT_OFFLINE": 6, "LEFT_OUT_RANKED_BEHIND": 1})


# What there is not


async def test_a_revision_without_a_decision_has_no_explanation(floor):
    """Before it arrived, after it was given, at another's, and in the future."""
    chat = await floor_with_ana(floor)
    other = await floor.chat("nora")
    completed = await floor.administrator.routing.CompleteInteraction(
        interaction_id=chat.interaction_id, disposition="Venta"
    )
    for revision in (1, other.sequence, completed.revision, 10_000):
        with refused("DECISION_NOT_FOUND", code=NOT_FOUND):
            await why(floor, chat, revision=revision)


async def floor_with_ana(floor):
    await floor.ventas("ana", capacity=2)
    await floor.online("ana")
    return await floor.chat("luis")


async def test_what_is_not_there_is_not_explained(floor):
    """No such interaction, no such tenant, and figures that mean nothing."""
    chat = await floor_with_ana(floor)
    routing = floor.administrator.routing
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await routing.ExplainInteraction(interaction_id="none")
    with refused("TENANT_NOT_FOUND", code=NOT_FOUND):
        await routing.ExplainInteraction(interaction_id=chat.interaction_id, tenant_id="no-such")
    for fields in ({"max_candidates": 1001}, {"max_candidates": -1}, {"revision": -1}):
        with refused("INVALID_FIELD", code=INVALID):
            await why(floor, chat, **fields)
    with refused("REVISION_IN_THE_FUTURE", code=grpc.StatusCode.OUT_OF_RANGE):
        await why(floor, chat, min_revision=10_000)


# Who may ask


@pytest.mark.req("K7", "Z5")
@pytest.mark.parametrize(
    ("role", "subject", "answer"),
    [
        ("administrator", "root", "explained"),
        ("supervisor", "sofia", "explained"),
        ("supervisor", "omar", "PERMISSION_DENIED"),
        ("agent", "ana", "explained"),
        ("agent", "bruno", "explained"),
        ("agent", "eva", "PERMISSION_DENIED"),
        ("gateway", "pbx", "PERMISSION_DENIED"),
    ],
)
@pytest.mark.parametrize("private", [False, True], ids=["open", "private"])
async def test_it_is_told_to_whom_it_concerns(floor, role, subject, answer, private):
    """An explanation tells how colleagues stood: supervisors have those of their workgroups, agents those of theirs;
    others do not even learn whether there is such an interaction.
    """
    await floor.ventas("ana", "bruno", supervisor_ids=["sofia"], private=private)
    await floor.declare(agents=[agent("eva")], workgroups=[workgroup("otro", "eva", supervisor_ids=["omar"])])
    await floor.online("ana")
    chat = await floor.chat("luis")
    client = floor.service.client(floor.channel, role, subject, floor.tenant_id)
    assert await got(floor, chat, client) == answer
    none = await got(floor, Interaction(interaction_id="i999"), client)
    assert none == ("RESOURCE_NOT_FOUND" if role == "administrator" else "PERMISSION_DENIED")


async def got(floor, chat, client, **fields):
    try:
        await why(floor, chat, client, **fields)
    except CarteraError as error:
        return error.reason
    return "explained"


async def test_who_attends_it_may_ask(floor):
    """An agent of another workgroup, to whom an administrator gave it."""
    await floor.ventas("ana")
    await floor.declare(agents=[agent("eva")])
    chat = await floor.chat("luis")
    with denied():
        await why(floor, chat, floor.agent("eva"))
    await floor.assign(chat.interaction_id, "eva")
    assert cause(await why(floor, chat, floor.agent("eva"))) == "ASSIGNED_BY_ADMINISTRATOR"


@pytest.mark.req("Z5")
async def test_what_was_decided_in_a_private_workgroup_stays_there(floor):
    """Of an interaction that has left a private workgroup only the decisions since are told to others; and a private
    workgroup that overflow added keeps its members to itself.
    """
    await floor.declare(
        agents=[agent("ana"), agent("eva"), agent("iris")],
        workgroups=[
            workgroup("vip", "ana", supervisor_ids=["marta"], private=True),
            workgroup(
                "ventas",
                "eva",
                supervisor_ids=["sofia"],
                overflow_steps=[OverflowStep(after=MINUTE, add_workgroup_id="vip")],
            ),
        ],
        campaigns=[campaign("oro", "vip"), campaign("tienda", "ventas")],
        contacts=[contact("luis")],
    )
    await floor.online("ana")
    secret = await floor.chat("luis", "oro")
    await floor.agent("ana").routing.Transfer(
        interaction_id=secret.interaction_id, workgroup_id="ventas", note="no es oro"
    )
    sofia, marta = floor.supervisor("sofia"), floor.supervisor("marta")
    assert await got(floor, secret, marta) == "PERMISSION_DENIED"
    assert cause(await why(floor, secret, sofia)) == "TRANSFERRED_TO_WORKGROUP"
    assert await got(floor, secret, sofia, revision=secret.sequence) == "DECISION_NOT_FOUND"

    await floor.passes(minutes=1)
    whole, part = await why(floor, secret), await why(floor, secret, sofia)
    assert steps(whole) == steps(part) == {"OWN_WORKGROUP": "", "OVERFLOW_WORKGROUP": "ana"}
    assert "ana" in left_out(whole)
    assert "ana" not in left_out(part)
    assert await got(floor, secret, marta) == "explained"
