"""What errors say to people, one table per language.

A template may use the parts of what a violation concerns ({subject}, or {type} and {id} of "type/id") and its data.
What is missing reads as nothing: an error must not fail.
"""

from collections.abc import Mapping

from cartera.core.rejection import Violation
from cartera.core.vocabulary import ErrorReason

Templates = Mapping[ErrorReason, str]

ENGLISH: Templates = {
    ErrorReason.UNSPECIFIED: "The call failed.",
    ErrorReason.INVALID_FIELD: "{subject} {problem}.",
    ErrorReason.REQUEST_ID_REUSED: "This request_id was used for another request. Use a new one for each request.",
    ErrorReason.UNKNOWN_REFERENCE: "{subject} names {value}, which does not exist.",
    ErrorReason.DUPLICATE_VALUE: "{subject} repeats {value}, which may be there only once.",
    ErrorReason.TENANT_NOT_FOUND: "There is no such tenant.",
    ErrorReason.RESOURCE_NOT_FOUND: "There is no {type} {id}.",
    ErrorReason.RESOURCE_ALREADY_EXISTS: "There is a {type} {id} already.",
    ErrorReason.RESOURCE_IN_USE: "The {type} {id} is in use by {used_by}.",
    ErrorReason.ETAG_MISMATCH: "The {type} {id} was changed by somebody else. Read it again.",
    ErrorReason.PERMISSION_DENIED: "You may not do this.",
    ErrorReason.CALLER_UNKNOWN: "You have not said who you are: {problem}.",
    ErrorReason.CONTACT_MUST_BE_CREATED_FIRST: "Contact {id} is not in the contact list. Create it first.",
    ErrorReason.CONTACT_IN_ANOTHER_PORTFOLIO: "Contact {id} is in portfolio {portfolio_id}.",
    ErrorReason.PORTFOLIO_INACTIVE: "Portfolio {id} is inactive and takes no contacts.",
    ErrorReason.AGENT_NOT_ONLINE: "Agent {id} is not online.",
    ErrorReason.AGENT_AT_CAPACITY: "Agent {id} has no free slot; its capacity is {capacity}.",
    ErrorReason.AGENT_LACKS_CHANNEL: "Agent {id} does not take the channel {channel}.",
    ErrorReason.AGENT_NOT_IN_CAMPAIGN: "Agent {id} is in no workgroup of campaign {campaign_id}.",
    ErrorReason.AGENT_NOT_IN_WORKGROUP: "Agent {id} is neither in workgroup {workgroup_id} nor an owner.",
    ErrorReason.AGENT_ALREADY_HOLDS: "Agent {id} holds the interaction already.",
    ErrorReason.AGENT_HAS_NO_SESSION: "Agent {id} is not connected.",
    ErrorReason.CAMPAIGN_LACKS_CHANNEL: "Campaign {id} does not have the channel {channel}.",
    ErrorReason.CAMPAIGN_ADDRESS_DIFFERS: "Campaign {id} is not reached at {address}.",
    ErrorReason.CAMPAIGN_IS_ONLY_ONE: "There is no second campaign to transfer to.",
    ErrorReason.CAMPAIGN_UNCHANGED: "The interaction is in campaign {id} already.",
    ErrorReason.INTERACTION_NOT_WAITING: "Interaction {id} does not wait any more.",
    ErrorReason.INTERACTION_NOT_ASSIGNED: "No agent holds interaction {id}.",
    ErrorReason.INTERACTION_ENDED: "Interaction {id} has ended.",
    ErrorReason.INTERACTION_KEPT_FOR_OWNER: "Interaction {id} is kept for its owner.",
    ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT: "Interaction {id} waits for its exclusive agent.",
    ErrorReason.NOTHING_TO_CLAIM: "Nothing waits that agent {id} may have.",
    ErrorReason.DISPOSITION_UNKNOWN: "Campaign {id} has no disposition {disposition}.",
    ErrorReason.SUB_DISPOSITION_UNKNOWN: "The disposition {disposition} has no sub-disposition {sub_disposition}.",
    ErrorReason.SUB_DISPOSITION_REQUIRED: "The disposition {disposition} needs one of its sub-dispositions.",
    ErrorReason.REASON_CODE_REQUIRED: "A pause needs a reason code.",
    ErrorReason.PAGE_TOKEN_INVALID: "The page token is not one that this list gave.",
    ErrorReason.REVISION_IN_THE_FUTURE: "The revision has not been reached; the present one is {current}.",
    ErrorReason.REVISION_PRUNED: "The revision is no longer kept; the oldest is {oldest}.",
    ErrorReason.TENANT_QUEUE_FULL: "Too many calls wait. Try again.",
    ErrorReason.WATCHER_TOO_SLOW: "You did not keep up. Resume after revision {revision}.",
    ErrorReason.SERVICE_DRAINING: "The service is shutting down. Try again: another replica serves.",
    ErrorReason.DATABASE_UNAVAILABLE: "The database is away. Try again with the same request_id.",
    ErrorReason.DEADLINE_PASSED: "Your deadline passed before the call was begun; nothing was changed.",
    ErrorReason.METHOD_NOT_IMPLEMENTED: "There is no method {subject}.",
    ErrorReason.MESSAGE_MALFORMED: "The bytes are no {subject}.",
    ErrorReason.TOO_MANY_STREAMS: "Too many streams are open. Try again.",
    ErrorReason.INTERNAL: "A fault of the service. Its log has more.",
    ErrorReason.INTERACTION_NOT_OFFERED: "Interaction {id} is not offered to agent {agent_id}, or not any more.",
    ErrorReason.INTERACTION_NOT_IN_WRAP_UP: "Interaction {id} is not in wrap-up.",
    ErrorReason.WORKGROUP_QUEUE_FULL: "Workgroup {id} lets {limit} interactions wait, and they do.",
    ErrorReason.CAMPAIGN_CLOSED: "Campaign {id} is closed.",
    ErrorReason.AGENT_LACKS_SKILL: "Agent {id} lacks the skill {skill} at the level demanded.",
    ErrorReason.METHOD_LACKS_AGENTS: "{subject} is empty, and the method {method} chooses from it.",
    ErrorReason.NOT_A_MEMBER: "{subject} names {value}, who is no member of the workgroup.",
    ErrorReason.OVERFLOW_CYCLE: "{subject} names {value}, by which the workgroup overflows back into itself.",
    ErrorReason.TIME_ZONE_UNKNOWN: "{subject} names {value}, which is no time zone.",
    ErrorReason.HOURS_INVALID: "{subject} {problem}.",
    ErrorReason.NOTE_NOT_FOUND: "Interaction {id} has no note {position}.",
    ErrorReason.CHANNEL_LACKS_DELIVERY_STATES: "Messages of the channel {channel} have no delivery states.",
    ErrorReason.DECISION_NOT_FOUND: "There is no such decision about interaction {id}.",
    ErrorReason.AGENT_UNCHANGED: "Agent {id} has it already.",
}

TEMPLATES: Mapping[str, Templates] = {"en": ENGLISH}
"""The languages that errors are written in."""

LANGUAGE = "en"
_LONGEST_VALUE = 200


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def say(violation: Violation, language: str = LANGUAGE) -> str:
    """What a violation says to people, in one sentence. Where the subject is a path, the data may have the id."""
    kind, _, identifier = violation.subject.partition("/")
    values = {"problem": f"must not be {violation.data.get('value', 'so')}"}
    values |= {"subject": violation.subject, "type": kind.replace("_", " "), "id": identifier, **violation.data}
    shortened = _Values({key: shorten(value) for key, value in values.items()})
    return TEMPLATES[language][violation.reason].format_map(shortened)


def shorten(value: str) -> str:
    """What a caller sent comes back in errors, but not at any length."""
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
