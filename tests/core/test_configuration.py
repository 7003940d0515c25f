"""Configuration: resources refer to what there is, and are changed from their last version."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    ApplyConfiguration,
    CompleteInteraction,
    Configuration,
    CreateResource,
    DeleteResource,
    UpdateResource,
)
from cartera.core.events import (
    AgentSaved,
    TenantSaved,
    TriggerDeleted,
    WorkgroupSaved,
)
from cartera.core.handle import needs
from cartera.core.records import (
    Agent,
    BusinessHours,
    Campaign,
    CampaignAddress,
    CampaignCondition,
    ChannelAgents,
    Condition,
    Contact,
    Disposition,
    ExclusiveAgent,
    Interaction,
    LastAgentRule,
    OpeningHours,
    Organization,
    OrganizationCondition,
    OverflowStep,
    Portfolio,
    PortfolioContact,
    Script,
    Tenant,
    Trigger,
    TriggerActions,
    Workgroup,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    DayOfWeek,
    ErrorReason,
    InteractionState,
    OutsideHours,
)
from tests.core.specification import START, given
from tests.core.tenants import (
    DISPOSITIONS,
    TENANT,
    agents,
    campaign,
    chat,
    contacts,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

UNKNOWN, DUPLICATE = ErrorReason.UNKNOWN_REFERENCE, ErrorReason.DUPLICATE_VALUE
MINUTE = timedelta(minutes=1)


def in_campaign(*campaign_ids):
    return Condition(campaign=CampaignCondition(campaign_ids))


def of_organization(*organization_ids):
    return Condition(organization=OrganizationCondition(organization_ids))


REFERENCES = [
    (
        workgroup("w", "ana", "nadie", "nada"),
        [(UNKNOWN, "workgroup.member_ids[1]"), (UNKNOWN, "workgroup.member_ids[2]")],
    ),
    (campaign("c", "nada"), [(UNKNOWN, "campaign.workgroup_ids[0]")]),
    (
        Trigger(
            "t",
            all_of=(in_campaign("tienda", "x"),),
            any_of=(of_organization("y"), of_organization("z")),
            actions=TriggerActions("nada"),
        ),
        [
            (UNKNOWN, "trigger.actions.workgroup_id"),
            (UNKNOWN, "trigger.all_of[0].campaign.campaign_ids[1]"),
            (UNKNOWN, "trigger.any_of[0].organization.organization_ids[0]"),
            (UNKNOWN, "trigger.any_of[1].organization.organization_ids[0]"),
        ],
    ),
    (
        Portfolio(
            "p",
            owner_agent_ids=("nadie",),
            owner_workgroup_ids=("ventas", "nada"),
            backup_agent_ids=("ana", "nunca"),
        ),
        [
            (UNKNOWN, "portfolio.owner_agent_ids[0]"),
            (UNKNOWN, "portfolio.owner_workgroup_ids[1]"),
            (UNKNOWN, "portfolio.backup_agent_ids[1]"),
        ],
    ),
    (Contact("c", organization_id="nada"), [(UNKNOWN, "contact.organization_id")]),
    (
        campaign(
            "c", "ventas", addresses=(*[CampaignAddress(Channel.CHAT, "a")] * 2, CampaignAddress(Channel.VOICE, "a"))
        ),
        [(DUPLICATE, "campaign.addresses[1]")],
    ),
    (
        campaign("c", "ventas", dispositions=(*DISPOSITIONS, Disposition("Venta"))),
        [(DUPLICATE, "campaign.dispositions[2]")],
    ),
]
REFERENCE_IDS = ["workgroup", "campaign", "trigger", "portfolio", "contact", "addresses", "dispositions"]


@pytest.mark.req("G3")
@pytest.mark.parametrize(("resource", "violations"), REFERENCES, ids=REFERENCE_IDS)
def test_all_that_is_wrong_with_a_resource(resource, violations):
    """A resource that names what is not there, or says a thing twice, is refused with the path of each field."""
    given(ventas("ana")).rejects(CreateResource(resource), *violations)


@pytest.mark.req("G3")
@pytest.mark.parametrize(("resource", "violations"), REFERENCES[:1])
def test_update_is_checked_too(resource, violations):
    """An update is checked as a creation is."""
    given(ventas("ana"), workgroup("w")).rejects(UpdateResource(resource), *violations)


def test_violation_names_what_is_missing():
    """An unknown reference says what it names."""
    story = given(ventas("ana")).rejects(CreateResource(workgroup("w", "nadie")), (UNKNOWN, "workgroup.member_ids[0]"))
    assert story.violations[0].data == {"value": "agent/nadie"}


def test_created_once():
    """An id that is taken is refused."""
    story = given(ventas("ana"))
    story.rejects(CreateResource(Agent("ana")), (ErrorReason.RESOURCE_ALREADY_EXISTS, "agent/ana"))
    story.rejects(CreateResource(Tenant("Otra")), (ErrorReason.RESOURCE_ALREADY_EXISTS, "tenant"))


def test_tenant_begins():
    """A tenant begins by being created or applied, and by nothing else."""
    given().when(CreateResource(TENANT)).then(TenantSaved(TENANT._replace(etag="1")))
    given().when(ApplyConfiguration(Configuration(TENANT, tuple(agents(ana=1))))).then(TenantSaved, AgentSaved)
    nothing = (ErrorReason.TENANT_NOT_FOUND, "tenant")
    given().rejects(CreateResource(Agent("ana")), nothing)
    given().rejects(ApplyConfiguration(Configuration(agents=tuple(agents(ana=1)))), nothing)
    given().rejects(UpdateResource(TENANT, allow_missing=True), nothing)


def test_update_of_named_fields():
    """An update changes the fields of its mask, and without a mask all."""
    story = given(ventas("ana", capacity=3))
    story.when(UpdateResource(Agent("ana", "Ana María", 7), ("name",))).then(AgentSaved)
    assert story.get(Agent, "ana")[:3] == ("ana", "Ana María", 3)
    story.when(UpdateResource(Agent("ana", "Ana", 7)))
    assert story.get(Agent, "ana")[:3] == ("ana", "Ana", 7)


def test_update_that_changes_nothing():
    """An update to what is so already changes nothing."""
    given(ventas("ana", capacity=3)).when(UpdateResource(Agent("ana", "Ana", 3))).then()


def test_unknown_field_in_the_mask():
    """Each name in an update's mask that is no field is refused."""
    invalid = (ErrorReason.INVALID_FIELD, "update_mask")
    story = given(ventas("ana")).rejects(UpdateResource(Agent("ana"), ("name", "nada", "x.y")), invalid, invalid)
    assert [each.data for each in story.violations] == [{"value": "nada"}, {"value": "x.y"}]


def test_update_of_what_is_missing():
    """An update of what is not there is refused, or creates it where that is allowed."""
    story = given(ventas("ana"))
    story.rejects(UpdateResource(Agent("zoe")), (ErrorReason.RESOURCE_NOT_FOUND, "agent/zoe"))
    story.when(UpdateResource(Agent("zoe"), allow_missing=True)).then(AgentSaved(Agent("zoe", etag="1")))


def test_etag():
    """A change from an older version is refused, and names the newer; without an etag there is no such check."""
    story = given(ventas("ana")).when(UpdateResource(Agent("ana", "Uno")))
    first = story.get(Agent, "ana")
    story.when(UpdateResource(first._replace(name="Dos")))
    second = story.get(Agent, "ana")
    mismatch = (ErrorReason.ETAG_MISMATCH, "agent/ana")
    story.rejects(UpdateResource(first._replace(name="Tres")), mismatch)
    assert story.violations[0].data == {"etag": second.etag}
    story.rejects(DeleteResource(Agent, ("ana",), first.etag), mismatch)
    story.when(UpdateResource(second._replace(name="Tres", etag=""))).then(AgentSaved)


def overflow(*workgroup_ids):
    return tuple(OverflowStep(MINUTE, each) for each in workgroup_ids)


def open_on_monday(**fields):
    opening = (OpeningHours(DayOfWeek.MONDAY, "09:00", "18:00"),)
    return BusinessHours(**{"time_zone": "America/Bogota", "opening_hours": opening, **fields})


IN_USE = [
    (Agent, "ana", "workgroup/ventas", []),
    (Workgroup, "ventas", "campaign/tienda", []),
    (Workgroup, "w", "portfolio/p", [workgroup("w"), Portfolio("p", owner_workgroup_ids=("w",))]),
    (Workgroup, "w", "trigger/t", [workgroup("w"), Trigger("t", actions=TriggerActions("w"))]),
    (Campaign, "c", "trigger/t", [campaign("c", "ventas"), Trigger("t", any_of=(in_campaign("c"),))]),
    (Organization, "o", "trigger/t", [Organization("o"), Trigger("t", any_of=(of_organization("o"),))]),
    (Organization, "o", "contact/c", [Organization("o"), Contact("c", organization_id="o")]),
    (Agent, "zoe", "portfolio/p", [*agents(zoe=1), Portfolio("p", owner_agent_ids=("zoe",))]),
    (Agent, "zoe", "portfolio/own", [*agents(zoe=1), Portfolio("own", personal_agent_id="zoe")]),
    (Agent, "zoe", "exclusive_agent/c/tienda", [*agents(zoe=1), *contacts("c"), ExclusiveAgent("c", "tienda", "zoe")]),
    (Campaign, "x", "exclusive_agent/c/x", [campaign("x", "ventas"), *contacts("c"), ExclusiveAgent("c", "x", "ana")]),
    (Workgroup, "w", "workgroup/x", [workgroup("w"), workgroup("x", overflow_steps=overflow("w"))]),
    (Workgroup, "w", "workgroup/y", [workgroup("w"), workgroup("y", last_agent=LastAgentRule((), ("w",)))]),
    (Agent, "zoe", "workgroup/x", [*agents(zoe=1), workgroup("x", last_agent=LastAgentRule(("zoe",)))]),
    (Agent, "zoe", "workgroup/y", [*agents(zoe=1), workgroup("y", default_agent_ids=("zoe",))]),
    (
        Agent,
        "zoe",
        "workgroup/z",
        [*agents(zoe=1), workgroup("z", channel_agents=(ChannelAgents(Channel.CHAT, ("zoe",)),))],
    ),
    (
        Workgroup,
        "w",
        "campaign/c",
        [workgroup("w"), campaign("c", "ventas")._replace(hours=open_on_monday(outside_workgroup_id="w"))],
    ),
    (Agent, "zoe", "portfolio/q", [*agents(zoe=1), Portfolio("q", backup_agent_ids=("zoe",))]),
    (Contact, "c", "portfolio_contact/c", [*contacts("c"), *portfolio("p", holds=["c"])]),
    (Portfolio, "p", "portfolio_contact/c", [*contacts("c"), *portfolio("p", holds=["c"])]),
    (
        Script,
        "s",
        "portfolio_contact/c",
        [Script("s"), *contacts("c"), *portfolio("p"), PortfolioContact("c", "p", "", "s")],
    ),
]


@pytest.mark.parametrize(
    ("resource_type", "identifier", "used_by", "records"),
    IN_USE,
    ids=[f"{each[0].__name__} by {each[2]}" for each in IN_USE],
)
def test_what_is_in_use_is_not_deleted(resource_type, identifier, used_by, records):
    """What something refers to is not deleted, and the refusal names what does."""
    story = given(ventas("ana"), records)
    kind = resource_type.__name__.lower()
    story.rejects(DeleteResource(resource_type, (identifier,)), (ErrorReason.RESOURCE_IN_USE, f"{kind}/{identifier}"))
    assert story.violations[0].data == {"used_by": used_by}


def test_open_interactions_hold_on():
    """What an open interaction names is not deleted; once it has ended it is."""
    story = given(TENANT, workgroup("w"), campaign("c", "w"), contacts("carlos"), agents(ana=1), online("ana"))
    story.when(UpdateResource(workgroup("w", "ana")), chat("carlos", "c"))
    story.when(UpdateResource(workgroup("w")))
    in_use = ErrorReason.RESOURCE_IN_USE
    for resource_type, identifier in ((Agent, "ana"), (Contact, "carlos"), (Campaign, "c")):
        subject = f"{resource_type.__name__.lower()}/{identifier}"
        story.rejects(DeleteResource(resource_type, (identifier,)), (in_use, subject))
    story.when(CompleteInteraction(story.id_of("carlos"), "Venta"))
    for resource_type, identifier in ((Agent, "ana"), (Contact, "carlos"), (Campaign, "c"), (Workgroup, "w")):
        story.when(DeleteResource(resource_type, (identifier,)))
    assert story.get(Workgroup, "w") is None


def test_workgroup_that_an_interaction_was_sent_to():
    """A workgroup that only an open interaction names is not deleted."""
    trigger = Trigger("t", active=True, actions=TriggerActions("w"))
    story = given(ventas("ana"), workgroup("w"), trigger).when(chat("c1"), DeleteResource(Trigger, ("t",)))
    story.rejects(DeleteResource(Workgroup, ("w",)), (ErrorReason.RESOURCE_IN_USE, "workgroup/w"))
    assert story.violations[0].data == {"used_by": "interaction/i1"}


def test_deleted():
    """What nothing refers to is deleted; what is not there is not found."""
    story = given(ventas("ana"), Trigger("t")).when(DeleteResource(Trigger, ("t",))).then(TriggerDeleted("t"))
    story.rejects(DeleteResource(Trigger, ("t",)), (ErrorReason.RESOURCE_NOT_FOUND, "trigger/t"))


def test_deletion_asks_who_names_it():
    """Before a deletion, contacts who may name the resource are looked up."""
    assert needs(DeleteResource(Portfolio, ("p",))).referrers == ((PortfolioContact, "portfolio_id", "p"),)
    assert needs(DeleteResource(Contact, ("c",))).contact_ids == ("c",)


def test_deleted_agent_comes_back_new():
    """An agent who is deleted and made again has no presence of before."""
    story = given(TENANT, agents(zoe=1)).when(goes_online("zoe"), DeleteResource(Agent, ("zoe",)))
    assert story.state.deadlines.first() is None
    story.when(CreateResource(Agent("zoe")), CreateResource(workgroup("w", "zoe")))
    assert story.state.availability.capacity_online("w") == 0


@pytest.mark.req("K4")
def test_nobody_makes_a_portfolio_personal():
    """Whose own a portfolio is, only the service sets."""
    story = given(ventas("ana")).when(CreateResource(Portfolio("p", personal_agent_id="ana")))
    assert story.get(Portfolio, "p").personal_agent_id == ""
    story.when(UpdateResource(Portfolio("p", personal_agent_id="ana"), ("personal_agent_id",))).then()


def test_what_is_left_unsaid():
    """What a resource leaves unsaid is kept as what it means."""
    story = given(TENANT, agents(ana=1))
    plain = workgroup("w", "ana", last_agent=LastAgentRule())
    story.when(CreateResource(plain), CreateResource(campaign("c", "w")._replace(hours=open_on_monday())))
    assert story.get(Workgroup, "w").last_agent.fallback_method is AssignmentMethod.ROUND_ROBIN
    assert story.get(Campaign, "c").hours.outside is OutsideHours.QUEUE
    story.when(UpdateResource(plain)).then()
    story.when(UpdateResource(plain._replace(owner_wait_busy=timedelta(), owner_wait=timedelta()))).then(WorkgroupSaved)
    kept = story.get(Workgroup, "w")
    assert (kept.owner_wait_busy, kept.owner_wait) == (timedelta(), None)


def test_in_wrap_up_holds_on():
    """What an interaction in wrap-up names is not deleted."""
    ended = Interaction(
        *("i1", 1, "tienda", "ventas", "c1", Channel.CHAT, "web-chat", 1, 2, (), "", ()),
        *(InteractionState.WRAP_UP, 1, START, START),
        agent_id="zoe",
        ended_at=START,
    )
    story = given(ventas("ana"), agents(zoe=1), ended)
    story.rejects(DeleteResource(Agent, ("zoe",)), (ErrorReason.RESOURCE_IN_USE, "agent/zoe"))
