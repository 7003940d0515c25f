"""Two tenants on one service that demands tokens, with callers of every kind and things of every kind."""

from cartera.contract.messages import SERVICES
from cartera.origin import CORRELATION_KEY
from cartera.routing.v1 import configuration_service_pb2 as configuration
from cartera.rpc.methods import methods_of
from tests.fixtures.tokens import token

METHODS = {method.name: method for service in SERVICES for method in methods_of(service)}

CHAT, VOICE = 2, 1
OWN, OPEN, SECRET, NONE = "mine", "open", "priv", "none"
"""What is a caller's own, what is another workgroup's, or a private one's, and what isn't there; all of one length, so
that answers can be compared byte for byte.
"""

PARTS = (OWN, OPEN, SECRET)

CALLERS = {
    "administrator": {"role": "administrator", "sub": "root"},
    "supervisor": {"role": "supervisor", "sub": "sofia"},
    "supervisor of workgroups": {"role": "supervisor", "sub": "marta", "workgroups": ["w-mine"]},
    "agent": {"role": "agent", "sub": "a-mine"},
    "gateway": {"role": "gateway", "sub": "pbx"},
    "gateway of campaigns": {"role": "gateway", "sub": "chat", "campaigns": ["c-mine"]},
}
"""The kinds of callers, each with what its token claims."""


def declared(prefix=""):
    """Of each kind a thing that is w-mine's, one that is w-open's and one that is the private w-priv's."""
    return configuration.Configuration(
        tenant={"name": f"{prefix}Acme", "number": "1"},
        agents=[{"agent_id": f"{prefix}a-{part}", "capacity": 5} for part in PARTS],
        workgroups=[
            {
                "workgroup_id": f"{prefix}w-{part}",
                "member_ids": [f"{prefix}a-{part}"],
                "supervisor_ids": ["sofia"] if part == OWN else [],
                "private": part == SECRET,
                "method": 1,
            }
            for part in PARTS
        ],
        campaigns=[
            {
                "campaign_id": f"{prefix}c-{part}",
                "addresses": [{"channel": CHAT, "address": "web"}, {"channel": VOICE, "address": "900"}],
                "workgroup_ids": [f"{prefix}w-{part}"],
                "dispositions": [{"name": "Venta"}],
            }
            for part in PARTS
        ],
        portfolios=[{"portfolio_id": f"{prefix}p-{part}", "owner_agent_ids": [f"{prefix}a-{part}"]} for part in PARTS],
        triggers=[{"trigger_id": f"{prefix}t-mine", "name": "t", "actions": {"add_tags": ["t"]}}],
        organizations=[{"organization_id": f"{prefix}o-mine", "name": "o"}],
        scripts=[{"script_id": f"{prefix}s-mine", "text": "s"}],
        contacts=[{"contact_id": f"{prefix}k-{part}"} for part in PARTS],
        portfolio_contacts=[
            {"contact_id": f"{prefix}k-{part}", "portfolio_id": f"{prefix}p-{part}", "comment": part} for part in PARTS
        ],
        exclusive_agents=[
            {"contact_id": f"{prefix}k-{part}", "campaign_id": f"{prefix}c-mine", "agent_id": f"{prefix}a-{part}"}
            for part in PARTS
        ],
    )


class Caller:
    """Calls any method by its name, with a token of its own, naming whatever tenant it is told to."""

    def __init__(self, channel, tenant_id, **claims):
        self.tenant_id = tenant_id
        self._channel = channel
        bearer = f"Bearer {token('HS256', iss=None, tenant=tenant_id, **claims)}"
        # The same in all calls, so that their answers can be compared.
        self._metadata = (("authorization", bearer), (CORRELATION_KEY, "compared"))

    def call(self, name, metadata=(), **fields):
        method = METHODS[name]
        make = self._channel.unary_stream if method.streams else self._channel.unary_unary
        stub = make(method.path, method.request.SerializeToString, method.response.FromString)
        request = method.request(**{"tenant_id": self.tenant_id, **fields})
        return stub(request, metadata=(*self._metadata, *metadata))


async def furnish(administrator, prefix=""):
    """Declare it all; of each part one chat, attended by its agent and ended. Gives the ids of the interactions."""
    await administrator.call("ApplyConfiguration", configuration=declared(prefix))
    found = {NONE: "i1"}
    for part in PARTS:
        await administrator.call("SetAgentStatus", agent_id=f"{prefix}a-{part}", status=1)
        fields = {"campaign_id": f"{prefix}c-{part}", "contact_id": f"{prefix}k-{part}", "channel": VOICE}
        routed = await administrator.call("RouteInteraction", **fields)
        found[part] = routed.interaction.interaction_id
        await administrator.call("CompleteInteraction", interaction_id=found[part], disposition="Venta")
    return found


def ids_of(interactions, prefix=""):
    """By kind and part, the ids of all there is to name, and of what isn't there."""
    kinds = {
        "workgroup": "w",
        "agent": "a",
        "campaign": "c",
        "portfolio": "p",
        "contact": "k",
        "trigger": "t",
        "organization": "o",
        "script": "s",
    }
    named = {kind: {part: f"{prefix}{letter}-{part}" for part in (*PARTS, NONE)} for kind, letter in kinds.items()}
    return {**named, "interaction": interactions}
