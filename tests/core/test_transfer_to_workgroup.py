"""Transfers to a workgroup (T4), and what a transfer to a campaign does not stick to (T2)."""

from datetime import timedelta

import pytest

from cartera.core.commands import CompleteInteraction, CreateResource, Transfer, UpdateResource
from cartera.core.events import (
    InteractionAssigned,
    InteractionQueued,
    InteractionTransferredToWorkgroup,
    InteractionUnassigned,
)
from cartera.core.records import (
    BusinessHours,
    ContactActivity,
    ExclusiveAgent,
    Note,
    Trigger,
    TriggerActions,
    WorkgroupActivity,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    ErrorReason,
    InteractionState,
    OutsideHours,
    Priority,
    RoutingReason,
)
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given
from tests.core.tenants import (
    TENANT,
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_offline,
    online,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)
TO_SOPORTE = Transfer("i1", workgroup_id="soporte", note="es técnico")
AYUDA = Transfer("i1", campaign_id="ayuda", note="es de ayuda")


def ana_attends(*records, method=AssignmentMethod.ROUND_ROBIN, **fields):
    """Ana of "ventas" attends i1 of luis; Zoe and Yago of "soporte" are free."""
    story = given(
        ventas("ana"),
        agents(zoe=1, yago=1),
        workgroup("soporte", "zoe", "yago", method=method, **fields),
        contacts("luis"),
        online("ana", "zoe", "yago"),
        *records,
    )
    return story.when(chat("luis"))


@pytest.mark.req("T4")
def test_documented_example():
    """The example of docs/routing.md: there it is ahead of who came after it did, and its owner has no claim on it."""
    story = given(
        ventas("ana", "bruno"),
        agents(zoe=1),
        workgroup("soporte", "zoe"),
        campaign("ayuda", "soporte"),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        online("ana", "bruno", "zoe"),
    ).when(chat("luis"))
    story.when(call("busy", "ayuda"), chat("nora", "ayuda"), after=5 * MINUTE)
    story.when(TO_SOPORTE, by=agent_actor("ana"), after=5 * MINUTE)
    assert story.place_of("luis") == (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")
    story.when(CompleteInteraction(story.id_of("busy"), "Venta"))
    assert (story.holder("luis"), story.holder("nora")) == ("zoe", "")


@pytest.mark.req("T4", "T3")
def test_to_a_workgroup():
    """A transfer to a workgroup routes it anew there, with its arrival time, the note and the disposition."""
    story = ana_attends().when(TO_SOPORTE, after=MINUTE).then(InteractionTransferredToWorkgroup, InteractionAssigned)
    interaction = story.interaction("luis")
    assert story.place_of("luis") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "zoe")
    assert (interaction.campaign_id, interaction.workgroup_id) == ("tienda", "soporte")
    assert (interaction.arrived_at, interaction.waiting_since) == (START, START + MINUTE)
    assert interaction.notes == (Note("es técnico", ADMINISTRATOR, START + MINUTE),)
    assert (interaction.disposition, story.state.units_in_use("ana")) == ("Transferencia", 0)
    assert story.events[0][1:] == ("ana", "ventas")


@pytest.mark.req("T4")
@pytest.mark.parametrize(
    ("change", "fields", "placed"),
    [
        ([chat("c1", "ayuda"), chat("c2", "ayuda")], {}, InteractionQueued),
        ([goes_offline("zoe"), goes_offline("yago")], {}, InteractionUnassigned),
        ([], {"method": AssignmentMethod.MANUAL}, InteractionQueued),
        ([], {"method": AssignmentMethod.LAST_AGENT, "owner_wait": MINUTE}, InteractionAssigned),
    ],
    ids=["full", "nobody online", "manual", "another method"],
)
def test_waits_there_like_any_other(change, fields, placed):
    """It is given or waits as what arrives in that workgroup does."""
    story = ana_attends(campaign("ayuda", "soporte"), **fields).when(*change)
    story.when(TO_SOPORTE).then(InteractionTransferredToWorkgroup, placed)


BELONGS = {
    "exclusive agent": ExclusiveAgent("luis", "tienda", "ana"),
    "owner": portfolio("vip", "ana", holds=["luis"]),
    "another owner": portfolio("vip", "bruno", holds=["luis"]),
    "last agent": ContactActivity("luis", "bruno", START),
}


@pytest.mark.req("T4", "E1", "K1", "M4")
@pytest.mark.parametrize("records", BELONGS.values(), ids=BELONGS)
def test_belongs_to_nobody(records):
    """What was passed to a workgroup goes to whom that chooses, past exclusive agents, owners and last agents."""
    story = given(
        ventas("ana", "bruno"),
        agents(zoe=1),
        workgroup("soporte", "bruno", "zoe", method=AssignmentMethod.LAST_AGENT, owner_wait=MINUTE),
        WorkgroupActivity("soporte", "bruno"),
        contacts("luis"),
        records,
        online("ana", "zoe"),
    ).when(chat("luis"))
    assert story.holder("luis") == "ana"
    story.when(TO_SOPORTE)
    assert story.place_of("luis") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "zoe")
    interaction = story.interaction("luis")
    assert (interaction.exclusive_agent_id, interaction.portfolio_id, interaction.last_agent_id) == ("", "", "")


@pytest.mark.req("T4", "M1")
def test_may_come_back_to_its_source():
    """Where the method picks the source, the source has it again: it said that anybody there may."""
    story = given(ventas("ana"), online("ana")).when(chat("luis"))
    story.when(Transfer("i1", workgroup_id="ventas", note="otra vez"))
    assert story.place_of("luis") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "ana")


@pytest.mark.req("T4", "Z2", "C12")
def test_campaign_and_triggers_are_not_asked_again():
    """It stays in its campaign: no trigger runs, and hours are not looked at."""
    story = ana_attends()
    elsewhere = Trigger("t", active=True, actions=TriggerActions("ventas", Priority.URGENT))
    closed = BusinessHours("UTC", outside=OutsideHours.REFUSE)
    story.when(CreateResource(elsewhere), UpdateResource(campaign("tienda", "ventas")._replace(hours=closed)))
    interaction = story.when(TO_SOPORTE).interaction("luis")
    assert (interaction.workgroup_id, interaction.priority, interaction.agent_id) == ("soporte", Priority.NORMAL, "zoe")


@pytest.mark.req("T4", "T3")
def test_conditions():
    """The workgroup must be there, the disposition be the campaign's, and the caller hold it; the source keeps it."""
    story = ana_attends()
    nowhere = TO_SOPORTE._replace(workgroup_id="nada")
    story.rejects(nowhere, (ErrorReason.RESOURCE_NOT_FOUND, "workgroup/nada"))
    unknown = TO_SOPORTE._replace(disposition="Nada")
    story.rejects(unknown, (ErrorReason.DISPOSITION_UNKNOWN, "campaign/tienda"))
    story.rejects(TO_SOPORTE, (ErrorReason.PERMISSION_DENIED, "interaction/i1"), by=agent_actor("zoe"))
    assert story.holder("luis") == "ana"
    story.when(TO_SOPORTE._replace(disposition="Queja"), by=agent_actor("ana"))
    assert story.interaction("luis").disposition == "Queja"


@pytest.mark.req("T4")
@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (CompleteInteraction("i1", "Venta"), ErrorReason.INTERACTION_ENDED),
        (None, ErrorReason.INTERACTION_NOT_ASSIGNED),
    ],
    ids=["ended", "waiting"],
)
def test_only_what_is_held(ending, reason):
    """What has ended or waits is not transferred."""
    story = ana_attends() if ending else given(ventas("ana"), workgroup("soporte")).when(chat("luis"))
    story.when(*([ending] if ending else [])).rejects(TO_SOPORTE, (reason, "interaction/i1"))


@pytest.mark.req("T4", "C7")
def test_source_is_given_what_waits():
    """The slot that the transfer frees goes to who waits."""
    story = ana_attends().when(chat("nora")).when(TO_SOPORTE)
    assert (story.holder("luis"), story.holder("nora")) == ("zoe", "ana")


@pytest.mark.req("T4", "C10")
def test_transfer_leaves_no_wrap_up():
    """Who passes it on has nothing to wrap up."""
    story = ana_attends().when(UpdateResource(workgroup("ventas", wrap_up=MINUTE), ("wrap_up",)), TO_SOPORTE)
    assert story.state.held_by("ana") == []


OWNERS = {
    "the source": {"owner_agent_ids": ("ana",)},
    "the source and another": {"owner_agent_ids": ("ana", "bruno")},
    "the source by its team": {"owner_workgroup_ids": ("ventas",)},
    "another": {"owner_agent_ids": ("bruno",)},
}


@pytest.mark.req("T2", "K1")
@pytest.mark.parametrize("owners", OWNERS, ids=OWNERS)
def test_transfer_to_a_campaign_by_an_owner_is_not_sticky(owners):
    """What an owner passes to another campaign is not that owner's there, nor its co-owners'; by others it stays so."""
    owner, *others = portfolio("vip", holds=["luis"])
    story = given(
        TENANT,
        agents(ana=1, bruno=1, zoe=1),
        workgroup("ventas", "ana"),
        workgroup("soporte", "ana", "bruno", "zoe", owner_wait=MINUTE),
        WorkgroupActivity("soporte", "bruno"),
        campaign("tienda", "ventas"),
        campaign("ayuda", "soporte"),
        contacts("luis"),
        owner._replace(**OWNERS[owners]),
        others,
        online("ana", "bruno", "zoe"),
    ).when(chat("luis"))
    if story.holder("luis") != "ana":
        story.when(Transfer("i1", agent_id="ana", note="sigue"))
    story.when(AYUDA)
    expected = (RoutingReason.OWNER, "bruno") if owners == "another" else (RoutingReason.ROUND_ROBIN, "zoe")
    assert story.place_of("luis")[1:] == expected
