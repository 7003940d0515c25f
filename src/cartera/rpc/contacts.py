"""ContactService."""

from collections.abc import Collection

from cartera.core.caller import Caller
from cartera.core.permission import sees_campaign
from cartera.core.records import Campaign, Contact, ExclusiveAgent, PortfolioContact, Tenant
from cartera.routing.v1 import contact_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.interactions import views_of
from cartera.rpc.reading import Fields, Reading, missing
from cartera.rpc.resources import Resources
from cartera.rpc.visibility import hidden_from, portfolios_seen
from cartera.store.reads import Snapshot

_MOST = 1000
"""How many exclusive agents of one contact are shown: it has one for a campaign at most."""

HISTORY_LENGTH = 10
"""How many interactions a contact's history shows where the campaign's client has no setting (T6)."""


class ContactServicer:
    """Manages the tenant's contact list."""

    def __init__(self, reading: Reading, resources: Resources) -> None:
        self._reading = reading
        self._resources = resources

    async def CreateContact(self, call: Call[pb.CreateContactRequest]) -> bytes:
        return await self._resources.create(call, Contact)

    async def UpdateContact(self, call: Call[pb.UpdateContactRequest]) -> bytes:
        return await self._resources.update(call, Contact)

    async def DeleteContact(self, call: Call[pb.DeleteContactRequest]) -> bytes:
        return await self._resources.delete(call, Contact)

    async def GetContact(self, call: Call[pb.GetContactRequest]) -> bytes:
        portfolio_ids = await portfolios_seen(self._reading, call)

        def belonging(snapshot: Snapshot, contact: Contact) -> Fields:
            return _belonging(call.caller, portfolio_ids, snapshot, contact)

        return await self._resources.get(call, Contact, belonging)

    async def GetContactHistory(self, call: Call[pb.GetContactHistoryRequest]) -> bytes:
        contact_id, campaign_id = call.request.contact_id, call.request.campaign_id

        def question(snapshot: Snapshot) -> Fields:
            length = _history_length(snapshot, campaign_id)
            interactions = snapshot.contact_history(contact_id, length, hidden_from(call.caller, snapshot))
            views = tuple(views_of(snapshot, interactions))
            return {"contact": snapshot.get(Contact, (contact_id,)), "views": views}

        return await self._reading.answer(call, question)

    async def ListContacts(self, call: Call[pb.ListContactsRequest]) -> bytes:
        return await self._resources.page(call, Contact)


def _history_length(snapshot: Snapshot, campaign_id: str) -> int:
    """How many interactions a contact's history shows in a campaign, as its client is set to (T6)."""
    campaign, tenant = snapshot.get(Campaign, (campaign_id,)), snapshot.get(Tenant, ())
    if campaign is None:
        raise missing(Campaign, (campaign_id,))
    settings = tenant.client_settings if tenant else ()
    lengths = {setting.client: setting.history_length for setting in settings}
    return lengths.get(campaign.client) or HISTORY_LENGTH


def _belonging(caller: Caller, portfolio_ids: Collection[str] | None, snapshot: Snapshot, contact: Contact) -> Fields:
    """The contact's place in a portfolio, and its exclusive agents by campaign, as far as the caller sees them."""
    place = snapshot.get(PortfolioContact, (contact.contact_id,))
    is_seen = place is not None and (portfolio_ids is None or place.portfolio_id in portfolio_ids)
    exclusive = snapshot.page(ExclusiveAgent, where={"contact_id": contact.contact_id}, limit=_MOST).records
    return {
        "portfolio_contact": place if is_seen else None,
        "exclusive_agents": [each for each in exclusive if sees_campaign(caller, each.campaign_id)],
    }
