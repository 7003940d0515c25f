"""Events as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from cartera.command_line.words import word
from cartera.routing.v1.event_pb2 import Change, Event

LINES = {
    "tenant_saved": "tenant saved: {tenant.name}",
    "agent_saved": "agent {agent.agent_id} saved",
    "workgroup_saved": "workgroup {workgroup.workgroup_id} saved",
    "campaign_saved": "campaign {campaign.campaign_id} saved",
    "trigger_saved": "trigger {trigger.trigger_id} saved",
    "organization_saved": "organization {organization.organization_id} saved",
    "script_saved": "script {script.script_id} saved",
    "portfolio_saved": "portfolio {portfolio.portfolio_id} saved",
    "contact_saved": "contact {contact.contact_id} saved",
    "agent_deleted": "agent {agent_id} deleted",
    "workgroup_deleted": "workgroup {workgroup_id} deleted",
    "campaign_deleted": "campaign {campaign_id} deleted",
    "trigger_deleted": "trigger {trigger_id} deleted",
    "organization_deleted": "organization {organization_id} deleted",
    "script_deleted": "script {script_id} deleted",
    "portfolio_deleted": "portfolio {portfolio_id} deleted",
    "contact_deleted": "contact {contact_id} deleted",
    "contact_assigned_to_portfolio": (
        "contact {portfolio_contact.contact_id} is in portfolio {portfolio_contact.portfolio_id}"
    ),
    "contact_removed_from_portfolio": "contact {contact_id} left portfolio {portfolio_id}",
    "exclusive_agent_set": (
        "{exclusive_agent.agent_id} attends {exclusive_agent.contact_id} alone in {exclusive_agent.campaign_id}"
    ),
    "exclusive_agent_removed": (
        "{exclusive_agent.contact_id} has no exclusive agent in {exclusive_agent.campaign_id} any more"
    ),
    "agent_status_changed": "{presence.agent_id} is {presence.status}, was {previous_status}",
    "agent_session_alerted": "the session of {agent_id} ends at {session_ends_at}",
    "agent_session_extended": "the session of {presence.agent_id} ends at {presence.session_ends_at}",
    "agent_cool_down_ended": "{agent_id} may be given interactions again",
    "ownership_changed": (
        "ownership {ownership_change.kind} in portfolio {ownership_change.portfolio_id}:"
        " {ownership_change.contact_id} {ownership_change.why}"
    ),
    "interaction_arrived": (
        "{interaction.interaction_id} arrived: {interaction.channel} from {interaction.contact_id} in"
        " {interaction.campaign_id}, priority {interaction.priority}, workgroup {interaction.workgroup_id}"
    ),
    "interaction_message_joined": "{interaction_id} has {messages} messages",
    "interaction_assigned": "{interaction_id} given to {agent_id}: {reason}",
    "interaction_kept_for_owner": "{interaction_id} kept for its owner until {owner_wait_until}",
    "interaction_queued": "{interaction_id} waits in {workgroup_id}: {reason}",
    "interaction_unassigned": "{interaction_id} unassigned in {workgroup_id}: nobody online",
    "interaction_owner_wait_ended": "{interaction_id} waits for its owner no longer",
    "interaction_transferred_to_agent": "{interaction_id} transferred from {from_agent_id} to {agent_id}: {note.text}",
    "interaction_transferred_to_campaign": (
        "{interaction.interaction_id} transferred from {from_agent_id} to campaign {interaction.campaign_id}"
    ),
    "interaction_rerouted": "{interaction.interaction_id} routed anew in {interaction.workgroup_id}",
    "interaction_completed": "{interaction_id} completed by {agent_id}: {disposition} {sub_disposition}",
    "interaction_cancelled": "{interaction_id} cancelled",
    "interaction_offered": "{interaction_id} offered to {agent_id} until {offer_until}: {reason}",
    "interaction_offer_rejected": "{interaction_id} rejected by {agent_id}, who cools down until {cool_down_until}",
    "interaction_offer_missed": (
        "{interaction_id} missed by {agent_id}, {misses} in a row, who cools down until {cool_down_until}"
    ),
    "interaction_offer_withdrawn": "{interaction_id} offered to {agent_id} no longer",
    "interaction_wrap_up_ended": "the wrap-up of {agent_id} after {interaction_id} is over",
    "interaction_return_scheduled": "{interaction_id} is returned at {return_at} unless {agent_id} comes back",
    "interaction_return_cancelled": "{interaction_id} stays with {agent_id}, who is back",
    "interaction_returned": (
        "{interaction.interaction_id} returned from {from_agent_id}, routed anew in {interaction.workgroup_id}"
    ),
    "interaction_overflowed": "{interaction_id} has waited {step.after} in {workgroup_id}: {step.measure}",
    "interaction_skill_dropped": "{interaction_id} no longer demands {skill}",
    "interaction_expired": "{interaction_id} expired in {workgroup_id}",
    "interaction_unattended": "{interaction_id} unattended in {workgroup_id} since {waiting_since}",
    "interaction_hours_began": "{interaction_id} waits in {workgroup_id}: its campaign has opened",
    "interaction_transferred_to_workgroup": (
        "{interaction.interaction_id} transferred from {from_agent_id} to workgroup {interaction.workgroup_id}"
    ),
    "interaction_note_written": "note {position} on {interaction_id}: {note.text}",
    "message_delivery_changed": "message {message_id} of {interaction_id} is {delivery_state}",
}
"""How each kind of event is told. A test compares the kinds with the contract's."""

MEASURES = {
    "add_workgroup_id": "{add_workgroup_id} may have it too",
    "drop_skill": "it no longer demands {drop_skill}",
    "priority": "its priority is {priority} at least",
}
"""How each measure of an overflow step is told."""


UNKNOWN = "something that this version does not know"


class Readable:
    """A message whose fields read as people write them: words for enumerations, short times."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __getitem__(self, name: str) -> Any:
        if name in self._message.DESCRIPTOR.oneofs_by_name:
            return told_by(MEASURES, self._message, name)
        field = self._message.DESCRIPTOR.fields_by_name[name]
        value = getattr(self._message, name)
        if field.enum_type is not None:
            return word(field.enum_type, value)
        if isinstance(value, Timestamp):
            return time_of(value)
        if isinstance(value, Duration):
            return value.ToTimedelta()
        return Readable(value) if isinstance(value, Message) else value

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def keys(self) -> list[str]:
        return list(self._message.DESCRIPTOR.fields_by_name)


def lines_of(change: Change) -> Iterator[str]:
    """A change: its revision, when, and what happened, a line each."""
    for event in change.events:
        yield f"{change.revision:>6}  {time_of(change.occurred_at)}  {line_of(event)}"


def line_of(event: Event) -> str:
    kind = event.WhichOneof("kind")
    if kind is None:
        return UNKNOWN
    return LINES[kind].format(**Readable(getattr(event, kind))).rstrip()


def told_by(lines: Mapping[str, str], message: Message, oneof: str) -> str:
    """The line of the field that is set of a message's alternatives."""
    chosen = message.WhichOneof(oneof)
    return lines[chosen].format(**Readable(message)) if chosen else UNKNOWN


def time_of(timestamp: Timestamp) -> str:
    return timestamp.ToDatetime().strftime("%H:%M:%S")
