"""Business hours and triggers, call by call: a shop in Bogotá, and its callers at four in the morning."""

import pytest

from cartera.routing.v1.business_hours_pb2 import (
    DAY_OF_WEEK_MONDAY,
    DAY_OF_WEEK_TUESDAY,
    OUTSIDE_HOURS_QUEUE,
    OUTSIDE_HOURS_REFUSE,
    OUTSIDE_HOURS_WORKGROUP,
)
from cartera.routing.v1.channel_pb2 import PRIORITY_HIGH, PRIORITY_NORMAL
from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.portfolio_pb2 import ExclusiveAgent, PortfolioContact
from cartera.routing.v1.trigger_pb2 import Trigger
from tests.acceptance.floor import agent, campaign, contact, held, placed, portfolio, refused, workgroup

pytestmark = pytest.mark.req("C12")

CLOSED = ("QUEUED", "OUTSIDE_HOURS", "")
OPENING = [{"day": day, "opens": "08:00", "closes": "18:00"} for day in (DAY_OF_WEEK_MONDAY, DAY_OF_WEEK_TUESDAY)]


def shop(outside, **fields):
    hours = {"time_zone": "America/Bogota", "opening_hours": OPENING, "outside": outside, **fields}
    return campaign("tienda", "ventas", hours=hours)


@pytest.fixture
async def night(floor):
    """Ana is online in the shop, which opens in four hours, and Noa at the night desk."""
    await floor.declare(
        agents=[agent("ana", 5), agent("noa", 5)],
        workgroups=[workgroup("ventas", "ana"), workgroup("noche", "noa")],
        campaigns=[shop(OUTSIDE_HOURS_QUEUE)],
        contacts=[contact("luis")],
    )
    await floor.online("ana", "noa")
    return floor


async def test_what_arrives_at_night_is_given_in_the_morning(night):
    """The example of docs/routing.md: what arrives before the opening waits, over a restart too, and is given then."""
    early = await night.chat("luis")
    assert placed(early) == CLOSED
    await night.passes(hours=3, minutes=59)
    await night.service.restart()
    assert await night.where(early) == CLOSED
    await night.passes(minutes=1)
    assert await night.where(early) == held("ana", "ROUND_ROBIN")
    assert len(await night.events("interaction_hours_began")) == 1


async def test_agents_may_claim_at_night(night):
    """An agent may take before the opening what waits for it."""
    early = await night.chat("luis")
    await night.claim("ana", early.interaction_id)
    assert await night.where(early) == held("ana", "CLAIMED")


async def test_another_workgroup_has_the_night(night):
    """The campaign may name a workgroup for what arrives outside its hours."""
    await night.declare(campaigns=[shop(OUTSIDE_HOURS_WORKGROUP, outside_workgroup_id="noche")])
    assert placed(await night.chat("luis")) == held("noa", "ROUND_ROBIN")
    await night.passes(hours=4)
    assert placed(await night.chat("elena")) == held("ana", "ROUND_ROBIN")


async def test_a_closed_campaign_refuses(night):
    """The campaign may refuse what arrives outside its hours; the answer says when it opens."""
    await night.declare(campaigns=[shop(OUTSIDE_HOURS_REFUSE)])
    with refused("CAMPAIGN_CLOSED") as raised:
        await night.chat("luis")
    assert raised.value.metadata["opens_at"] == "2026-03-02T13:00:00+00:00"
    await night.passes(hours=4)
    assert placed(await night.chat("luis")) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("E1")
async def test_an_exclusive_agent_knows_no_hours(night):
    """Who has an exclusive agent is given to it at night too."""
    exclusive = ExclusiveAgent(contact_id="luis", campaign_id="tienda", agent_id="noa")
    await night.declare(campaigns=[shop(OUTSIDE_HOURS_REFUSE)], exclusive_agents=[exclusive])
    assert placed(await night.chat("luis")) == held("noa", "EXCLUSIVE_AGENT")


@pytest.mark.req("Z2", "M8")
async def test_triggers_see_language_hours_priority_and_attributes(night):
    """The example of docs/routing.md: a trigger sees language, hours, priority and attributes; it may demand skills."""
    await night.declare(
        contacts=[
            Contact(contact_id="luis", language="es-CO", attributes=[{"name": "plan", "value": "oro"}]),
            contact("elena"),
        ],
        triggers=[
            Trigger(
                trigger_id="oro",
                active=True,
                all_of=[
                    {"language": {"languages": ["es"]}},
                    {"hours": {"time_zone": "America/Bogota", "opening_hours": OPENING, "outside": True}},
                    {"priority": {"priorities": [PRIORITY_NORMAL]}},
                    {"attribute": {"name": "plan", "any_of": ["oro"]}},
                ],
                actions={"priority": PRIORITY_HIGH, "skills": [{"skill": "fidelización", "level": 4}]},
            )
        ],
    )
    golden, other = await night.chat("luis"), await night.chat("elena", language="es")
    assert (golden.priority, other.priority) == (PRIORITY_HIGH, PRIORITY_NORMAL)
    assert [(each.skill, each.level) for each in golden.skills] == [("fidelización", 4)]
    assert (golden.language, other.language) == ("es-CO", "es")
    await night.passes(hours=5)
    assert (await night.chat("luis")).interaction_id == golden.interaction_id


@pytest.mark.req("P1", "P9")
async def test_places_are_declared(night):
    """Contacts come into portfolios by a declaration; one that is declared elsewhere is moved, and none removed."""
    place = PortfolioContact(contact_id="luis", portfolio_id="de-ana", comment="Llamar tarde")
    await night.declare(portfolios=[portfolio("de-ana", "ana"), portfolio("de-noa", "noa")], portfolio_contacts=[place])
    before = await night.revision()
    await night.declare(portfolio_contacts=[place])
    assert (await night.revision(), await night.portfolio_of("luis")) == (before, "de-ana")
    await night.declare(portfolio_contacts=[PortfolioContact(contact_id="luis", portfolio_id="de-noa")])
    await night.declare(contacts=[contact("luis")])
    assert await night.portfolio_of("luis") == "de-noa"
