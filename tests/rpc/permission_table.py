"""How each RPC is asked about a thing so that it changes nothing, and how far the answers say that a caller reaches.

A call that would change something is made so that it fails once it is permitted and the thing is there: with another
etag, a disposition that there isn't, about an interaction that has ended.
"""

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from tests.rpc.two_tenants import CHAT, OPEN, OWN, PARTS, SECRET

ANY = ""
"""The kind of what is the whole tenant's."""

SHARED = ("trigger", "organization", "script")
"""The kinds of which nothing is anybody's more than others'."""

EMAIL, PAUSED = 4, 2


def about(kind, **fields):
    """The requests to create, update, delete and get a resource of a kind."""
    field = f"{kind}_id"
    requests = {
        "Create": (ANY, lambda _: {kind: {field: f"{kind[0]}-mine", **fields}}),
        "Update": (kind, lambda each: {kind: {field: each, "etag": "0", **fields}, "update_mask": {"paths": ["name"]}}),
        "Delete": (kind, lambda each: {field: each, "etag": "0"}),
        "Get": (kind, lambda each: {field: each}),
    }
    return {f"{verb}{kind.capitalize()}": requests[verb] for verb in requests}


def interaction(**fields):
    return "interaction", lambda each: {"interaction_id": each, **fields}


def agent(**fields):
    return "agent", lambda each: {"agent_id": each, **fields}


def portfolio(**fields):
    return "portfolio", lambda each: {"portfolio_id": each, **fields}


TENANT = {"name": "Acme", "number": "1", "etag": "0"}
WEB = {"addresses": [{"channel": CHAT, "address": "web"}], "workgroup_ids": ["w-mine"]}

ASKED = {
    "CreateTenant": (ANY, lambda _: {"tenant": TENANT}),
    "UpdateTenant": (ANY, lambda _: {"tenant": TENANT}),
    "GetTenant": (ANY, lambda _: {}),
    "ApplyConfiguration": (ANY, lambda _: {"configuration": {}, "validate_only": True}),
    **about("workgroup", method=1),
    **about("campaign", **WEB),
    **about("trigger", actions={"add_tags": ["t"]}),
    **about("organization"),
    **about("script"),
    **about("agent", capacity=5),
    **about("portfolio"),
    **about("contact"),
    "RouteInteraction": ("campaign", lambda each: {"campaign_id": each, "contact_id": "x", "channel": EMAIL}),
    "Transfer": interaction(workgroup_id="w-mine", note="n", validate_only=True),
    "AcceptOffer": agent(interaction_id="i0"),
    "RejectOffer": agent(interaction_id="i0"),
    "ClaimInteraction": agent(),
    "AssignInteraction": interaction(agent_id="a-mine"),
    "CompleteInteraction": interaction(disposition="nothing"),
    "FinishWrapUp": interaction(),
    "CancelInteraction": interaction(),
    "WriteNote": interaction(text="n", position=99),
    "ReportDelivery": interaction(message_id="m", delivery_state=1),
    "GetInteraction": interaction(),
    "ExplainInteraction": interaction(revision=1),
    "SetAgentStatus": agent(status=PAUSED),
    "ExtendSession": agent(),
    "AssignPortfolio": portfolio(contact_ids=["k-none"], validate_only=True),
    "AddToOwnPortfolio": agent(contact_id="k-none"),
    "RemoveFromPortfolio": portfolio(contact_ids=["k-none"]),
    "HandOverPortfolios": ("agent", lambda each: {"from_agent_id": each, "to_agent_id": each}),
    "ListPortfolioContacts": portfolio(),
    "SetExclusiveAgent": agent(contact_id="k-none", campaign_id="c-mine"),
    "RemoveExclusiveAgent": ("contact", lambda each: {"contact_id": each, "campaign_id": "c-mine"}),
}
"""Each RPC about one thing: of which kind, and the fields of a request that names it."""

LISTED = {
    "ListAgents": ("agent", lambda _: {}),
    "ListWorkgroups": ("workgroup", lambda _: {}),
    "ListCampaigns": ("campaign", lambda _: {}),
    "ListTriggers": ("trigger", lambda _: {}),
    "ListOrganizations": ("organization", lambda _: {}),
    "ListScripts": ("script", lambda _: {}),
    "ListContacts": ("contact", lambda _: {}),
    "ListPortfolios": ("portfolio", lambda _: {}),
    "ListPortfolioReports": ("portfolio", lambda _: {}),
    "ListAgentReports": ("agent", lambda _: {}),
    "ListOwnershipChanges": ("portfolio", lambda part: {"portfolio_id": f"p-{part}"}),
    "GetContactHistory": ("interaction", lambda part: {"contact_id": f"k-{part}", "campaign_id": "c-mine"}),
    "ListInteractions": ("interaction", lambda part: {"contact_id": f"k-{part}"}),
    "ListAudit": ("portfolio", lambda _: {"object_type": 8}),
    "GetMonitor": ("agent", lambda _: {}),
    "WatchMonitor": ("agent", lambda _: {}),
    "WatchEvents": ("interaction", lambda _: {"start_after_revision": 0}),
}
"""Each RPC that shows several things: of which kind, and the fields of a request for those of a part."""

WORDS = {OWN: "own", OPEN: "open", SECRET: "all"}


def reach(kind, parts):
    """How far a caller reaches who reaches those parts: what isn't there can be told from them."""
    if not parts:
        return "no"
    return "all" if kind in SHARED else WORDS[max(parts, key=PARTS.index)]


def texts(message):
    """All texts in a message."""
    return set(_texts(MessageToDict(message)))


def _texts(value):
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


class Answered:
    """An answer, comparable byte for byte with that to the same question about something else."""

    def __init__(self, identifier, answer):
        self.is_refusal = not isinstance(answer, Message)
        self.reason = answer.reason if self.is_refusal else ""
        said = f"{answer.code}".encode() + answer.status.SerializeToString() if self.is_refusal else b"answered"
        self.bytes = said.replace(identifier.encode(), b"<id>")
