"""How far messages have come is told to who watches, and kept nowhere else (T8)."""

import pytest

from cartera.core.commands import CompleteInteraction, ReportDelivery, RouteInteraction
from cartera.core.events import MessageDeliveryChanged
from cartera.core.handle import needs
from cartera.core.records import CampaignAddress
from cartera.core.vocabulary import Channel, DeliveryState, ErrorReason
from cartera.rpc.event_filter import EventFilter
from tests.core.specification import GATEWAY, given, tables
from tests.core.tenants import CHAT_ADDRESS, VOICE_ADDRESS, campaign, chat, goes_online, online, ventas

pytestmark = pytest.mark.req("T8")

ADDRESSES = (
    CHAT_ADDRESS,
    VOICE_ADDRESS,
    CampaignAddress(Channel.MESSAGING, "+34600"),
    CampaignAddress(Channel.EMAIL, "hola@sol.es"),
)


def reaching(channel):
    """An interaction on a channel, held by Ana."""
    story = given(ventas("ana"), campaign("tienda", "ventas", addresses=ADDRESSES), online("ana"))
    return story.when(RouteInteraction("tienda", "luis", channel))


@pytest.mark.parametrize("delivery_state", [DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.READ])
@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.MESSAGING])
def test_delivery_is_told(channel, delivery_state):
    """A report of delivery is an event that names interaction, workgroup and agent, and changes no record."""
    story = reaching(channel)
    before = tables(story.state)
    story.when(ReportDelivery(story.id_of("luis"), "wamid.1", delivery_state), by=GATEWAY)
    story.then(MessageDeliveryChanged(story.id_of("luis"), "ventas", "ana", "wamid.1", delivery_state))
    assert tables(story.state) == before


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.EMAIL])
def test_channels_without_delivery_states(channel):
    """Calls have no messages, and of an e-mail nobody knows how far it has come."""
    story = reaching(channel)
    interaction_id = story.id_of("luis")
    refused = (ErrorReason.CHANNEL_LACKS_DELIVERY_STATES, f"interaction/{interaction_id}")
    story.rejects(ReportDelivery(interaction_id, "wamid.1", DeliveryState.READ), refused)
    assert story.violations[0].data == {"channel": channel.name}


def test_delivery_after_the_end():
    """A message that is read after the interaction has ended is told like any other."""
    story = reaching(Channel.CHAT)
    report = ReportDelivery(story.id_of("luis"), "wamid.1", DeliveryState.READ)
    assert needs(report).interaction_ids == (story.id_of("luis"),)
    story.when(CompleteInteraction(story.id_of("luis"), "Venta")).when(report).then(MessageDeliveryChanged)
    assert story.events[0].agent_id == "ana"


def test_delivery_while_waiting():
    """While nobody holds the interaction, no agent is named."""
    story = given(ventas("ana")).when(chat("luis"))
    story.when(ReportDelivery(story.id_of("luis"), "wamid.1", DeliveryState.PENDING)).then(MessageDeliveryChanged)
    assert story.events[0].agent_id == ""
    assert story.when(goes_online("ana")).events


def test_interaction_that_is_not_there():
    """A report of an interaction that there is not is refused."""
    report = ReportDelivery("nada", "wamid.1", DeliveryState.READ)
    reaching(Channel.CHAT).rejects(report, (ErrorReason.RESOURCE_NOT_FOUND, "interaction/nada"))


EVERYTHING = EventFilter(frozenset(), frozenset(), frozenset(), frozenset())
FILTERS = [
    ({"agent_ids": "ana"}, True),
    ({"agent_ids": "bruno"}, False),
    ({"workgroup_ids": "ventas"}, True),
    ({"workgroup_ids": "soporte"}, False),
    ({"interaction_ids": "i1"}, True),
    ({"interaction_ids": "i2"}, False),
]


@pytest.mark.req("W1")
@pytest.mark.parametrize(("named", "passes"), FILTERS)
def test_filters(named, passes):
    """The filters of the event stream find the agent, the workgroup and the interaction of a message."""
    event = MessageDeliveryChanged("i1", "ventas", "ana", "wamid.1", DeliveryState.READ)
    asked = {field: frozenset({identifier}) for field, identifier in named.items()}
    assert EVERYTHING._replace(**asked).passes(event) is passes
