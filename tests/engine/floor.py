"""An engine on a database, with a small tenant and a clock that the test holds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from cartera.core.caller import Caller
from cartera.core.commands import (
    ApplyConfiguration,
    Command,
    CompleteInteraction,
    Configuration,
    RouteInteraction,
    SetAgentStatus,
)
from cartera.core.records import (
    Actor,
    Agent,
    Campaign,
    CampaignAddress,
    Contact,
    Disposition,
    Interaction,
    Tenant,
    Workgroup,
)
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, AssignmentMethod, Channel, Role
from cartera.engine.engine import Engine, EngineLimits
from cartera.engine.shards import Bounds
from cartera.engine.submission import Outcome, Submission
from cartera.store.open import open_store
from cartera.store.store import Store

ADMINISTRATOR = Caller(Actor(Role.ADMINISTRATOR))
Answer = TypeVar("Answer")

TENANT = "acme"

CONFIGURATION = Configuration(
    tenant=Tenant("Acme", "100"),
    agents=(Agent("ana", capacity=2), Agent("carlos", capacity=2)),
    workgroups=(
        Workgroup(
            "ventas",
            member_ids=("ana", "carlos"),
            method=AssignmentMethod.ROUND_ROBIN,
            owner_wait=timedelta(seconds=30),
            queue_when_nobody_online=True,
        ),
        Workgroup("dispenser", member_ids=("ana", "carlos"), method=AssignmentMethod.MANUAL),
    ),
    campaigns=(
        Campaign(
            "web",
            addresses=(CampaignAddress(Channel.CHAT, "page"), CampaignAddress(Channel.VOICE, "900")),
            workgroup_ids=("ventas",),
            dispositions=(Disposition("venta"),),
        ),
        Campaign("counter", addresses=(CampaignAddress(Channel.VOICE, "901"),), workgroup_ids=("dispenser",)),
    ),
    contacts=(Contact("luis"), Contact("marta")),
)


class HeldClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def revision_of(_state: State, outcome: Outcome) -> bytes:
    """A response that only says the revision."""
    return str(outcome.revision).encode()


class Replica:
    """An engine, and short ways to ask it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._numbers = count(1)

    async def do(self, command: Command, *, tenant_id: str = TENANT, **submission: Any) -> int:
        """Submit a command; gives the revision."""
        given = {"caller": ADMINISTRATOR, "respond": revision_of, **submission}
        return int(await _and_the_rest(self.engine.submit(Submission(tenant_id, command, **given))))

    async def prepare(self, *online: str, tenant_id: str = TENANT) -> None:
        """Configure the tenant, and have agents go online."""
        await self.do(ApplyConfiguration(CONFIGURATION), tenant_id=tenant_id)
        for agent_id in online:
            await self.do(SetAgentStatus(agent_id, AgentStatus.ONLINE), tenant_id=tenant_id)

    async def route(
        self, contact_id: str = "", *, campaign_id: str = "web", tenant_id: str = TENANT, **submission: Any
    ) -> str:
        """Route a call; gives the interaction's id."""
        command = RouteInteraction(campaign_id, contact_id or f"caller-{next(self._numbers)}", Channel.VOICE)
        return f"i{await self.do(command, tenant_id=tenant_id, **submission)}"

    async def complete(self, interaction_id: str) -> int:
        return await self.do(CompleteInteraction(interaction_id, "venta"))

    async def interaction(self, interaction_id: str, tenant_id: str = TENANT) -> Interaction | None:
        asked = self.engine.query(tenant_id, lambda state, _now: state.get(Interaction, interaction_id))
        return await _and_the_rest(asked)

    async def held_by(self, agent_id: str) -> int:
        return await _and_the_rest(self.engine.query(TENANT, lambda state, _now: state.units_in_use(agent_id)))


async def _and_the_rest(answer: Awaitable[Answer]) -> Answer:
    """What nobody waits for is done after the answer: no test does anything before that, or moves the clock."""
    answered = await answer
    await asyncio.sleep(0)
    return answered


@asynccontextmanager
async def replica(
    url: str, clock: HeldClock | None = None, store: Store | None = None, **limits: Any
) -> AsyncIterator[Replica]:
    """A started engine; it is stopped at the end."""
    opened = store or open_store(url)
    bounds = Bounds(**{name: limits.pop(name) for name in Bounds._fields if name in limits})
    engine = Engine(opened, clock or HeldClock(), EngineLimits(**{"poll_seconds": 60.0, "bounds": bounds, **limits}))
    await engine.start()
    try:
        yield Replica(engine)
    finally:
        await engine.stop()
        await asyncio.to_thread(opened.close)
