"""The service as a subject: every command is a call over gRPC, and the clock is in the test's hand."""

from datetime import timedelta

from cartera.client import CarteraError
from cartera.contract import encode
from cartera.core.commands import UpdateResource
from cartera.core.records import Tenant
from cartera.core.vocabulary import AgentStatus
from tests.acceptance.floor import Floor
from tests.oracle.subjects import translation
from tests.oracle.subjects.translation import outline

PAGE = 1000


class ServiceTenant:
    """A tenant on a running service."""

    def __init__(self, service, tenant_id):
        self.floor = Floor(service, tenant_id)
        self.began = service.clock.now()
        self.interactions = []

    async def configure(self, configuration):
        command = translation.whole(configuration)
        await self.floor.administrator.configuration.CreateTenant(tenant=encode(command.configuration.tenant))
        await self.floor.administrator.configuration.ApplyConfiguration(configuration=encode(command.configuration))

    async def advance(self, seconds):
        """What is due by then is done then."""
        clock = self.floor.service.clock
        await self.floor.passes(seconds=(self.began + timedelta(seconds=seconds) - clock.now()).total_seconds())

    async def do(self, command):
        by = getattr(command, "by", "")
        client = self.floor.agent(by) if by else self.floor.administrator
        try:
            await call(client, translation.command(command, self._name_of))
        except CarteraError as error:
            named = [*(each.type for each in error.violations), *(each.reason for each in error.field_violations)]
            return set(named) or {error.reason}
        return set()

    async def picture(self):
        answer = await self.floor.administrator.routing.ListInteractions(page_size=PAGE)
        self.interactions = sorted((view.interaction for view in answer.views), key=lambda each: each.sequence)
        table = await self.floor.administrator.monitor.GetMonitor()
        agents = {each.agent_id: (AgentStatus(each.status).name, each.units_in_use) for each in table.monitor.agents}
        return {f"interaction {number}": outline(each) for number, each in enumerate(self.interactions)} | agents

    def _name_of(self, number):
        return self.interactions[number].interaction_id if number < len(self.interactions) else "none"


async def call(client, command):
    """Calls the RPC of a command's name, with its fields."""
    services = (client.routing, client.agents, client.portfolios, client.contacts, client.configuration)
    if isinstance(command, UpdateResource):
        return await update(services, command.resource)
    fields = {name: plain(value) for name, value in command._asdict().items() if value not in ("", (), None)}
    return await method(services, type(command).__name__)(**fields)


async def update(services, resource):
    name = type(resource).__name__
    missing = {} if isinstance(resource, Tenant) else {"allow_missing": True}
    return await method(services, f"Update{name}")(**{name.lower(): encode(resource)}, **missing)


def method(services, name):
    return next(getattr(each, name) for each in services if hasattr(each, name))


def plain(value):
    """Records in a list become messages."""
    return [encode(each) if hasattr(each, "_fields") else each for each in value] if type(value) is tuple else value
