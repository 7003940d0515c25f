"""The calls that callers make, as bytes: an interaction is routed, then completed.

A request is a part that never changes and a part that does; bytes of protobuf messages can be joined.
"""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from cartera.routing.v1 import channel_pb2
from cartera.routing.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    RouteInteractionRequest,
    RouteInteractionResponse,
    RoutingOutcome,
)

TENANTS = 8
AGENTS = 200
CAPACITY = 3
CONTACTS = 64
"""How many contacts of a tenant call, again and again: so few that warming up brings all of them into memory."""

CAMPAIGN, WORKGROUP, DISPOSITION = "inbound-sales", "sales", "sold"
ROUTE = "/cartera.routing.v1.RoutingService/RouteInteraction"
COMPLETE = "/cartera.routing.v1.RoutingService/CompleteInteraction"
GATEWAY = (("cartera-role", "gateway"), ("cartera-subject", "voice-1"))
CALL_SECONDS = 20.0


class Unassigned(Exception):  # noqa: N818 - names what happened
    """An interaction was not assigned at once: then something else was measured than is meant."""


class Caller(NamedTuple):
    """Who routes and completes one interaction after another. No two callers of a run have the same number."""

    run: str
    number: int
    new_contacts: bool = False

    @property
    def tenant_id(self) -> str:
        """The tenant that the caller calls for."""
        return tenant_id(self.number % TENANTS)

    def contacts(self) -> Iterator[str]:
        """Who calls: some contacts again and again, or each time somebody who never did."""
        if self.new_contacts:
            return (f"new-{self.run}-{self.number}-{each}" for each in count())
        return (f"contact-{(self.number + each) % CONTACTS:06d}" for each in count())

    def requests(self) -> Iterator[bytes]:
        """The requests of RouteInteraction, without end."""
        fixed = RouteInteractionRequest(
            tenant_id=self.tenant_id,
            campaign_id=CAMPAIGN,
            channel=channel_pb2.CHANNEL_VOICE,
            tags=["web", "returning"],
        ).SerializeToString()
        for each, contact_id in enumerate(self.contacts()):
            yield (
                fixed
                + RouteInteractionRequest(
                    request_id=self._request_id("r", each), contact_id=contact_id
                ).SerializeToString()
            )

    def completion(self, response: bytes, each: int) -> bytes:
        """The request that completes what was routed."""
        routed = RouteInteractionResponse.FromString(response)
        if routed.outcome != RoutingOutcome.ROUTING_OUTCOME_ASSIGNED:
            raise Unassigned(f"an interaction was not assigned but {RoutingOutcome.Name(routed.outcome)}")
        return CompleteInteractionRequest(
            tenant_id=self.tenant_id,
            request_id=self._request_id("c", each),
            interaction_id=routed.interaction.interaction_id,
            disposition=DISPOSITION,
        ).SerializeToString()

    def _request_id(self, kind: str, each: int) -> str:
        """As long as the UUIDs that clients send."""
        return f"{self.run}-{kind}{self.number:04d}-{each:08d}".ljust(36, "0")


def tenant_id(number: int) -> str:
    """The id of one of the tenants."""
    return f"tenant-{number}"
