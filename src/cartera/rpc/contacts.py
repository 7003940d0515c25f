"""ContactService."""

from cartera.core.records import Contact, ExclusiveAgent, PortfolioContact
from cartera.routing.v1 import contact_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.reading import Fields
from cartera.rpc.resources import Resources
from cartera.store.reads import Snapshot

_MOST = 1000
"""How many exclusive agents of one contact are shown: it has one for a campaign at most."""


class ContactServicer:
    """Manages the tenant's contact list."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def CreateContact(self, call: Call[pb.CreateContactRequest]) -> bytes:
        return await self._resources.create(call, Contact)

    async def UpdateContact(self, call: Call[pb.UpdateContactRequest]) -> bytes:
        return await self._resources.update(call, Contact)

    async def DeleteContact(self, call: Call[pb.DeleteContactRequest]) -> bytes:
        return await self._resources.delete(call, Contact)

    async def GetContact(self, call: Call[pb.GetContactRequest]) -> bytes:
        return await self._resources.get(call, Contact, _belonging)

    async def ListContacts(self, call: Call[pb.ListContactsRequest]) -> bytes:
        return await self._resources.page(call, Contact)


def _belonging(snapshot: Snapshot, contact: Contact) -> Fields:
    """The contact's place in a portfolio, and its exclusive agents by campaign."""
    where = {"contact_id": contact.contact_id}
    return {
        "portfolio_contact": snapshot.get(PortfolioContact, (contact.contact_id,)),
        "exclusive_agents": snapshot.page(ExclusiveAgent, where=where, limit=_MOST).records,
    }
