"""What goes wrong in this field, as its issue trackers tell it (DESIGN.md, section 9, items 8 to 29): not here.

The items before these are about many callers at once and about failures of the machine; tests/processes has them.
"""

import asyncio
from datetime import timedelta

import pytest

from cartera.command_line.declaration import Mistakes, read_declaration
from cartera.engine.verify import verify
from cartera.routing.v1.agent_pb2 import (
    AGENT_STATUS_OFFLINE,
    AGENT_STATUS_ONLINE,
    Agent,
)
from cartera.routing.v1.channel_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_VOICE,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_URGENT,
    ChannelRule,
)
from cartera.routing.v1.skill_pb2 import SkillRequirement
from cartera.routing.v1.workgroup_pb2 import (
    ASSIGNMENT_METHOD_LEAST_LOAD,
    ASSIGNMENT_METHOD_LONGEST_IDLE,
    LEAVING_POLICY_RETURN,
    LEAVING_POLICY_RETURN_AFTER_DEBOUNCE,
    OverflowStep,
)
from cartera.store.open import open_store
from tests.acceptance.floor import (
    INVALID,
    MINUTES_5,
    OWNER_AWAITED,
    QUEUED,
    UNASSIGNED,
    Floor,
    agent,
    campaign,
    held,
    offered,
    placed,
    portfolio,
    refused,
    workgroup,
)
from tests.fixtures.service import running

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RINGS = 20 * SECOND
RETURN = {"leaving_policy": LEAVING_POLICY_RETURN}
DEBOUNCED = {"leaving_policy": LEAVING_POLICY_RETURN_AFTER_DEBOUNCE, "leaving_debounce": 2 * MINUTE}
BY_TURN = "ROUND_ROBIN"


async def holders(floor, *interactions):
    return [(await floor.where(each))[2] for each in interactions]


@pytest.mark.req("C5", "C4", "G6")
async def test_08_the_end_of_an_interaction_is_never_reported(floor, database_url):
    """A slot is not lost with the desktop that would have reported the end: a gateway or an administrator ends the
    interaction; and where nobody does, the end of the agent's session frees the slot, like a lease.
    """
    await floor.ventas("ana", "bruno", capacity=2, **RETURN)
    await floor.online("ana")
    lost, ended, hung_up = [await floor.chat(each) for each in ("luis", "nora", "olga")]
    await floor.complete(ended.interaction_id)
    assert await floor.where(hung_up) == held("ana", BY_TURN)
    await floor.hangs_up(hung_up.interaction_id)
    await floor.passes(hours=11)
    await floor.online("bruno")
    assert await floor.where(lost) == held("ana", BY_TURN)
    await floor.passes(hours=1)
    assert await floor.where(lost) == held("bruno", BY_TURN)
    assert await floor.held_by("ana") == []
    assert verify(open_store(database_url), floor.tenant_id) == [], "the rows are what the log says"


@pytest.mark.req("M9", "C1", "G5")
async def test_09_the_race_lost_after_reserving(floor, database_url):
    """Who loses the race for an interaction, on whichever replica, has no slot taken for it."""
    async with running(database_url) as other:
        across = Floor(other)
        await floor.ventas("ana", "bruno")
        luis, nora = await floor.chat("luis"), await floor.chat("nora")
        for each in ("ana", "bruno"):
            await floor.online(each)
        race = await asyncio.gather(
            floor.claim("ana", luis.interaction_id), across.claim("bruno", luis.interaction_id), return_exceptions=True
        )
        await across.leave()
    (won,) = [each.agent_id for each in race if not isinstance(each, Exception)]
    lost = "bruno" if won == "ana" else "ana"
    assert [each.reason for each in race if isinstance(each, Exception)] == ["INTERACTION_NOT_WAITING"]
    assert placed(await floor.claim(lost, nora.interaction_id)) == held(lost, "CLAIMED")


@pytest.mark.req("C9")
async def test_10_the_caller_hangs_up_during_an_offer(floor):
    """The offer is gone at once and the agent free for the next caller; it missed nothing."""
    await floor.ventas("ana", offer_timeout=RINGS, offer_miss_limit=1)
    await floor.online("ana")
    luis, nora = await floor.call("luis"), await floor.call("nora")
    assert (placed(luis), placed(nora)) == (offered("ana"), QUEUED)
    await floor.hangs_up(luis.interaction_id)
    assert await floor.where(nora) == offered("ana")
    with refused("INTERACTION_NOT_OFFERED"):
        await floor.accept("ana", luis.interaction_id)
    await floor.hangs_up(nora.interaction_id)
    await floor.passes(minutes=1)
    ana = await floor.presence("ana")
    assert (ana.status, ana.misses) == (AGENT_STATUS_ONLINE, 0)


@pytest.mark.req("C9", "C3")
async def test_11_the_agent_changes_its_status_during_an_offer(floor):
    """One withdrawal, and the offer goes to the next; no loop between two who come and go."""
    await floor.ventas("ana", "bruno", offer_timeout=RINGS, queue_when_nobody_online=True)
    await floor.online("ana", "bruno")
    luis = await floor.chat("luis")
    before = await floor.revision()
    await floor.pause("ana")
    assert await floor.where(luis) == offered("bruno")
    await floor.offline("bruno")
    assert await floor.kinds(before) == [
        *("agent_status_changed", "interaction_offer_withdrawn", "interaction_offered"),
        *("agent_status_changed", "interaction_offer_withdrawn", "interaction_queued"),
    ]
    await floor.passes(minutes=5)
    assert await floor.online("ana") == ["luis"]
    assert placed(await floor.accept("ana", luis.interaction_id)) == held("ana", BY_TURN)


@pytest.mark.req("C7", "M8", "K2", "E1")
async def test_12_the_head_of_the_queue_can_not_be_served(floor):
    """What demands a skill that nobody has, is kept for an owner or an exclusive agent, or is of a channel that nobody
    takes now, holds up none of those behind it.
    """
    await floor.ventas("ana", "eva", capacity=1, contacts=["kept", "exclusive"], owner_wait=MINUTES_5)
    await floor.owns("eva", "kept")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="exclusive", campaign_id="tienda", agent_id="eva")
    await floor.online("eva", "ana", channels=[CHANNEL_CHAT])
    busy = [await floor.chat("busy-1"), await floor.chat("busy-2")]
    stuck = [
        await floor.chat("latin", priority=PRIORITY_URGENT, skills=[SkillRequirement(skill="latín", level=1)]),
        await floor.chat("kept", priority=PRIORITY_URGENT),
        await floor.chat("exclusive", priority=PRIORITY_URGENT),
        await floor.call("call", priority=PRIORITY_URGENT),
    ]
    behind = await floor.chat("behind", priority=PRIORITY_LOW)
    assert placed(behind) == QUEUED
    (of_ana,) = [each for each in busy if each.agent_id == "ana"]
    await floor.complete(of_ana.interaction_id)
    assert await floor.where(behind) == held("ana", BY_TURN)
    assert await holders(floor, *stuck) == ["", "", "", ""]


@pytest.mark.req("C7", "C6")
async def test_13_a_slot_comes_free(floor):
    """The oldest who may have it has it in that instant; of many newcomers of that moment none passes."""
    await floor.ventas("ana")
    await floor.online("ana")
    first, oldest = await floor.chat("first"), await floor.chat("oldest")
    _, *newcomers = await asyncio.gather(
        floor.complete(first.interaction_id), *(floor.chat(f"newcomer-{number}") for number in range(8))
    )
    assert await floor.where(oldest) == held("ana", BY_TURN)
    assert {placed(each) for each in newcomers} == {QUEUED}
    completed = (await floor.events("interaction_completed"))[0]
    assert completed.interaction_id == first.interaction_id
    assert [each.interaction_id for each in await floor.events("interaction_assigned")] == [
        first.interaction_id,
        oldest.interaction_id,
    ]


@pytest.mark.req("C6", "C3", "C7")
async def test_14_all_agents_return_after_none_was_there(floor):
    """The queue that grew meanwhile drains in its order, by priority and then by arrival, whoever comes first."""
    agents = [f"a{number}" for number in range(4)]
    await floor.ventas(*agents, capacity=2, queue_when_nobody_online=True)
    waiting = [await floor.chat(f"c{number}", priority=PRIORITY_HIGH if number % 3 else 0) for number in range(8)]
    order = sorted(waiting, key=lambda each: (-each.priority, each.sequence))
    given = await asyncio.gather(*(floor.online(each) for each in agents))
    assert sorted(contact_id for each in given for contact_id in each) == [f"c{number}" for number in range(8)]
    assigned = [each.interaction_id for each in await floor.events("interaction_assigned")]
    assert assigned == [each.interaction_id for each in order]


@pytest.mark.req("K2", "P8", "C11", "G6")
@pytest.mark.parametrize("status", ["busy", "paused", "offline"])
async def test_15_the_owner_is_offline_full_or_on_a_break(floor, status):
    """It is kept for the owner for as long as that state is waited for, over a restart; then overflow has it, of which
    nobody gets it during the wait.
    """
    waits = {"busy": 3 * MINUTE, "paused": 2 * MINUTE, "offline": 1 * MINUTE}
    await floor.declare(
        agents=[agent("ana"), agent("zoe")],
        workgroups=[
            workgroup("extra", "zoe"),
            workgroup(
                "ventas",
                "ana",
                overflow_steps=[OverflowStep(after=30 * SECOND, add_workgroup_id="extra")],
                **{f"owner_wait_{each}": wait for each, wait in waits.items()},
            ),
        ],
        campaigns=[campaign("tienda", "ventas")],
        contacts=[{"contact_id": "luis", "name": "Luis"}],
    )
    await floor.owns("ana", "luis")
    await floor.online("zoe")
    if status != "offline":
        await floor.online("ana")
        await (floor.chat("otro") if status == "busy" else floor.pause("ana"))
    luis = await floor.chat("luis")
    assert placed(luis) == OWNER_AWAITED
    await floor.passes(seconds=30)
    assert await floor.where(luis) == OWNER_AWAITED
    await floor.service.stop()
    floor.service.clock.move(waits[status] - 31 * SECOND)
    await floor.service.start()
    await floor.passes()
    assert await floor.where(luis) == OWNER_AWAITED
    await floor.passes(seconds=1)
    assert await floor.where(luis) == held("zoe", BY_TURN)


@pytest.mark.req("P6", "P8", "K1")
async def test_16_the_first_sticky_source_is_offline(floor):
    """Where one owner is away the next is tried, then the backup; not the queue, where somebody is free too."""
    await floor.ventas("eva", "ana", "bruno", "carla", contacts=["luis"], owner_wait=MINUTES_5)
    await floor.declare(portfolios=[portfolio("vip", "ana", "bruno", backup_agent_ids=["carla"])])
    await floor.give("vip", "luis")
    await floor.online("eva", "carla", "bruno")
    luis = await floor.chat("luis")
    assert placed(luis) == held("bruno", "OWNER")
    await floor.complete(luis.interaction_id)
    await floor.offline("bruno")
    luis = await floor.chat("luis")
    assert placed(luis) == held("carla", "BACKUP_OWNER")
    again = await floor.call("luis")
    assert placed(again) == OWNER_AWAITED
    assert await floor.online("ana") == ["luis"]


@pytest.mark.req("C5")
async def test_17_logging_out_with_open_work(floor):
    """It stays with the agent for the debounce, and then goes by the policy: to the next, in its old place."""
    await floor.ventas("ana", "bruno", **DEBOUNCED)
    await floor.online("ana", "bruno")
    luis, olga = await floor.chat("luis"), await floor.chat("olga")
    await floor.passes(minutes=1)
    nora = await floor.chat("nora")
    await floor.offline("ana")
    await floor.passes(seconds=119)
    assert await floor.where(luis) == held("ana", BY_TURN)
    await floor.passes(seconds=1)
    assert (await floor.interaction(luis.interaction_id)).arrived_at == luis.arrived_at
    await floor.complete(olga.interaction_id)
    assert await holders(floor, luis, nora) == ["bruno", ""]


@pytest.mark.req("C3", "C5")
async def test_18_flapping_presence_and_two_devices(floor):
    """Two devices of one agent, going on and off at once, make one presence: nothing is given twice, what it held
    stays, and saying what is so already changes nothing.
    """
    await floor.ventas("ana", capacity=2, queue_when_nobody_online=True, **DEBOUNCED)
    await floor.online("ana")
    luis = await floor.chat("luis")
    nora = await floor.chat("nora")

    async def device(statuses):
        for status in statuses:
            await floor.agent("ana").agents.SetAgentStatus(agent_id="ana", status=status)

    flapping = [AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE] * 4
    await asyncio.gather(device(flapping), device(flapping[::-1]), device(flapping))
    await floor.online("ana")
    before = await floor.revision()
    await floor.online("ana")
    assert await floor.revision() == before
    await floor.passes(minutes=5)
    assert await floor.held_by("ana") == ["nora", "luis"]
    changes = await floor.events("agent_status_changed")
    assert all(each.presence.status != each.previous_status for each in changes)
    assert [each.previous_status for each in changes[1:]] == [each.presence.status for each in changes[:-1]]
    assigned = [each.interaction_id for each in await floor.events("interaction_assigned")]
    assert assigned == [luis.interaction_id, nora.interaction_id]


@pytest.mark.req("C4", "G6")
async def test_19_the_session_of_12_hours_across_a_restart_and_a_step_of_the_clock(floor):
    """A clock that is set back neither prolongs nor repeats anything: time in a tenant never runs backwards, and the
    session ends when it was to end.
    """
    await floor.ventas("ana", capacity=9)
    await floor.online("ana")
    ends_at = (await floor.presence("ana")).session_ends_at
    await floor.passes(hours=11, minutes=40)
    floor.service.clock.move(timedelta(hours=-5))
    await floor.service.restart()
    await floor.passes()
    await floor.chat("luis")
    assert (await floor.presence("ana")).session_ends_at == ends_at
    await floor.passes(hours=5, minutes=19)
    assert (await floor.presence("ana")).status == AGENT_STATUS_ONLINE
    await floor.passes(minutes=1)
    assert (await floor.presence("ana")).status == AGENT_STATUS_OFFLINE
    assert len(await floor.events("agent_session_alerted")) == 1
    times = [change.occurred_at.ToNanoseconds() for change in await floor.log()]
    assert times == sorted(times)


@pytest.mark.req("C14")
async def test_20_return_from_a_long_break(floor):
    """Who comes back after a long break is not flooded: it is behind those who worked on, and is given one thing at a
    time.
    """
    await floor.ventas(*("ana", "bruno"), capacity=5, method=ASSIGNMENT_METHOD_LONGEST_IDLE, pacing=10 * SECOND)
    await floor.online("ana")
    await floor.pause("ana")
    await floor.online("bruno")
    await floor.passes(hours=3)
    await floor.chat("of-bruno")
    await floor.passes(minutes=1)
    await floor.online("ana")
    given = []
    for number in range(4):
        given.append((await floor.chat(f"c{number}")).agent_id)
        await floor.passes(seconds=5)
    assert given == ["bruno", "ana", "bruno", "ana"]


@pytest.mark.req("M2", "C9")
async def test_21_ties_spread_and_who_does_not_answer_is_passed_over(floor):
    """Among agents alike each has a turn, and who let an offer ring out is not the next to be asked again."""
    await floor.ventas(*("ana", "bruno", "eva"), capacity=9, method=ASSIGNMENT_METHOD_LEAST_LOAD, offer_timeout=RINGS)
    await floor.online("ana", "bruno", "eva")
    luis = await floor.chat("luis")
    assert placed(luis) == offered("ana", "LEAST_LOAD")
    asked = []
    for _ in range(2):
        await floor.passes(seconds=20)
        asked.append((await floor.where(luis))[2])
    assert asked == ["bruno", "eva"]
    await floor.accept("eva", luis.interaction_id)
    await floor.passes(minutes=1)
    spread = []
    for number in range(4):
        chat = await floor.chat(f"c{number}")
        await floor.accept(chat.agent_id, chat.interaction_id)
        spread.append(chat.agent_id)
        await floor.passes(seconds=1)
    assert spread == ["ana", "bruno", "eva", "ana"]


@pytest.mark.req("M1")
async def test_22_an_agent_in_several_workgroups(floor):
    """What an agent is given in one workgroup doesn't move its turn, or anybody's, in another."""
    await floor.ventas("ana", "bruno", "eva", capacity=9)
    await floor.declare(
        workgroups=[workgroup("soporte", "eva", "ana")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "soporte")],
    )
    await floor.online("ana", "bruno", "eva")
    routes = ["tienda", "ayuda", "ayuda", "tienda", "ayuda", "tienda", "tienda"]
    given = [(route, (await floor.chat(f"c{number}", route)).agent_id) for number, route in enumerate(routes)]
    assert [agent_id for route, agent_id in given if route == "tienda"] == ["ana", "bruno", "eva", "ana"]
    assert [agent_id for route, agent_id in given if route == "ayuda"] == ["eva", "ana", "eva"]


@pytest.mark.req("C1", "C2", "C13", "G3")
async def test_23_a_limit_given_as_text_zero_negative_or_missing(floor):
    """A capacity that is missing, zero or negative, and a limit that is negative, are refused where they are set; a
    limit of zero is none; and a number written as a word is no number.
    """
    for capacity in (None, 0, -1, -(2**31), 10_001):
        with refused("INVALID_FIELD", code=INVALID) as raised:
            await floor.administrator.agents.CreateAgent(agent=Agent(agent_id="ana", capacity=capacity))
        assert [each.field for each in raised.value.field_violations] == ["agent.capacity"]
    for rule in ({"cost": 0}, {"cost": -1}, {}, {"cost": 1, "limit": -1}):
        broken = ChannelRule(channel=CHANNEL_VOICE, **rule)
        with refused("INVALID_FIELD", code=INVALID):
            await floor.declare(agents=[agent("ana", 1, channel_rules=[broken])])
    for limit in ({"queue_limit": -1}, {"offer_miss_limit": -1}):
        with refused("INVALID_FIELD", code=INVALID):
            await floor.declare(workgroups=[workgroup("ventas", **limit)])
    for text in ("tres", "3.5", "true", "null"):
        with pytest.raises(Mistakes):
            read_declaration(f"agents: [{{agent_id: ana, capacity: {text}}}]")
    await floor.ventas("ana", capacity=2, queue_limit=0, offer_miss_limit=0)
    no_limit = [ChannelRule(channel=CHANNEL_CHAT, cost=1, limit=0)]
    await floor.declare(agents=[agent("ana", 2, channel_rules=no_limit)])
    await floor.online("ana")
    assert [placed(await floor.chat(each))[0] for each in ("c1", "c2", "c3")] == ["ASSIGNED", "ASSIGNED", "QUEUED"]


@pytest.mark.req("C1", "C11", "T1", "T4", "M9", "M10", "E1")
async def test_24_every_path_respects_capacity(floor):
    """A full agent is given nothing by a transfer to it, to its campaign or its workgroup, by a claim, by an
    administrator, as exclusive agent, by overflow, or by the return of what somebody else held.
    """
    await floor.declare(
        agents=[agent("ana"), agent("zoe", 3)],
        workgroups=[
            workgroup("llena", "ana"),
            workgroup("ventas", "zoe", overflow_steps=[OverflowStep(after=MINUTE, add_workgroup_id="llena")], **RETURN),
        ],
        campaigns=[campaign("tienda", "ventas", "llena"), campaign("ayuda", "llena")],
        contacts=[{"contact_id": "luis", "name": "Luis"}],
    )
    await floor.online("ana", "zoe")
    assert placed(await floor.chat("full", "ayuda")) == held("ana", BY_TURN)
    one, two, three = [await floor.chat(each) for each in ("one", "two", "three")]
    with refused("AGENT_AT_CAPACITY"):
        await floor.transfer(one.interaction_id, agent_id="ana")
    assert placed(await floor.transfer(one.interaction_id, campaign_id="ayuda")) == QUEUED
    assert placed(await floor.transfer(two.interaction_id, workgroup_id="llena")) == QUEUED
    with refused("AGENT_AT_CAPACITY"):
        await floor.claim("ana", one.interaction_id)
    with refused("AGENT_AT_CAPACITY"):
        await floor.assign(two.interaction_id, "ana")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="luis", campaign_id="tienda", agent_id="ana")
    luis = await floor.chat("luis")
    await floor.offline("zoe")
    await floor.passes(minutes=1)
    waiting = one, two, three, luis
    assert await holders(floor, *waiting) == [""] * 4
    assert await floor.held_by("ana") == ["full"]


@pytest.mark.req("T1", "T2", "T4")
async def test_25_a_transfer_to_a_full_or_an_empty_target(floor):
    """A transfer to a full agent is refused and leaves the source as it was; one to a workgroup or campaign without
    anybody leaves the source free and waits there, to be claimed, with its time of arrival.
    """
    await floor.ventas("ana", "bruno", "eva")
    await floor.declare(
        workgroups=[workgroup("nadie"), workgroup("soporte", "eva")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "nadie")],
    )
    await floor.online("ana", "bruno")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    before = await floor.interaction(luis.interaction_id), await floor.revision()
    with refused("AGENT_AT_CAPACITY"):
        await floor.transfer(luis.interaction_id, agent_id="bruno")
    with refused("AGENT_NOT_ONLINE"):
        await floor.transfer(luis.interaction_id, agent_id="eva")
    assert (await floor.interaction(luis.interaction_id), await floor.revision()) == before
    assert placed(await floor.transfer(luis.interaction_id, workgroup_id="nadie")) == UNASSIGNED
    assert placed(await floor.transfer(nora.interaction_id, campaign_id="ayuda")) == UNASSIGNED
    for each in (luis, nora):
        assert (await floor.interaction(each.interaction_id)).arrived_at == each.arrived_at
    assert placed(await floor.chat("olga")) == held("ana", BY_TURN)


@pytest.mark.req("C9", "C6")
async def test_26_a_rejected_interaction_keeps_its_place(floor):
    """Who was rejected by everybody is the first to be offered again, ahead of those who came later."""
    await floor.ventas("ana", "bruno", offer_timeout=RINGS)
    await floor.online("ana", "bruno")
    luis = await floor.chat("luis")
    await floor.passes(seconds=1)
    await floor.reject("ana", luis.interaction_id)
    await floor.reject("bruno", luis.interaction_id)
    await floor.passes(seconds=1)
    nora = await floor.chat("nora")
    answer = await floor.administrator.routing.GetInteraction(interaction_id=luis.interaction_id)
    assert (placed(nora), answer.queue_position.position) == (QUEUED, 1)
    await floor.passes(seconds=29)
    assert await holders(floor, luis, nora) == ["ana", "bruno"]


@pytest.mark.req("C10", "T1")
async def test_27_wrap_up_holds_across_workgroups_and_transfers(floor):
    """While Ana wraps up, another workgroup gives her nothing and nobody transfers her anything; who passes an
    interaction on wraps nothing up.
    """
    await floor.ventas("ana", "bruno", wrap_up=MINUTE)
    await floor.declare(
        workgroups=[workgroup("soporte", "ana", "bruno")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "soporte")],
    )
    await floor.online("ana", "bruno")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    await floor.complete(luis.interaction_id)
    pedro = await floor.chat("pedro", "ayuda")
    with refused("AGENT_AT_CAPACITY"):
        await floor.transfer(nora.interaction_id, agent_id="ana")
    assert placed(pedro) == QUEUED
    await floor.passes(minutes=1)
    assert await floor.where(pedro) == held("ana", BY_TURN)
    await floor.complete(nora.interaction_id)
    await floor.passes(minutes=1)
    await floor.transfer(pedro.interaction_id, agent_id="bruno")
    assert placed(await floor.chat("olga", "ayuda")) == held("ana", BY_TURN), "her slot was free at once"


@pytest.mark.req("C6", "Z4")
async def test_28_priority_with_ageing(floor):
    """The VIP is first, and yet nobody is last for ever: after long enough even a LOW one is ahead of a new VIP."""
    await floor.ventas("ana", ageing_interval=MINUTES_5)
    await floor.online("ana")
    busy = await floor.chat("busy")
    low = await floor.chat("low", priority=PRIORITY_LOW)
    await floor.passes(minutes=14)
    vip = await floor.chat("vip", priority=PRIORITY_URGENT)
    await floor.complete(busy.interaction_id)
    assert await holders(floor, vip, low) == ["ana", ""]
    await floor.passes(minutes=1)
    new_vip = await floor.chat("new-vip", priority=PRIORITY_URGENT)
    await floor.complete(vip.interaction_id)
    assert await holders(floor, low, new_vip) == ["ana", ""]


@pytest.mark.req("T5", "G2")
async def test_29_a_duplicate_completion_counts_once(floor):
    """Of many who complete one interaction at once one does, and its retry is given the same answer; one slot is freed,
    for one who waits.
    """
    await floor.ventas("ana")
    await floor.online("ana")
    luis, nora, olga = [await floor.chat(each) for each in ("luis", "nora", "olga")]
    answers = await asyncio.gather(
        *(floor.complete(luis.interaction_id, request_id=f"r{number % 3}") for number in range(6)),
        return_exceptions=True,
    )
    refusals = [each.reason for each in answers if isinstance(each, Exception)]
    done = [each for each in answers if not isinstance(each, Exception)]
    assert (set(refusals), len(refusals)) == ({"INTERACTION_ENDED"}, 4)
    assert done[0] == done[1]
    assert len(await floor.events("interaction_completed")) == 1
    assert await holders(floor, nora, olga) == ["ana", ""]
