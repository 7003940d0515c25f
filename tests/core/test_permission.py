"""Permission in the core: what the table of docs/permissions.md leaves to say (G7)."""

import pytest

from cartera.core.caller import Caller
from cartera.core.commands import (
    AssignPortfolio,
    ClaimInteraction,
    CompleteInteraction,
    RouteInteraction,
    SetAgentStatus,
    SetExclusiveAgent,
    UpdateResource,
)
from cartera.core.events import AgentStatusChanged, ContactAssignedToPortfolio, OwnershipChanged, WorkgroupSaved
from cartera.core.records import Actor, ExclusiveAgent, OverflowStep, Workgroup
from cartera.core.vocabulary import AgentStatus, Channel, ConflictPolicy, ErrorReason, Role
from tests.core.specification import START, agent_actor, given, supervisor_actor
from tests.core.tenants import agents, campaign, chat, contacts, goes_online, online, portfolio, ventas, workgroup

pytestmark = pytest.mark.req("G7")

SARA = supervisor_actor("sara")
DENIED, UNKNOWN = ErrorReason.PERMISSION_DENIED, ErrorReason.UNKNOWN_REFERENCE


def two_workgroups(**fields):
    """Sara supervises «ventas» of ana and bruno; eva is in «soporte», which is not hers."""
    return given(
        ventas("ana", "bruno", supervisor_ids=("sara",), **fields),
        agents(eva=1),
        workgroup("soporte", "eva"),
        campaign("ayuda", "soporte"),
        contacts("luis", "nora"),
        portfolio("norte", "ana"),
        portfolio("sur", "eva", holds=["nora"]),
        online("ana", "eva"),
    )


def of_ventas(story, **fields):
    return UpdateResource(story.get(Workgroup, "ventas")._replace(**fields), tuple(fields))


@pytest.mark.req("K7")
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"member_ids": ("ana", "bruno", "eva")}, "workgroup.member_ids[2]"),
        ({"member_ids": ("ana", "bruno", "nadie")}, "workgroup.member_ids[2]"),
        ({"overflow_steps": (OverflowStep(START - START, "soporte"),)}, "workgroup.overflow_steps[0].add_workgroup_id"),
        ({"overflow_steps": (OverflowStep(START - START, "nada"),)}, "workgroup.overflow_steps[0].add_workgroup_id"),
    ],
)
def test_a_supervisor_gets_hold_of_nobody_elses(fields, named):
    """It can't have its workgroup name agents or workgroups of others; they are to it as if they were not there."""
    story = two_workgroups()
    story.rejects(of_ventas(story, **fields), (UNKNOWN, named), by=SARA)


@pytest.mark.req("K7")
def test_what_a_workgroup_names_already_stays():
    """An administrator may have put others in: a supervisor changes the rest, and takes them out."""
    story = two_workgroups()
    story.when(of_ventas(story, member_ids=("ana", "bruno", "eva"), default_agent_ids=("eva",)))
    story.when(of_ventas(story, name="Ventas y más"), by=SARA).then(WorkgroupSaved)
    story.when(of_ventas(story, member_ids=("ana",), default_agent_ids=()), by=SARA).then(WorkgroupSaved)


@pytest.mark.req("K7")
def test_a_supervisor_makes_nobody_supervisor():
    """Who supervises a workgroup is an administrator's to say."""
    story = two_workgroups()
    story.rejects(of_ventas(story, supervisor_ids=("sara", "tomas")), (DENIED, "workgroup/ventas"), by=SARA)


def test_a_token_that_names_workgroups_is_what_counts():
    """A supervisor of workgroups has those that its token names, and not those that name it."""
    named = Caller(SARA, workgroup_ids=frozenset({"soporte"}))
    story = two_workgroups()
    pause = {each: SetAgentStatus(each, AgentStatus.PAUSED, "almuerzo") for each in ("ana", "eva")}
    story.rejects(pause["ana"], (DENIED, "agent/ana"), by=named)
    story.when(pause["eva"], by=named).then(AgentStatusChanged)


def test_a_gateway_of_campaigns_brings_into_these_only():
    """Whether there are others or not; and says of their agents only that they come and go."""
    gateway = Caller(Actor(Role.GATEWAY, "chat"), campaign_ids=frozenset({"tienda"}))
    story = two_workgroups()
    for other in ("ayuda", "nada"):
        story.rejects(RouteInteraction(other, "luis", Channel.CHAT), (DENIED, f"campaign/{other}"), by=gateway)
    for agent_id in ("eva", "nadie"):
        story.rejects(goes_online(agent_id), (DENIED, f"agent/{agent_id}"), by=gateway)
    story.when(goes_online("bruno"), by=gateway).then(AgentStatusChanged)
    story.when(chat("luis", campaign_id="ayuda"))
    for interaction_id in (story.id_of("luis"), "i999"):
        complete = CompleteInteraction(interaction_id, "Venta")
        story.rejects(complete, (DENIED, f"interaction/{interaction_id}"), by=gateway)


@pytest.mark.req("P5", "P2")
def test_a_supervisor_assigns_into_and_out_of_its_agents_portfolios():
    """What is in another's is a conflict, whatever the policy."""
    story = two_workgroups()
    story.rejects(AssignPortfolio("sur", ("luis",)), (DENIED, "portfolio/sur"), by=SARA)
    moved = AssignPortfolio("norte", ("luis", "nora"), ConflictPolicy.MOVE)
    story.when(moved, by=SARA).then(ContactAssignedToPortfolio, OwnershipChanged)


@pytest.mark.req("E1")
def test_an_exclusive_agent_is_taken_from_nobody():
    """An agent makes itself a contact's exclusive agent, where no colleague is."""
    story = two_workgroups()
    story.rejects(SetExclusiveAgent("luis", "tienda", "eva"), (DENIED, "agent/eva"), by=agent_actor("ana"))
    story.when(SetExclusiveAgent("luis", "tienda", "eva"))
    taken = SetExclusiveAgent("luis", "tienda", "ana")
    story.rejects(taken, (DENIED, "exclusive_agent/luis"), by=agent_actor("ana"))
    assert story.get(ExclusiveAgent, "luis", "tienda").agent_id == "eva"


@pytest.mark.req("M9")
def test_a_supervisor_claims_for_its_agents():
    """For others not, whatever waits."""
    story = two_workgroups(queue_when_nobody_online=True)
    story.rejects(ClaimInteraction("eva"), (DENIED, "agent/eva"), by=SARA)
    story.rejects(ClaimInteraction("ana"), (ErrorReason.NOTHING_TO_CLAIM, "agent/ana"), by=SARA)
