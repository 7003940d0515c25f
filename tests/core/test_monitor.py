"""W2: the monitoring table, and C14's figure of fairness."""

from datetime import UTC, datetime, timedelta

import pytest

from cartera.core.caller import Caller
from cartera.core.commands import CancelInteraction, ClaimInteraction, CompleteInteraction
from cartera.core.fairness import fairness
from cartera.core.monitor import Making, Scope, monitor
from cartera.core.records import Agent, AgentPresence, Interaction, Tenant, Workgroup, WorkgroupActivity
from cartera.core.state import State
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    Channel,
    Direction,
    InteractionState,
    Priority,
    RoutingReason,
)
from tests.core.specification import START, given, supervisor_actor
from tests.core.tenants import agents, campaign, chat, goes_offline, goes_online, online, pauses, ventas, workgroup

pytestmark = pytest.mark.req("W2")

DAY = START.replace(hour=0)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def state_of(*records):
    state = State()
    state.load_tenant(each for group in records for each in (group if isinstance(group, list) else [group]))
    return state


def table(story, **scope):
    return monitor(story.state, story.now, Scope(**scope))


def row(story, agent_id):
    (found,) = [each for each in table(story).agents if each.agent_id == agent_id]
    return found


def queue(story, workgroup_id="ventas"):
    (found,) = [each for each in table(story).workgroups if each.workgroup_id == workgroup_id]
    return found


def interaction(number, state, *, waited=timedelta(), workgroup_id="ventas", **fields):
    since = START - waited
    named = {
        "interaction_id": f"i{number}",
        "sequence": number,
        "campaign_id": "tienda",
        "workgroup_id": workgroup_id,
        "contact_id": f"c{number}",
        "channel": Channel.CHAT,
        "address": "web-chat",
        "direction": Direction.INBOUND,
        "priority": Priority.NORMAL,
        "tags": (),
        "organization_id": "",
        "trigger_ids": (),
        "state": state,
        "reason": RoutingReason.NO_AGENT_AVAILABLE,
        "arrived_at": since - HOUR,
        "state_since": since,
        "waiting_since": since,
    }
    return Interaction(**named | fields)


# Agents


def test_an_agent_says_what_it_does():
    """An agent's row has its status with its reason, since when, and the channels that it takes."""
    story = given(ventas("ana", "bea")).when(goes_online("ana", Channel.CHAT), after=MINUTE).when(pauses("bea"))
    ana, bea = row(story, "ana"), row(story, "bea")
    assert (ana.name, ana.status, ana.status_since) == ("Ana", AgentStatus.ONLINE, START + MINUTE)
    assert (ana.channels, ana.available) == ((Channel.CHAT,), True)
    assert (bea.status, bea.reason_code, bea.channels, bea.available) == (AgentStatus.PAUSED, "almuerzo", (), False)


def test_who_never_came_has_a_row():
    """An agent who was never connected is offline, since no time."""
    ana = row(given(ventas("ana")), "ana")
    assert (ana.status, ana.status_since, ana.online_today) == (AgentStatus.OFFLINE, None, None)


def test_load_is_units_of_capacity():
    """An agent's load is what it holds of its capacity; full, it isn't available."""
    story = given(ventas("ana", capacity=2), online("ana")).when(chat("c1"))
    assert (row(story, "ana").units_in_use, row(story, "ana").capacity, row(story, "ana").available) == (1, 2, True)
    story.when(chat("c2"))
    assert (row(story, "ana").units_in_use, row(story, "ana").assigned, row(story, "ana").available) == (2, 2, False)


def test_what_is_held_is_told_by_state():
    """Offered, assigned and in wrap-up each have a number of their own."""
    held = [
        interaction(1, InteractionState.OFFERED, agent_id="ana"),
        interaction(2, InteractionState.ASSIGNED, agent_id="ana"),
        interaction(3, InteractionState.ASSIGNED, agent_id="ana"),
        interaction(4, InteractionState.WRAP_UP, agent_id="ana"),
    ]
    (ana,) = monitor(state_of(ventas("ana", capacity=9), online("ana"), held), START).agents
    assert (ana.offered, ana.assigned, ana.wrap_up, ana.units_in_use) == (1, 2, 1, 4)


def test_assignments_of_today_are_counted():
    """Each assignment counts, also the claimed and those that are over."""
    story = given(ventas("ana", capacity=2), online("ana")).when(chat("c1"), chat("c2"), chat("c3"))
    assert row(story, "ana").assigned_today == 2
    story.when(CompleteInteraction(story.id_of("c1"), "Venta", "", ""))
    assert (row(story, "ana").assigned_today, row(story, "ana").assigned) == (3, 2)


def test_time_online_runs_and_stays():
    """The time online of today grows while the agent is online, stands while not, and goes on where it stood."""
    story = given(ventas("ana")).when(goes_online("ana"))
    assert row(story.passes(HOUR), "ana").online_today == HOUR
    story.when(pauses("ana"))
    assert row(story.passes(HOUR), "ana").online_today == HOUR
    story.when(goes_online("ana"))
    assert row(story.passes(HOUR), "ana").online_today == 2 * HOUR
    story.when(goes_offline("ana"))
    assert row(story.passes(HOUR), "ana").online_today == 2 * HOUR


def test_figures_of_yesterday_are_gone_at_midnight():
    """At midnight of the tenant's time zone the figures of the day begin anew, without anything happening."""
    tenant = Tenant("Clínica Sol", "1001", time_zone="America/Bogota")
    story = given([tenant, *ventas("ana")[1:]], online("ana")).when(chat("c1"))
    assert (table(story).day_started_at, row(story, "ana").assigned_today) == (DAY + 5 * HOUR, 1)
    assert queue(story).assigned_today == 1
    story.passes(20 * HOUR)
    assert (table(story).day_started_at, row(story, "ana").assigned_today) == (DAY + 29 * HOUR, 0)
    assert row(story, "ana").online_today == timedelta()
    assert (queue(story).assigned_today, queue(story).service_level) == (0, None)


# Workgroups


def test_waiting_is_told_by_state():
    """What waits is counted by state, what is offered too, and what is assigned not."""
    states = [
        InteractionState.WAITING_FOR_OWNER,
        InteractionState.QUEUED,
        InteractionState.QUEUED,
        InteractionState.UNASSIGNED,
    ]
    waiting = [interaction(number, state) for number, state in enumerate(states, 1)]
    held = [
        interaction(7, InteractionState.OFFERED, agent_id="ana"),
        interaction(8, InteractionState.ASSIGNED, agent_id="ana"),
    ]
    (found,) = monitor(state_of(ventas("ana", capacity=9), online("ana"), waiting, held), START).workgroups
    assert (found.waiting_for_owner, found.queued, found.unassigned, found.offered) == (1, 2, 1, 1)


def test_longest_wait_is_of_this_wait():
    """The longest wait counts from when an interaction came to be routed here, not from its arrival; offers count."""
    tenant = ventas("ana", method=AssignmentMethod.MANUAL)
    waiting = [
        interaction(1, InteractionState.QUEUED, waited=5 * SECOND),
        interaction(2, InteractionState.QUEUED, waited=50 * SECOND),
    ]
    assert monitor(state_of(tenant, waiting), START).workgroups[0].longest_wait == 50 * SECOND
    offered = interaction(3, InteractionState.OFFERED, waited=MINUTE, agent_id="ana")
    assert monitor(state_of(tenant, waiting, offered), START).workgroups[0].longest_wait == MINUTE


def test_an_empty_queue_has_no_longest_wait():
    """Where nothing waits there is no longest wait; one that was just assigned doesn't count."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"))
    assert queue(story).longest_wait is None


def test_what_waits_is_what_the_router_serves():
    """The queue that is shown is the router's own: it shrinks as slots come free."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"), chat("c3")).passes(MINUTE)
    assert (queue(story).queued, queue(story).longest_wait) == (2, MINUTE)
    story.when(CompleteInteraction(story.id_of("c1"), "Venta", "", ""))
    assert (queue(story).queued, queue(story).assigned_today) == (1, 2)


def test_unassigned_ones_wait():
    """What became unassigned because nobody was online waits, and stops when it is claimed."""
    story = given(ventas("ana")).when(chat("c1")).passes(MINUTE)
    assert (queue(story).unassigned, queue(story).longest_wait) == (1, MINUTE)
    story.when(goes_online("ana")).when(ClaimInteraction("ana"))
    assert (queue(story).unassigned, queue(story).assigned_today) == (0, 1)


def test_service_level_is_the_share_within_the_target():
    """Of those answered today, the share that waited no longer than the target."""
    story = given(ventas("ana", "bea", service_level_target=MINUTE), online("ana", "bea"))
    assert queue(story).service_level is None
    story.when(chat("c1"), chat("c2"), chat("c3"), chat("c4"))
    assert queue(story).service_level == 1.0
    story.passes(MINUTE).when(CompleteInteraction(story.id_of("c1"), "Venta", "", ""))
    assert queue(story).service_level == 1.0
    story.passes(SECOND).when(CompleteInteraction(story.id_of("c2"), "Venta", "", ""))
    assert (queue(story).assigned_today, queue(story).service_level) == (4, 0.75)
    assert queue(story).service_level_target == MINUTE


def test_abandoned_are_those_who_left_waiting():
    """A contact who leaves while it waits is abandoned; one who was attended is not."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"))
    story.when(CancelInteraction(story.id_of("c2")), CancelInteraction(story.id_of("c1")))
    assert queue(story).abandoned_today == 1


def test_members_online_and_available_are_counted():
    """Online counts presence; available counts who would be given something now."""
    story = given(ventas("ana", "bea", "eva"), online("ana", "bea")).when(chat("c1")).when(pauses("eva"))
    assert (queue(story).agents_online, queue(story).agents_available) == (2, 1)


# What is shown


FLOOR = [
    *agents(ana=1, bea=1, eva=1, leo=1),
    workgroup("ventas", "ana", "bea", supervisor_ids=("sofia",)),
    workgroup("soporte", "bea", "eva", supervisor_ids=("marta",)),
    campaign("tienda", "ventas"),
]


SOFIA = Caller(supervisor_actor("sofia"))


def shown(**scope):
    found = monitor(state_of(Tenant("Clínica Sol"), FLOOR), START, Scope(**scope))
    return [each.workgroup_id for each in found.workgroups], [each.agent_id for each in found.agents]


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        ({}, (["soporte", "ventas"], ["ana", "bea", "eva", "leo"])),
        ({"workgroup_ids": ["ventas"]}, (["ventas"], ["ana", "bea"])),
        ({"workgroup_ids": ["no-such"]}, ([], [])),
        ({"agent_ids": ["bea"]}, (["soporte", "ventas"], ["bea"])),
        ({"agent_ids": ["leo"]}, ([], ["leo"])),
        ({"agent_ids": ["eva", "no-such"], "workgroup_ids": ["ventas", "soporte"]}, (["soporte"], ["eva"])),
        ({"supervisor": SOFIA}, (["ventas"], ["ana", "bea"])),
        ({"supervisor": SOFIA, "workgroup_ids": ["ventas", "soporte"]}, (["ventas"], ["ana", "bea"])),
        ({"supervisor": SOFIA, "workgroup_ids": ["soporte"]}, ([], [])),
        ({"supervisor": SOFIA, "agent_ids": ["eva"]}, ([], [])),
        ({"supervisor": Caller(supervisor_actor("nadie"))}, ([], [])),
    ],
)
@pytest.mark.req("K7")
def test_the_rows_are_those_in_scope(scope, rows):
    """Filters that are set must all hold, and a supervisor sees the workgroups that it manages and their members."""
    assert shown(**scope) == rows


@pytest.mark.req("Z5")
def test_a_supervisor_learns_of_no_other_workgroup():
    """The row of a member doesn't name the workgroups that the supervisor doesn't manage."""
    found = monitor(state_of(Tenant("Clínica Sol"), FLOOR), START, Scope(supervisor=SOFIA))
    assert [each.workgroup_ids for each in found.agents] == [("ventas",), ("ventas",)]
    everything = monitor(state_of(Tenant("Clínica Sol"), FLOOR), START)
    assert [each.workgroup_ids for each in everything.agents] == [("ventas",), ("ventas", "soporte"), ("soporte",), ()]


def test_a_filter_on_agents_leaves_the_figures_of_the_workgroup_whole():
    """A workgroup's figures are of all its members, also of those who are not shown."""
    state = state_of(Tenant("Clínica Sol"), FLOOR, online("ana", "bea"))
    (found,) = monitor(state, START, Scope(agent_ids=("ana",))).workgroups
    assert found.agents_online == 2


# Fairness


@pytest.mark.req("C14")
@pytest.mark.parametrize(
    ("members", "index"),
    [
        ([(4, 2 * HOUR), (8, 4 * HOUR)], 1.0),
        ([(6, HOUR), (0, HOUR)], 0.5),
        ([(6, HOUR), (0, HOUR), (0, HOUR)], 1 / 3),
        ([(2, HOUR), (1, HOUR)], 0.9),
        ([(6, HOUR), (9, None)], None),
        ([(6, HOUR), (9, timedelta())], None),
        ([(0, HOUR), (0, HOUR)], None),
        ([], None),
    ],
)
def test_fairness_is_jains_index(members, index):
    """1 where all have the same number of assignments per hour online, 1/n where one of n has them all; none where
    fewer than two were online, or nothing was given out.
    """
    assert fairness(members) == (None if index is None else pytest.approx(index))


@pytest.mark.req("C14")
def test_fairness_is_of_members_who_were_online_today():
    """A workgroup's figure counts its members by the hours that each was online."""
    today = {"day_started_at": DAY}
    presences = [
        AgentPresence("ana", AgentStatus.ONLINE, status_since=START - HOUR, assigned_today=4, **today),
        AgentPresence("bea", AgentStatus.PAUSED, online_today=2 * HOUR, assigned_today=4, **today),
        AgentPresence("eva", AgentStatus.OFFLINE, assigned_today=9, **today),
    ]
    (found,) = monitor(state_of(ventas("ana", "bea", "eva"), presences), START).workgroups
    assert found.fairness == pytest.approx(6**2 / (2 * (4**2 + 2**2)))


@pytest.mark.req("C14")
def test_a_rotation_is_fair():
    """A workgroup that takes turns among agents who are online all day long has a fairness of 1."""
    story = given(ventas("ana", "bea", "eva", capacity=100), online("ana", "bea", "eva")).passes(HOUR)
    story.when(*(chat(f"c{number}") for number in range(30)))
    assert queue(story).fairness == pytest.approx(1.0)


# The whole


def test_the_table_says_when_it_was_made():
    """A table says of what time it is, and when the day began of which it tells."""
    found = monitor(state_of(ventas("ana")), datetime(2026, 3, 2, 17, 45, tzinfo=UTC))
    assert (found.as_of, found.day_started_at) == (datetime(2026, 3, 2, 17, 45, tzinfo=UTC), DAY)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_table_that_is_made_in_parts_is_the_same(size):
    """However few rows are made at a time, the whole is what is made at once."""
    state = state_of(Tenant("Clínica Sol"), FLOOR, online("ana", "bea"), interaction(1, InteractionState.QUEUED))
    making = Making(state, START, Scope())
    while making.left:
        making.take(making.part(state, size))
    assert making.made() == monitor(state, START)


def test_who_is_deleted_while_a_table_is_made_has_no_row():
    """Between two parts of a table an agent may leave the tenant: its row is left out."""
    state = state_of(Tenant("Clínica Sol"), FLOOR)
    making = Making(state, START, Scope())
    making.take(making.part(state, 1))
    state.remove(Agent, "leo")
    making.take(making.part(state, making.left))
    assert [each.agent_id for each in making.made().agents] == ["ana", "bea", "eva"]


def test_activity_of_another_day_is_not_shown():
    """Counters that were last touched on another day are not today's."""
    yesterday = WorkgroupActivity(
        "ventas", day_started_at=DAY - 24 * HOUR, assigned_today=5, within_target_today=5, abandoned_today=2
    )
    state = state_of(Tenant("Clínica Sol"), Agent("ana"), Workgroup("ventas", member_ids=("ana",)), yesterday)
    (found,) = monitor(state, START).workgroups
    assert (found.assigned_today, found.abandoned_today, found.service_level) == (0, 0, None)
