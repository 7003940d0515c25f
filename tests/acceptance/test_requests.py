"""What every call keeps: retries (G2), errors (G3), outcomes (Z1), and rules that hold under any concurrency."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage, PreconditionFailure, ResourceInfo

from cartera.client import CarteraError
from cartera.client.errors import detail, error_from, status_of
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_MESSAGING, PRIORITY_HIGH, PRIORITY_LOW
from cartera.routing.v1.error_reason_pb2 import ErrorReason
from cartera.routing.v1.interaction_pb2 import INTERACTION_STATE_ASSIGNED
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_LEAST_LOAD, Workgroup
from tests.acceptance.floor import (
    INVALID,
    MINUTES_5,
    OWNER_AWAITED,
    QUEUED,
    UNASSIGNED,
    agent,
    campaign,
    held,
    outcome,
    placed,
    refused,
    workgroup,
)
from tests.acceptance.mutations import METHODS, prepared, raw_answer, request_of

# Retries (G2).


async def refused_as_reused(floor, mutation, request):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw_answer(floor, mutation, request)
    error = error_from(raised.value)
    violations = [(each.field, each.reason) for each in error.field_violations]
    assert (error.code, violations) == (INVALID, [("request_id", "REQUEST_ID_REUSED")]), mutation.name


@pytest.mark.req("G2")
async def test_a_retry_of_any_call_gets_the_first_answer_byte_for_byte_and_changes_nothing(floor):
    """At once, after everything else has been done, and after a restart; another request under the id is refused."""
    mutations = await prepared(floor)
    assert {each.name for each in mutations} == set(METHODS), "every RPC that takes a request_id"
    answers = {}
    for mutation in mutations:
        before = await floor.revision()
        request = request_of(mutation, f"r-{mutation.name}")
        answers[mutation.name] = await raw_answer(floor, mutation, request)
        after = await floor.revision()
        assert after == before + (mutation.name != "CreateTenant"), f"{mutation.name} changes something"
        assert await raw_answer(floor, mutation, request) == answers[mutation.name], mutation.name
        await refused_as_reused(floor, mutation, request_of(mutation, f"r-{mutation.name}", other=True))
        assert await floor.revision() == after, mutation.name

    log = await floor.log()
    for _ in range(2):
        for mutation in mutations:
            request = request_of(mutation, f"r-{mutation.name}")
            assert await raw_answer(floor, mutation, request) == answers[mutation.name], mutation.name
        assert await floor.log() == log
        await floor.service.restart()
    for mutation in mutations:
        await refused_as_reused(floor, mutation, request_of(mutation, f"r-{mutation.name}", other=True))


@pytest.mark.req("G2")
async def test_of_twenty_duplicates_at_once_one_is_done_and_all_get_its_answer(floor):
    """Whoever sends a call twenty times in parallel has made it once."""
    for mutation in await prepared(floor):
        before = await floor.revision()
        request = request_of(mutation, f"d-{mutation.name}")
        answers = await asyncio.gather(*(raw_answer(floor, mutation, request) for _ in range(20)))
        assert len(set(answers)) == 1, mutation.name
        assert await floor.revision() == before + (mutation.name != "CreateTenant"), mutation.name


@pytest.mark.req("G2")
async def test_an_id_of_another_call_is_refused_too(floor):
    """A request_id stands for one request of one method."""
    mutations = {each.name: each for each in await prepared(floor)}
    first, second = mutations["CreateAgent"], mutations["CreateContact"]
    await raw_answer(floor, first, request_of(first, "same"))
    await refused_as_reused(floor, second, request_of(second, "same"))


@pytest.mark.req("G2")
async def test_without_a_request_id_each_call_is_a_new_one(floor):
    """An empty request_id protects nothing: two calls are two calls."""
    mutation = next(each for each in await prepared(floor) if each.name == "RouteInteraction")
    request = request_of(mutation, "")
    first, second = [await raw_answer(floor, mutation, request) for _ in range(2)]
    assert first != second


# Errors (G3).


async def bad_fields(floor):
    await floor.administrator.agents.CreateAgent(agent=agent("", capacity=0))


async def unknown_references(floor):
    broken = campaign("rota", "nadie", addresses=[{"channel": CHANNEL_CHAT, "address": "a"}] * 2)
    await floor.declare(workgroups=[workgroup("w", "nadie")], campaigns=[broken])


async def stale_etag(floor):
    await floor.administrator.agents.UpdateAgent(agent=agent("ana", 2, etag="0"))


async def strange_page_token(floor):
    await floor.administrator.agents.ListAgents(page_token="x")


async def unknown_tenant(floor):
    await floor.administrator.configuration.GetTenant(tenant_id="nobody")


async def unknown_agent(floor):
    await floor.administrator.agents.GetAgent(agent_id="nadie")


async def twice_created(floor):
    await floor.administrator.agents.CreateAgent(agent=agent("ana"))


async def in_use(floor):
    await floor.administrator.agents.DeleteAgent(agent_id="ana")


async def forbidden(floor):
    await floor.agent("ana").configuration.CreateWorkgroup(workgroup=workgroup("w"))


async def nobody_says_who(floor):
    await floor._client("agent", "").agents.ListAgents()


async def no_such_role(floor):
    await floor._client("boss", "ana").agents.ListAgents()


async def not_reached_yet(floor):
    await floor.administrator.agents.ListAgents(min_revision=99)


async def several_conditions(floor):
    chat = await floor.chat("luis")
    await floor.claim("ana", chat.interaction_id)


async def raw(floor, path, payload):
    call = floor.channel.unary_unary(path)
    try:
        await call(payload)
    except grpc.aio.AioRpcError as failure:
        raise error_from(failure) from failure


async def no_such_method(floor):
    await raw(floor, "/cartera.routing.v1.AgentService/PraiseAgent", b"")


async def garbage(floor):
    await raw(floor, "/cartera.routing.v1.AgentService/GetAgent", b"\xff\xff")


CODE = grpc.StatusCode
ERRORS = [
    (bad_fields, CODE.INVALID_ARGUMENT, "INVALID_FIELD", {"agent.agent_id", "agent.capacity"}),
    (
        unknown_references,
        CODE.INVALID_ARGUMENT,
        "UNKNOWN_REFERENCE",
        {
            "configuration.workgroups[0].member_ids[0]",
            "configuration.campaigns[0].workgroup_ids[0]",
            "configuration.campaigns[0].addresses[1]",
        },
    ),
    (strange_page_token, CODE.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", {"page_token"}),
    (stale_etag, CODE.ABORTED, "ETAG_MISMATCH", {"agent/ana"}),
    (unknown_tenant, CODE.NOT_FOUND, "TENANT_NOT_FOUND", {"tenant/nobody"}),
    (unknown_agent, CODE.NOT_FOUND, "RESOURCE_NOT_FOUND", {"agent/nadie"}),
    (twice_created, CODE.ALREADY_EXISTS, "RESOURCE_ALREADY_EXISTS", {"agent/ana"}),
    (in_use, CODE.FAILED_PRECONDITION, "RESOURCE_IN_USE", {"agent/ana"}),
    (several_conditions, CODE.FAILED_PRECONDITION, "AGENT_NOT_ONLINE", {"agent/ana"}),
    (forbidden, CODE.PERMISSION_DENIED, "PERMISSION_DENIED", set()),
    (nobody_says_who, CODE.UNAUTHENTICATED, "CALLER_UNKNOWN", set()),
    (no_such_role, CODE.UNAUTHENTICATED, "CALLER_UNKNOWN", set()),
    (not_reached_yet, CODE.OUT_OF_RANGE, "REVISION_IN_THE_FUTURE", set()),
    (no_such_method, CODE.UNIMPLEMENTED, "METHOD_NOT_IMPLEMENTED", set()),
    (garbage, CODE.INVALID_ARGUMENT, "MESSAGE_MALFORMED", set()),
]


@pytest.mark.req("G3")
async def test_errors_are_statuses_with_typed_details_and_a_sentence_in_english(floor):
    """Each has an ErrorInfo with a reason of the contract, what it concerns in the detail made for it, and a text."""
    await floor.ventas("ana")
    for provoke, code, reason, concerned in ERRORS:
        with pytest.raises(CarteraError) as raised:
            await provoke(floor)
        status = status_of(raised.value.__cause__)
        info = detail(status, ErrorInfo)
        assert (raised.value.code, info.reason, info.domain) == (code, reason, "cartera.dev"), provoke.__name__
        assert f"ERROR_REASON_{reason}" in ErrorReason.DESCRIPTOR.values_by_name
        assert _concerned(status) == concerned, provoke.__name__
        localized = detail(status, LocalizedMessage)
        assert (localized.locale, localized.message) == ("en", raised.value.message)
        assert raised.value.message.endswith("."), raised.value.message


def _concerned(status):
    """What an error says it is about, in whichever detail says it."""
    request, precondition = detail(status, BadRequest), detail(status, PreconditionFailure)
    resource = detail(status, ResourceInfo)
    named = {each.field for each in request.field_violations} if request else set()
    named |= {each.subject for each in precondition.violations} if precondition else set()
    return named | ({f"{resource.resource_type}/{resource.resource_name}"} if resource else set())


# Outcomes of routing (Z1).


@pytest.fixture
async def outcomes(floor):
    """A floor on which a contact for each outcome may arrive: by name, and what becomes of it, by which rule."""
    await floor.declare(
        agents=[agent("ana"), agent("carlos"), agent("gil"), agent("fede")],
        workgroups=[
            workgroup("ventas", "ana", "carlos", owner_wait=MINUTES_5),
            workgroup("lleno", "gil"),
            workgroup("vacio", "fede"),
            workgroup("carga", "carlos", method=ASSIGNMENT_METHOD_LEAST_LOAD),
        ],
        campaigns=[
            campaign("tienda", "ventas"),
            campaign("cola", "lleno"),
            campaign("noche", "vacio"),
            campaign("carga", "carga"),
        ],
        contacts=[{"contact_id": each} for each in ("de-ana", "de-fede", "de-gil")],
    )
    await floor.online("ana", "carlos", "gil")
    await floor.owns("ana", "de-ana")
    await floor.owns("fede", "de-fede")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="de-gil", campaign_id="tienda", agent_id="gil")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="de-gil", campaign_id="cola", agent_id="fede")
    await floor.chat("busy", "cola")
    return floor


OUTCOMES = [
    (("luis", "tienda"), "ASSIGNED", held("ana", "ROUND_ROBIN")),
    (("luis", "carga"), "ASSIGNED", held("carlos", "LEAST_LOAD")),
    (("de-ana", "tienda"), "ASSIGNED", held("ana", "OWNER")),
    (("de-gil", "cola"), "ASSIGNED", held("fede", "EXCLUSIVE_AGENT")),
    (("de-fede", "tienda"), "WAITING_FOR_OWNER", OWNER_AWAITED),
    (("de-gil", "tienda"), "QUEUED", ("QUEUED", "EXCLUSIVE_AGENT_FULL", "")),
    (("luis", "cola"), "QUEUED", QUEUED),
    (("luis", "noche"), "UNASSIGNED", UNASSIGNED),
]


@pytest.mark.req("Z1", "Z7")
@pytest.mark.parametrize(("arrival", "expected", "where"), OUTCOMES, ids=["-".join(each[0]) for each in OUTCOMES])
async def test_routing_is_one_call_that_records_decides_and_tells_why(outcomes, arrival, expected, where):
    """The answer says what became of it, and why; asked with validate_only it says the same and changes nothing."""
    floor = outcomes
    before = await everything(floor)
    asked = await floor.routed(*arrival, validate_only=True)
    assert (outcome(asked), placed(asked.interaction), asked.interaction.interaction_id) == (expected, where, "")
    assert await everything(floor) == before

    answer = await floor.routed(*arrival)
    assert (outcome(answer), placed(answer.interaction), answer.joined) == (expected, where, False)
    assert answer.reason == answer.interaction.reason == asked.reason
    assert answer.revision == answer.interaction.sequence == await floor.revision()
    assert await floor.interaction(answer.interaction.interaction_id) == answer.interaction


async def everything(floor):
    """All that the service shows of a tenant: its revision and its rows."""
    client = floor.administrator
    configuration, portfolios = client.configuration, client.portfolios
    listed = [
        await configuration.GetTenant(),
        await configuration.ListWorkgroups(),
        await configuration.ListCampaigns(),
        await configuration.ListTriggers(),
        await configuration.ListOrganizations(),
        await configuration.ListScripts(),
        await portfolios.ListPortfolios(),
        await client.contacts.ListContacts(),
        await client.agents.ListAgents(),
        await client.routing.ListInteractions(),
    ]
    for each in (await portfolios.ListPortfolios()).portfolios:
        listed += [await portfolios.ListPortfolioContacts(portfolio_id=each.portfolio_id)]
    return listed


# Asking only (Z7).


@pytest.mark.req("Z7")
async def test_validate_only_moves_no_turn_and_joins_nothing(floor):
    """However often it is asked, the next real one gets what the first was promised."""
    await floor.ventas("ana", "carlos", capacity=5)
    await floor.online("ana", "carlos")
    asked = [await floor.routed(f"c{number}", validate_only=True) for number in range(3)]
    assert {placed(each.interaction) for each in asked} == {held("ana", "ROUND_ROBIN")}
    chat = await floor.chat("luis")
    assert placed(chat) == held("ana", "ROUND_ROBIN")
    joined = await floor.routed("luis", validate_only=True)
    assert (joined.joined, joined.interaction.messages) == (True, 2)
    assert (await floor.interaction(chat.interaction_id)).messages == 1


@pytest.mark.req("Z7", "T1", "P2")
async def test_validate_only_of_other_calls_changes_nothing_and_refuses_what_they_refuse(floor):
    """Transfer, AssignPortfolio and ApplyConfiguration answer as if it were done."""
    await floor.ventas("ana", "carlos", contacts=["luis"])
    await floor.online("ana", "carlos")
    chat = await floor.chat("luis")
    before = await everything(floor)
    routing = floor.administrator.routing
    moved = await routing.Transfer(
        interaction_id=chat.interaction_id, agent_id="carlos", note="relevo", validate_only=True
    )
    assert placed(moved.interaction) == held("carlos", "TRANSFERRED")
    applied = await floor.administrator.configuration.ApplyConfiguration(
        configuration={"agents": [agent("ana", 3), agent("eva")]}, validate_only=True
    )
    assert [(each.resource_type, each.action) for each in applied.changes] == [("agent", 2), ("agent", 1)]
    await floor.routed("nora", validate_only=True, request_id="once")
    assert await everything(floor) == before
    await floor.pause("carlos")
    with refused("AGENT_NOT_ONLINE"):
        await routing.Transfer(interaction_id=chat.interaction_id, agent_id="carlos", note="x", validate_only=True)


# Messages that join (Z6).


@pytest.mark.req("Z6")
async def test_fifty_messages_at_once_make_one_interaction(floor):
    """Messages of a contact with an open interaction in that campaign and channel join it."""
    await floor.ventas("ana", capacity=50)
    await floor.online("ana")
    answers = await asyncio.gather(*(floor.routed("luis", channel=CHANNEL_CHAT) for _ in range(50)))
    assert len({each.interaction.interaction_id for each in answers}) == 1
    assert Counter(each.joined for each in answers) == {True: 49, False: 1}
    assert {each.interaction.messages for each in answers} == set(range(1, 51))
    assert await floor.held_by("ana") == ["luis"]
    assert len(await floor.events("interaction_message_joined")) == 49


@pytest.mark.req("Z6")
async def test_messages_join_what_waits_as_well_as_what_is_held_and_nothing_that_has_ended(floor):
    """Open is all that has not ended."""
    await floor.ventas("ana")
    first = await floor.routed("luis")
    second = await floor.routed("luis")
    assert (outcome(first), outcome(second), second.joined) == ("UNASSIGNED", "UNASSIGNED", True)
    await floor.online("ana")
    await floor.claim("ana")
    third = await floor.routed("luis")
    assert (outcome(third), third.joined, third.interaction.messages) == ("ASSIGNED", True, 3)
    await floor.complete(third.interaction.interaction_id)
    assert not (await floor.routed("luis")).joined


@pytest.mark.req("Z6")
async def test_calls_are_always_new_and_so_are_other_campaigns_and_channels(floor):
    """Only a message joins, and only in its own campaign and channel."""
    addresses = [
        {"channel": channel, "address": f"a{channel}"}
        for channel in (1, CHANNEL_CHAT, CHANNEL_MESSAGING, CHANNEL_EMAIL)
    ]
    await floor.ventas("ana", capacity=100)
    await floor.declare(
        campaigns=[campaign(each, "ventas", addresses=addresses) for each in ("tienda", "ayuda")],
    )
    await floor.online("ana")
    calls = await asyncio.gather(*(floor.call("luis") for _ in range(20)))
    messages = [
        await floor.chat("luis", campaign_id, channel=channel)
        for campaign_id in ("tienda", "ayuda")
        for channel in (CHANNEL_CHAT, CHANNEL_MESSAGING, CHANNEL_EMAIL)
    ]
    assert len({each.interaction_id for each in (*calls, *messages)}) == 26


# Claims and capacity under any concurrency (M9, C1).


@pytest.mark.req("M9")
async def test_of_twenty_parallel_claims_of_one_interaction_one_owns_it_and_nineteen_are_refused(floor):
    """N agents claiming one interaction yield one owner and N-1 typed refusals."""
    agent_ids = [f"a{number}" for number in range(20)]
    await floor.ventas(*agent_ids)
    chat = await floor.chat("luis")
    await floor.online(*agent_ids)
    claims = (floor.claim(each, chat.interaction_id) for each in agent_ids)
    answers = await asyncio.gather(*claims, return_exceptions=True)
    owners = [each.agent_id for each in answers if not isinstance(each, CarteraError)]
    refusals = [each.reason for each in answers if isinstance(each, CarteraError)]
    assert (len(owners), refusals) == (1, ["INTERACTION_NOT_WAITING"] * 19)
    assert await floor.where(chat) == held(owners[0], "CLAIMED")
    assert len(await floor.events("interaction_assigned")) == 1


@pytest.mark.req("M9")
async def test_twenty_parallel_claims_of_the_next_give_each_waiting_interaction_to_one(floor):
    """The dispenser gives nothing twice, and nothing that is not there."""
    agent_ids = [f"a{number}" for number in range(20)]
    await floor.ventas(*agent_ids)
    waiting = [(await floor.chat(f"c{number}")).interaction_id for number in range(7)]
    await floor.online(*agent_ids)
    answers = await asyncio.gather(*map(floor.claim, agent_ids), return_exceptions=True)
    claimed = sorted(each.interaction_id for each in answers if not isinstance(each, CarteraError))
    refusals = [each.reason for each in answers if isinstance(each, CarteraError)]
    assert (claimed, refusals) == (sorted(waiting), ["NOTHING_TO_CLAIM"] * 13)


def most_held(log):
    """The most that each agent held at once, at any revision of the log."""
    holder, load, most = {}, Counter(), Counter()
    for change in log:
        for event in change.events:
            kind = event.WhichOneof("kind")
            happened = getattr(event, kind)
            if kind in ("interaction_assigned", "interaction_transferred_to_agent"):
                load[holder.pop(happened.interaction_id, "")] -= 1
                holder[happened.interaction_id] = happened.agent_id
                load[happened.agent_id] += 1
            elif kind in ("interaction_completed", "interaction_cancelled"):
                load[holder.pop(happened.interaction_id, "")] -= 1
            for agent_id, units in load.items():
                most[agent_id] = max(most[agent_id], units)
    return {agent_id: units for agent_id, units in most.items() if agent_id}


@pytest.mark.req("C1", "C6")
async def test_two_hundred_parallel_routes_at_fifteen_free_slots_fill_them_and_never_more(floor):
    """What exceeds the capacity waits, and is given in order as slots come free."""
    agent_ids = [f"a{number}" for number in range(5)]
    await floor.ventas(*agent_ids, capacity=3)
    await floor.online(*agent_ids)
    answers = await asyncio.gather(*(floor.routed(f"c{number}") for number in range(200)))
    assert Counter(map(outcome, answers)) == {"ASSIGNED": 15, "QUEUED": 185}
    arrived = [each.interaction.contact_id for each in sorted(answers, key=lambda each: each.interaction.sequence)]
    assert Counter([each.interaction.agent_id for each in answers if each.interaction.agent_id]) == dict.fromkeys(
        agent_ids, 3
    )
    first = [each.interaction for each in answers if each.interaction.agent_id]
    await asyncio.gather(*(floor.complete(each.interaction_id) for each in first))
    listed = await floor.administrator.routing.ListInteractions(states=[INTERACTION_STATE_ASSIGNED])
    assert {each.interaction.contact_id for each in listed.views} == set(arrived[15:30]), "the next to have arrived"
    assert most_held(await floor.log()) == dict.fromkeys(agent_ids, 3)


@pytest.mark.req("C1")
async def test_capacity_holds_whatever_is_done_at_once(floor):
    """Routes, claims, transfers, assignments, ends and changes of status from many callers, all at once."""
    agent_ids = [f"a{number}" for number in range(4)]
    await floor.ventas(*agent_ids, capacity=2, queue_when_nobody_online=True, contacts=["sticky", "bound"])
    await floor.owns("a0", "sticky")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="bound", campaign_id="tienda", agent_id="a1")
    await floor.online(*agent_ids)
    routing = floor.administrator.routing
    refusals = []

    async def caller(number):
        chance = random.Random(number)
        for _ in range(8):
            contact_id = chance.choice(["sticky", "bound", "luis", "nora"])
            call = await floor.call(contact_id)
            agent_id = chance.choice(agent_ids)
            steps = [
                floor.claim(agent_id),
                floor.assign(call.interaction_id, agent_id),
                routing.Transfer(interaction_id=call.interaction_id, agent_id=agent_id, note="x"),
                floor.offline(agent_id),
                floor.online(agent_id),
                floor.complete(call.interaction_id),
            ]
            chance.shuffle(steps)
            for step in steps:
                try:
                    await step
                except CarteraError as error:
                    refusals.append(error.code)

    await asyncio.gather(*(caller(number) for number in range(8)))
    assert set(refusals) == {grpc.StatusCode.FAILED_PRECONDITION}
    assert most_held(await floor.log()) == dict.fromkeys(agent_ids, 2)


# The queue (C6, C7, C8).


@pytest.mark.req("C7", "C6")
async def test_a_free_slot_goes_to_the_best_that_waits_before_any_newcomer(floor):
    """In the very change that frees it: whoever arrives at the same moment finds it taken."""
    await floor.ventas("ana")
    await floor.online("ana")
    busy = await floor.chat("luis")
    await floor.chat("low", priority=PRIORITY_LOW)
    await floor.chat("normal")
    best = await floor.chat("high", priority=PRIORITY_HIGH)
    start = await floor.revision()
    _, *newcomers = await asyncio.gather(
        floor.complete(busy.interaction_id), *(floor.chat(f"new{number}") for number in range(10))
    )
    assert {placed(each) for each in newcomers} == {QUEUED}
    assert await floor.where(best) == held("ana", "ROUND_ROBIN")
    freed = next(
        change
        for change in await floor.log()
        if change.revision > start and any(event.HasField("interaction_completed") for event in change.events)
    )
    kinds = [event.WhichOneof("kind") for event in freed.events]
    assert kinds == ["interaction_completed", "interaction_assigned"]


@pytest.mark.req("C7", "K2", "E1")
async def test_what_cannot_be_served_now_never_blocks_those_behind_it(floor):
    """Kept for an absent owner, waiting for a full exclusive agent, or of a channel that nobody takes."""
    await floor.ventas("ana", "carlos", "eva", contacts=["sticky", "bound"], owner_wait=MINUTES_5)
    await floor.owns("carlos", "sticky")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="bound", campaign_id="tienda", agent_id="eva")
    await floor.online("ana", channels=[CHANNEL_CHAT])
    busy = await floor.chat("luis")
    await floor.call("bound", priority=PRIORITY_HIGH)
    blocked = [
        await floor.chat("sticky", priority=PRIORITY_HIGH),
        await floor.call("bound", priority=PRIORITY_HIGH),
        await floor.call("nora", priority=PRIORITY_HIGH),
    ]
    last = await floor.chat("olga", priority=PRIORITY_LOW)
    await floor.complete(busy.interaction_id)
    assert await floor.where(last) == held("ana", "ROUND_ROBIN")
    assert [placed(each)[0] for each in blocked] == ["WAITING_FOR_OWNER", "QUEUED", "UNASSIGNED"]
    assert [await floor.where(each) for each in blocked] == [placed(each) for each in blocked]


@pytest.mark.req("C8", "C6")
async def test_the_position_in_the_queue_is_that_in_which_the_router_serves(floor):
    """It is told in the answer and at any time after, and changes as others come and go."""
    await floor.ventas("ana")
    await floor.online("ana")
    busy = await floor.routed("luis")
    assert not busy.HasField("queue_position")
    first = await floor.routed("nora")
    second = await floor.routed("olga")
    urgent = await floor.routed("pedro", priority=PRIORITY_HIGH)
    assert [each.queue_position.position for each in (first, second, urgent)] == [1, 2, 1]
    assert await positions(floor, first, second, urgent) == [2, 3, 1]
    await floor.complete(busy.interaction.interaction_id)
    assert await positions(floor, first, second) == [1, 2]
    await floor.gateway.routing.CancelInteraction(interaction_id=first.interaction.interaction_id)
    assert await positions(floor, second) == [1]


async def positions(floor, *answers):
    found = []
    for each in answers:
        answer = await floor.gateway.routing.GetInteraction(interaction_id=each.interaction.interaction_id)
        found.append(answer.queue_position.position)
    return found


@pytest.mark.req("C8")
async def test_the_estimated_wait_is_the_position_times_the_handling_over_the_capacity_online(floor):
    """There is none until something has been completed in the workgroup."""
    await floor.ventas("ana", "carlos", "eva")
    await floor.online("ana", "carlos")
    busy = await floor.chat("luis")
    await floor.chat("nora")
    unknown = await floor.routed("olga")
    assert (unknown.queue_position.position, unknown.queue_position.HasField("estimated_wait")) == (1, False)
    await floor.passes(minutes=6)
    await floor.complete(busy.interaction_id)
    answers = [await floor.routed(each) for each in ("pedro", "quique")]
    waits = [each.queue_position.estimated_wait.ToTimedelta() for each in answers]
    assert waits == [timedelta(minutes=3), timedelta(minutes=6)], "6 minutes each, and 2 slots online"
    shown = await floor.gateway.routing.GetInteraction(interaction_id=answers[1].interaction.interaction_id)
    assert shown.queue_position == answers[1].queue_position


@pytest.mark.req("C6")
async def test_ageing_lifts_who_has_waited_long_past_newer_and_more_urgent_ones(floor):
    """So that nobody waits for ever: one priority higher for each whole interval waited."""
    await floor.ventas("ana", ageing_interval=MINUTES_5)
    await floor.online("ana")
    busy = await floor.chat("luis")
    old = await floor.chat("nora", priority=PRIORITY_LOW)
    await floor.passes(minutes=9)
    normal = await floor.chat("olga")
    high = await floor.chat("pedro", priority=PRIORITY_HIGH)
    served = []
    current = busy
    for _ in range(3):
        await floor.complete(current.interaction_id)
        (contact_id,) = await floor.held_by("ana")
        served.append(contact_id)
        current = {"nora": old, "olga": normal, "pedro": high}[contact_id]
    assert served == ["pedro", "nora", "olga"], "after 9 minutes LOW counts as NORMAL, and came first of these"


@pytest.mark.req("G5")
async def test_two_tenants_on_one_service_know_nothing_of_each_other(floor):
    """The same ids in two tenants are two agents, two queues and two logs."""
    await floor.ventas("ana")
    await floor.online("ana")
    await floor.chat("luis")
    configuration = floor.administrator.configuration
    await configuration.CreateTenant(tenant_id="luna", tenant={"name": "Luna"})
    changed = Workgroup(workgroup_id="ventas", method=1)
    await configuration.CreateWorkgroup(tenant_id="luna", workgroup=changed)
    await configuration.CreateCampaign(tenant_id="luna", campaign=campaign("tienda", "ventas"))
    other = await floor.routed("luis", tenant_id="luna")
    assert (outcome(other), other.joined, other.revision) == ("UNASSIGNED", False, 4)
    assert await floor.held_by("ana") == ["luis"]
