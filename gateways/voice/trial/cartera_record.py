"""What Cartera wrote down: every change from the beginning, and how each interaction stands at the end."""

from collections.abc import Iterator

from cartera.client import Client
from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import AuditedObject
from cartera.routing.v1.interaction_pb2 import Interaction

from trial.programs import TENANT

INTERACTIONS = AuditedObject.AUDITED_OBJECT_INTERACTION
PAGE = 1000


def administrator(address: str) -> Client:
    return Client(address, tenant_id=TENANT, role="administrator", subject="trial")


def changes(client: Client) -> list[Change]:
    """All of them up to now."""
    last = client.configuration.GetTenant().revision
    found: list[Change] = []
    with client.watch(0, give_up_after=30) as watch:
        while watch.revision < last:
            step = next(watch)
            if step.HasField("change"):
                found.append(step.change)
    return found


def interactions(client: Client) -> Iterator[Interaction]:
    token = ""
    while True:
        listed = client.routing.ListInteractions(page_size=PAGE, page_token=token)
        yield from (view.interaction for view in listed.views)
        token = listed.next_page_token
        if not token:
            return


def by_hand(client: Client) -> list[Change]:
    """What somebody did about who has which interaction, by the audit. Routing by itself isn't in it."""
    found: list[Change] = []
    token = ""
    while True:
        listed = client.events.ListAudit(object_type=INTERACTIONS, page_size=PAGE, page_token=token)
        found += listed.changes
        token = listed.next_page_token
        if not token:
            return found


def key_of(interaction: Interaction) -> str:
    """The call that it came from."""
    return next((tag.removeprefix("call:") for tag in interaction.tags if tag.startswith("call:")), "")
