"""Delivery: how far an interaction's messages have come passes through to those who watch (T8)."""

from cartera.core.commands import ReportDelivery
from cartera.core.decide.context import Context
from cartera.core.decide.required import require_interaction, subject_of
from cartera.core.events import Event, MessageDeliveryChanged
from cartera.core.records import Interaction
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import Channel, ErrorReason

TELLS_DELIVERY = frozenset({Channel.CHAT, Channel.MESSAGING})
"""The channels on which it is known how far a message has come."""


def report_delivery(state: State, command: ReportDelivery, context: Context) -> list[Event]:
    """Say how far a message has come, also after its interaction has ended. Nothing is kept of it but the event."""
    interaction = require_interaction(state, command.interaction_id, context.caller)
    if interaction.channel not in TELLS_DELIVERY:
        subject = subject_of(Interaction, interaction.interaction_id)
        raise reject(ErrorReason.CHANNEL_LACKS_DELIVERY_STATES, subject, channel=interaction.channel.name)
    return [
        MessageDeliveryChanged(
            interaction_id=interaction.interaction_id,
            workgroup_id=interaction.workgroup_id,
            agent_id=interaction.agent_id,
            message_id=command.message_id,
            delivery_state=command.delivery_state,
        ),
    ]
