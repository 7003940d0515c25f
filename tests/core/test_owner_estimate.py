"""How long until the owner is likely to be free, against the next agent (P8)."""

from datetime import timedelta

import pytest

from cartera.core.commands import AssignPortfolio, CompleteInteraction
from cartera.core.queue import owner_estimate
from cartera.core.records import OwnerEstimate, Portfolio, WorkgroupActivity
from cartera.core.vocabulary import AssignmentMethod, Channel, RoutingReason
from tests.core.specification import given
from tests.core.tenants import chat, contacts, goes_offline, goes_online, pauses, ventas

pytestmark = pytest.mark.req("P8")

MINUTE = timedelta(minutes=1)
ZERO = timedelta()
HANDLING = WorkgroupActivity("ventas", completed=1, mean_handling=8 * MINUTE)


def full(*, handling=HANDLING, capacity=1, **owners):
    """Ana has been full for two minutes and Bruno for one when Luis writes, whom Ana owns."""
    story = given(
        ventas("ana", "bruno", owner_wait=30 * MINUTE, capacity=capacity),
        *([handling] if handling else []),
        contacts("luis"),
        Portfolio("vip", **(owners or {"owner_agent_ids": ("ana",)})),
    )
    for agent_id in ("ana", "bruno"):
        story.when(goes_online(agent_id))
        for number in range(capacity):
            story.when(chat(f"{agent_id}-{number}"), after=MINUTE)
    return story.when(AssignPortfolio("vip", ("luis",)), chat("luis"), after=MINUTE)


def estimate(story, contact_id="luis"):
    return owner_estimate(story.state, story.interaction(contact_id), story.now)


def test_owner_against_next_agent():
    """The owner is likely free once what it holds has taken as long as the mean; the next agent by the queue's
    estimate, which has two agents' slots.
    """
    assert estimate(full()) == OwnerEstimate(owner_free_in=6 * MINUTE, next_agent_in=4 * MINUTE)


def test_the_longest_held_counts():
    """Of several that the owner holds, the one held longest is likely to end first."""
    story = full(capacity=2)
    assert story.now - story.interaction("ana-0").assigned_at == 4 * MINUTE
    assert estimate(story).owner_free_in == 4 * MINUTE


def test_never_less_than_nothing():
    """An owner who has taken longer than the mean already may be free any moment."""
    story = full().passes(20 * MINUTE)
    assert estimate(story).owner_free_in == ZERO


def test_nothing_is_known_before_anything_is_completed():
    """While nothing has been completed in the workgroup there is nothing to estimate from."""
    assert estimate(full(handling=None)) == OwnerEstimate(None, None)


@pytest.mark.parametrize("leaves", [goes_offline, pauses])
def test_owner_who_is_not_online(leaves):
    """Nobody knows when an owner comes back who is not online."""
    story = full().when(leaves("ana"))
    assert estimate(story).owner_free_in is None
    assert estimate(story).next_agent_in is not None


def test_owner_who_does_not_take_the_channel():
    """An owner who is online for other channels is not likely to be free for this one."""
    story = full().when(goes_online("ana", Channel.VOICE))
    assert estimate(story).owner_free_in is None


def test_member_who_is_available():
    """The next agent is there at once where a member is available while the owner is awaited."""
    story = full()
    story.when(CompleteInteraction(story.id_of("bruno-0"), "Venta"))
    assert estimate(story).next_agent_in == ZERO
    assert estimate(story).owner_free_in > ZERO


OWNERS = [{"owner_agent_ids": ("bruno", "ana")}, {"owner_workgroup_ids": ("ventas",)}]


@pytest.mark.parametrize("owners", OWNERS)
def test_the_first_of_several_owners(owners):
    """Of several owners, or of a team, the one counts who is likely to be free first."""
    assert estimate(full(**owners)).owner_free_in == 6 * MINUTE


@pytest.mark.req("M4")
def test_last_agent_who_is_full():
    """Where it is the contact's last agent who is awaited, that one counts as the owner."""
    story = given(ventas("ana", method=AssignmentMethod.LAST_AGENT, owner_wait=30 * MINUTE), contacts("luis"))
    story.when(goes_online("ana"), chat("luis"))
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), chat("otro"), after=8 * MINUTE)
    story.when(chat("luis"), after=3 * MINUTE)
    assert story.interaction("luis").reason is RoutingReason.LAST_AGENT_FULL
    assert estimate(story).owner_free_in == 5 * MINUTE


def test_who_waits_for_no_owner():
    """What is assigned, or waits in the queue for anybody, has no estimate of an owner."""
    story = full().when(chat("otro"))
    assert estimate(story, "otro") is None
    assert estimate(story, "ana-0") is None
    assert estimate(story.passes(30 * MINUTE)) is None
