"""Audit (G7): who did what to configuration, ownership and assignment, when and why."""

from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from cartera.core.audit import AUDITED
from cartera.core.events import NUMBERS
from cartera.core.vocabulary import AuditedObject
from cartera.rpc import audit
from tests.fixtures.service import START
from tests.rpc.failures import failing

pytestmark = pytest.mark.req("G7")

CHAT, VOICE = 2, 1
NOT_AUDITED = ("agent_", "contact_", "interaction_", "message_")
"""How the kinds begin of what agents, contacts and the router do day by day."""


@pytest.fixture
async def story(acme, clock):
    """What several people do to a tenant, a minute after one another."""
    root, sofia = acme.acting_as("administrator", "root"), acme.acting_as("supervisor", "sofia")
    ana = acme.acting_as("agent", "ana")
    clock.move(timedelta(minutes=1))
    await root.UpdateAgent(agent={"agent_id": "carla", "capacity": 1}, why="a new desk")
    clock.move(timedelta(minutes=1))
    await sofia.UpdateWorkgroup(workgroup={"workgroup_id": "sales", "method": 2}, update_mask={"paths": ["method"]})
    clock.move(timedelta(minutes=1))
    await ana.AssignPortfolio(portfolio_id="gold", contact_ids=["c1"], why="asked for it")
    routed = await acme.RouteInteraction(campaign_id="ayuda", contact_id="c2", channel=CHAT)
    await root.AssignInteraction(interaction_id=routed.interaction.interaction_id, agent_id="bea", why="only she can")
    return acme


async def audited(caller, **asked):
    """What is listed: who, what and why, the newest first."""
    answer = await caller.ListAudit(**asked)
    return [told(change) for change in answer.changes]


def told(change):
    return change.actor.subject_id, [event.WhichOneof("kind") for event in change.events], change.why


ASSIGNED = ("root", ["interaction_assigned"], "only she can")
GOLD = ("ana", ["ownership_changed"], "asked for it")
METHOD = ("sofia", ["workgroup_saved"], "")
DESK = ("root", ["agent_saved"], "a new desk")


async def test_it_tells_who_did_what_and_why(story):
    """The newest first, without what the router did by its rules and what agents do day by day."""
    *newest, first = await audited(story)
    assert newest == [ASSIGNED, GOLD, METHOD, DESK]
    assert set(first[1]) >= {"tenant_saved", "agent_saved", "workgroup_saved", "campaign_saved", "portfolio_saved"}


async def test_filters_that_are_set_must_all_hold(story):
    """By who did it, in which role, to what kind of thing and to which, and when."""
    root = {"actor_id": "root"}
    assert await audited(story, **root) == [ASSIGNED, DESK]
    assert await audited(story, actor_role=2) == [METHOD]
    assert await audited(story, **root, object_type=AuditedObject.AGENT) == [DESK]
    assert await audited(story, **root, object_type=AuditedObject.AGENT, object_id="bea") == [ASSIGNED]
    assert await audited(story, object_id="c1", actor_role=3) == [GOLD]
    assert await audited(story, object_type=AuditedObject.CONTACT, object_id="gold") == []
    second = {"start_time": after(minutes=2), "end_time": after(minutes=3)}
    assert await audited(story, **second) == [METHOD]
    assert await audited(story, end_time=after(minutes=2)) == (await audited(story))[-2:]
    assert await audited(story, start_time=after(hours=1)) == await audited(story, end_time=after(hours=-1)) == []


def after(**time):
    moment = Timestamp()
    moment.FromDatetime(START + timedelta(**time))
    return moment


@pytest.mark.req("K7")
async def test_a_supervisor_is_shown_what_concerns_its_workgroups(story):
    """Its agents, their interactions and portfolios, and its workgroups; what is of others is left out."""
    await story.acting_as("administrator", "root").UpdateWorkgroup(
        workgroup={"workgroup_id": "support", "method": 1}, update_mask={"paths": ["method"]}
    )
    of_sofia = await audited(story.acting_as("supervisor", "sofia"))
    assert of_sofia[:2] == [GOLD, METHOD]
    assert of_sofia[2][1].count("workgroup_saved") == 1
    nobodys = await audited(story.acting_as("supervisor", "nobody"))
    assert {kind for _, kinds, _ in nobodys for kind in kinds} == {"tenant_saved", "campaign_saved"}
    for role in ("agent", "gateway"):
        async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
            await story.acting_as(role, "ana").ListAudit()


async def test_a_call_looks_through_a_part_of_the_log(story, monkeypatch):
    """However little it finds there; page by page the whole is told, nothing twice."""
    monkeypatch.setattr(audit, "LOOKED_THROUGH", 2)
    monkeypatch.setattr(audit, "READ", 1)
    found, token, pages = [], "", 0
    while pages == 0 or token:
        page = await story.ListAudit(page_token=token, actor_id="root")
        found += map(told, page.changes)
        token, pages = page.next_page_token, pages + 1
    assert (found, pages) == ([ASSIGNED, DESK], 3)
    first = await story.ListAudit(page_size=1)
    second = await story.ListAudit(page_size=1, page_token=first.next_page_token)
    assert [*map(told, first.changes), *map(told, second.changes)] == [ASSIGNED, GOLD]


def test_every_kind_of_event_is_audited_or_daily_business():
    """Whoever adds an event decides which."""
    kinds = {audit.KINDS[each] for each in NUMBERS if each not in AUDITED}
    assert not [kind for kind in kinds if not kind.startswith(NOT_AUDITED)]
    assert not [kind for kind in kinds if kind.endswith(("_saved", "_deleted")) and not kind.startswith("contact")]
