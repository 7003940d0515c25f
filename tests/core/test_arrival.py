"""Arrival: interactions are recorded and placed (Z1), with tags (Z3) and priority (Z4); messages join (Z6)."""

from datetime import timedelta

import pytest

from cartera.core.commands import CancelInteraction, CompleteInteraction, CreateResource, RouteInteraction, Tick
from cartera.core.events import (
    InteractionArrived,
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionMessageJoined,
    InteractionQueued,
    InteractionUnassigned,
)
from cartera.core.records import CampaignAddress, Contact, Interaction, Organization, Trigger, TriggerActions
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    Direction,
    ErrorReason,
    InteractionState,
    Priority,
)
from tests.core.specification import GATEWAY, START, State, given
from tests.core.tenants import (
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)


@pytest.mark.req("Z1")
@pytest.mark.parametrize(
    ("records", "placed"),
    [
        (ventas("ana") + online("ana"), InteractionAssigned),
        (ventas("ana", method=AssignmentMethod.MANUAL) + online("ana"), InteractionQueued),
        (ventas("ana"), InteractionUnassigned),
        (
            ventas("ana", owner_wait=MINUTE) + contacts("carlos") + portfolio("vip", "ana", holds=["carlos"]),
            InteractionKeptForOwner,
        ),
    ],
    ids=["assigned", "queued", "unassigned", "waiting for its owner"],
)
def test_recorded_before_it_is_placed(records, placed):
    """An interaction is recorded first, and then given to an agent or put to wait, with the reason."""
    story = given(records).when(chat("carlos"), by=GATEWAY).then(InteractionArrived, placed)
    assert story.events[0].interaction.state is InteractionState.RECEIVED
    assert story.interaction("carlos").reason != 0


@pytest.mark.req("Z1")
def test_what_is_recorded():
    """An interaction is recorded with all that was said of it, and what was left unsaid."""
    story = given(ventas("ana")).when(chat("carlos", tags=("oferta",)), after=MINUTE)
    interaction = story.events[0].interaction
    assert interaction[:11] == (
        "i1",
        1,
        "tienda",
        "ventas",
        "carlos",
        Channel.CHAT,
        "web-chat",
        Direction.INBOUND,
        Priority.NORMAL,
        ("oferta",),
        "",
    )
    assert (interaction.arrived_at, interaction.messages) == (START + MINUTE, 1)


@pytest.mark.req("Z1")
def test_unknown_contact():
    """A contact who is not in the contact list is routed like any other."""
    assert given(ventas("ana"), online("ana")).when(call("+34600")).holder("+34600") == "ana"


@pytest.mark.req("Z1")
@pytest.mark.parametrize(
    ("command", "reason", "subject"),
    [
        (chat("c", "nada"), ErrorReason.RESOURCE_NOT_FOUND, "campaign/nada"),
        (RouteInteraction("tienda", "c", Channel.EMAIL), ErrorReason.CAMPAIGN_LACKS_CHANNEL, "campaign/tienda"),
        (chat("c", address="otro"), ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, "campaign/tienda"),
        (chat("c", address="+34900"), ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, "campaign/tienda"),
    ],
    ids=["no campaign", "no such channel", "no such address", "address of another channel"],
)
def test_where_it_can_not_arrive(command, reason, subject):
    """An interaction arrives in a campaign that has its channel, and its address where one is named."""
    given(ventas("ana")).rejects(command, (reason, subject))


@pytest.mark.req("Z1")
def test_before_there_is_a_tenant():
    """Nothing is done for a tenant that does not exist."""
    given().rejects(chat("c"), (ErrorReason.TENANT_NOT_FOUND, "tenant"))
    given().rejects(Tick(), (ErrorReason.TENANT_NOT_FOUND, "tenant"))
    assert State().tenant() is None


@pytest.mark.req("Z3")
def test_tags_of_contact_and_organization():
    """The tags of the contact and of its organization reach the interaction, each once, its own first."""
    story = given(
        ventas("ana"),
        Organization("acme", "ACME", ("VIP", "grande")),
        Contact("carlos", "Carlos", "acme", ("moroso", "VIP")),
    )
    story.when(chat("carlos", tags=("oferta",)))
    interaction = story.interaction("carlos")
    assert interaction.tags == ("oferta", "moroso", "VIP", "grande")
    assert interaction.organization_id == "acme"


PRIORITY_LINE = (CampaignAddress(Channel.VOICE, "+34900"), CampaignAddress(Channel.VOICE, "+34999", priority_line=True))


@pytest.mark.req("Z4")
@pytest.mark.parametrize(
    ("address", "asked", "priority"),
    [
        ("+34999", Priority.UNSPECIFIED, Priority.HIGH),
        ("+34999", Priority.LOW, Priority.HIGH),
        ("+34999", Priority.URGENT, Priority.URGENT),
        ("+34900", Priority.UNSPECIFIED, Priority.NORMAL),
        ("+34900", Priority.LOW, Priority.LOW),
        ("", Priority.UNSPECIFIED, Priority.NORMAL),
    ],
)
def test_priority_line(address, asked, priority):
    """What arrives at a priority line starts HIGH at least; elsewhere NORMAL unless asked otherwise."""
    story = given(ventas("ana"), campaign("linea", "ventas", addresses=PRIORITY_LINE))
    story.when(call("c", "linea", address=address, priority=asked))
    assert story.interaction("c").priority is priority


@pytest.mark.req("Z4", "C6")
def test_priority_line_is_served_first():
    """What arrives at a priority line is served before what came earlier at another address."""
    story = given(ventas("ana", queue_when_nobody_online=True), campaign("linea", "ventas", addresses=PRIORITY_LINE))
    story.when(call("c1", "linea"), call("c2", "linea", address="+34999")).when(goes_online("ana"))
    assert story.holder("c2") == "ana"


@pytest.mark.req("Z6")
def test_message_joins():
    """A message of a contact who has an open interaction in that campaign and channel joins it."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"))
    story.when(chat("c1")).then(InteractionMessageJoined("i1", "ventas", "ana", 2))
    assert story.interaction("c1").messages == 2


@pytest.mark.req("Z6")
def test_fifty_messages():
    """Fifty messages at once make one interaction."""
    story = given(ventas("ana")).when(*[chat("c1")] * 50)
    assert [each.messages for each in story.state.table(Interaction).values()] == [50]


@pytest.mark.req("Z6")
@pytest.mark.parametrize("state", ["queued", "unassigned", "waiting for its owner"])
def test_message_joins_what_waits(state):
    """A message joins an interaction that waits, and it keeps its place."""
    story = given(
        ventas("ana", queue_when_nobody_online=state == "queued", owner_wait=MINUTE),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"] if state.startswith("waiting") else []),
    ).when(chat("carlos"))
    before = story.interaction("carlos")
    story.when(chat("carlos"), after=timedelta(seconds=1)).then(InteractionMessageJoined)
    assert story.interaction("carlos") == before._replace(messages=2)


@pytest.mark.req("Z6")
def test_calls_are_always_new():
    """A call of a contact who has an open one is a new interaction."""
    story = given(ventas("ana")).when(call("c1"), call("c1"))
    assert len(story.state.table(Interaction)) == 2


@pytest.mark.req("Z6")
def test_what_does_not_join():
    """A message in another campaign, on another channel, of another contact or after the end is a new interaction."""
    story = given(
        ventas("ana"), agents(zoe=1), workgroup("soporte", "zoe"), campaign("ayuda", "soporte"), online("ana")
    )
    messaging = (CampaignAddress(Channel.CHAT, "chat"), CampaignAddress(Channel.MESSAGING, "wa"))
    story.when(CreateResource(campaign("varios", "ventas", addresses=messaging)), chat("c1"))
    for command in (
        chat("c1", "ayuda"),
        chat("c1", "varios"),
        RouteInteraction("varios", "c1", Channel.MESSAGING),
        chat("c2"),
    ):
        assert type(story.when(command).events[0]) is InteractionArrived
    story.when(CompleteInteraction("i2", "Venta"), chat("c1"))
    assert type(story.events[0]) is InteractionArrived
    story.when(CancelInteraction(story.id_of("c1")), chat("c1"))
    assert type(story.events[0]) is InteractionArrived


@pytest.mark.req("Z1", "Z2")
def test_trigger_changes_the_queue():
    """The triggers run before the interaction is placed: it is placed where they send it."""
    trigger = Trigger("t", active=True, actions=TriggerActions("soporte"))
    story = given(ventas("ana"), agents(zoe=1), workgroup("soporte", "zoe"), trigger, online("ana", "zoe"))
    assert story.when(chat("c1")).holder("c1") == "zoe"
