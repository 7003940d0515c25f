"""Explaining: the log is folded up to a decision, beside the calls that go on (W3)."""

import asyncio
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from cartera.core.commands import AssignPortfolio, CreateResource, SetAgentStatus
from cartera.core.explanation import Explanation
from cartera.core.records import Contact, Portfolio
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import AgentStatus, DecisionCause, InteractionState, LeftOut, RoutingReason
from cartera.engine import explaining
from cartera.engine.errors import DeadlinePassed, Draining, QueueFull, RevisionPruned
from cartera.engine.explaining import Inquiry
from cartera.engine.retention import RetentionLimits
from cartera.store.open import open_store
from cartera.store.store import LoggedChange, Store
from tests.engine.floor import TENANT, HeldClock, Replica, replica

pytestmark = pytest.mark.req("W3")


class HeldStore:
    """A store whose log can be read only while the test lets it be."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.readable = threading.Event()
        self.readable.set()
        self.asked = threading.Event()
        self.reads = 0

    def changes_since(self, tenant_id: str, revision: int, limit: int) -> list[LoggedChange]:
        self.asked.set()
        self.readable.wait()
        self.reads += 1
        return self._store.changes_since(tenant_id, revision, limit)

    def hold(self) -> None:
        """Let the log not be read from now on."""
        self.readable.clear()
        self.asked.clear()

    async def is_asked(self) -> None:
        """Until somebody waits for the log."""
        await asyncio.to_thread(self.asked.wait)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def store(database_url: str) -> HeldStore:
    return HeldStore(open_store(database_url))


async def inquiry(engine: Replica, interaction_id: str, **fields: Any) -> Inquiry:
    interaction = await engine.interaction(interaction_id)
    assert interaction is not None
    return Inquiry(TENANT, interaction, **fields)


async def explained(engine: Replica, interaction_id: str, **fields: Any) -> Explanation:
    return await engine.engine.explain(await inquiry(engine, interaction_id, **fields))


def reasons(explanation: Explanation) -> dict[str, tuple[LeftOut, ...]]:
    return {each.agent_id: each.left_out for step in explanation.steps for each in step.candidates}


async def test_a_decision_is_explained_by_the_state_of_its_time(database_url: str) -> None:
    """What happened since does not count."""
    async with replica(database_url) as engine:
        await engine.prepare("ana", "carlos")
        first, second = await engine.route(), await engine.route()
        await engine.complete(second)
        await engine.do(SetAgentStatus("ana", AgentStatus.OFFLINE))
        told = await explained(engine, first)
        assert (told.agent_id, told.reason, told.cause) == ("ana", RoutingReason.ROUND_ROBIN, DecisionCause.ARRIVED)
        assert reasons(told) == {"ana": (), "carlos": (LeftOut.RANKED_BEHIND,)}
        assert told.reproduced


@pytest.mark.parametrize("read", [1, 3], ids=str)
async def test_pages_and_what_is_forgotten_between_them_make_no_difference(
    database_url: str, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    """The explanation is the same however much of the log is read at a time; the contact's portfolio is remembered."""
    async with replica(database_url) as engine:
        await engine.prepare("ana", "carlos")
        await engine.do(CreateResource(Portfolio("p", owner_agent_ids=("carlos",))))
        await engine.do(AssignPortfolio("p", ("luis",)))
        for number in range(5):
            await engine.do(CreateResource(Contact(f"c{number}")))
            await engine.complete(await engine.route())
        interaction_id = await engine.route("luis")
        whole = await explained(engine, interaction_id)
        assert (whole.agent_id, whole.reason) == ("carlos", RoutingReason.OWNER)
        monkeypatch.setattr(explaining, "READ", read)
        assert await explained(engine, interaction_id) == whole


async def test_a_revision_names_the_decision(database_url: str) -> None:
    """What waited and was given later has two decisions; other revisions have none about it."""
    async with replica(database_url) as engine:
        await engine.prepare()
        interaction_id = await engine.route()
        arrived = int(interaction_id.removeprefix("i"))
        given = await engine.do(SetAgentStatus("ana", AgentStatus.ONLINE))
        last = await explained(engine, interaction_id)
        assert (last.revision, last.cause) == (given, DecisionCause.AGENT_AVAILABLE)
        assert await explained(engine, interaction_id, revision=given) == last
        first = await explained(engine, interaction_id, revision=arrived)
        assert (first.state, first.state_revision) == (InteractionState.QUEUED, arrived - 1)
        assert reasons(first) == {"ana": (LeftOut.OFFLINE,), "carlos": (LeftOut.OFFLINE,)}
        for revision in (1, given + 1, 10_000):
            with pytest.raises(Rejected, match="DECISION_NOT_FOUND"):
                await explained(engine, interaction_id, revision=revision)


async def test_calls_go_on_while_an_explanation_is_made(database_url: str, store: HeldStore) -> None:
    """Neither the event loop nor the writer waits for it."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = await inquiry(engine, await engine.route())
        store.hold()
        making = asyncio.create_task(engine.engine.explain(asked))
        await store.is_asked()
        await engine.route()
        assert await engine.held_by("ana") == 2
        assert not making.done()
        store.readable.set()
        assert (await making).agent_id == "ana"


async def test_explanations_are_made_one_after_another_and_not_too_many_wait(
    database_url: str, store: HeldStore
) -> None:
    """Beyond a number the next is refused, and may come again."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = await inquiry(engine, await engine.route())
        store.hold()
        making = [asyncio.create_task(engine.engine.explain(asked)) for _ in range(explaining.WAITING + 1)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await engine.engine.explain(asked)
        store.readable.set()
        assert len(set(await asyncio.gather(*making))) == 1
        assert await engine.engine.explain(asked) == making[0].result()


async def test_a_deadline_ends_an_explanation(database_url: str) -> None:
    """Nobody waits for it any more."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        interaction_id = await engine.route()
        with pytest.raises(DeadlinePassed):
            await explained(engine, interaction_id, deadline=time.monotonic())


async def test_who_leaves_frees_the_place(database_url: str, store: HeldStore) -> None:
    """An explanation whose caller has left is given up, and the next is made."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = await inquiry(engine, await engine.route())
        store.hold()
        making = asyncio.create_task(engine.engine.explain(asked))
        await store.is_asked()
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        reads = store.reads
        store.readable.set()
        assert (await engine.engine.explain(asked)).agent_id == "ana"
        assert store.reads > reads


@pytest.mark.req("G4")
async def test_a_draining_service_gives_up_its_explanations(database_url: str, store: HeldStore) -> None:
    """They are not waited for, and no new one is begun: another replica explains as well."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = await inquiry(engine, await engine.route())
        store.hold()
        making = asyncio.create_task(engine.engine.explain(asked))
        await store.is_asked()
        engine.engine.end_streams()
        store.readable.set()
        with pytest.raises(Draining):
            await making
        with pytest.raises(Draining):
            await engine.engine.explain(asked)


async def test_a_log_without_its_beginning_explains_nothing(database_url: str, store: HeldStore) -> None:
    """A state can't be folded from the middle of a log; that is said."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = await inquiry(engine, await engine.route())
        whole = store.changes_since
        store.changes_since = lambda tenant_id, revision, limit: whole(tenant_id, max(revision, 1), limit)  # type: ignore[method-assign]
        with pytest.raises(RevisionPruned):
            await engine.engine.explain(asked)


async def test_a_decision_after_the_oldest_checkpoint_is_explained_though_the_log_is_pruned(database_url: str) -> None:
    """As it was with the whole log; what arrived before is not explained any more, and that is said."""
    clock = HeldClock()
    kept = RetentionLimits(timedelta(days=90), pause=0.0)
    async with replica(database_url, clock, retention=kept) as engine:
        await engine.prepare("ana", "carlos")
        await engine.do(CreateResource(Portfolio("p", owner_agent_ids=("carlos",))))
        await engine.do(AssignPortfolio("p", ("luis",)))
        early = await engine.route()
        await engine.complete(await engine.route())
        clock.advance(31 * 86_400)
        await engine.engine.tend()
        for agent_id in ("ana", "carlos"):
            await engine.do(SetAgentStatus(agent_id, AgentStatus.ONLINE))
        late = await engine.route("luis")
        whole = await explained(engine, late)
        assert (whole.agent_id, whole.reason) == ("carlos", RoutingReason.OWNER)
        assert (await explained(engine, early)).agent_id == "ana"
        clock.advance(60 * 86_400)
        await engine.engine.tend()
        assert await explained(engine, late) == whole
        with pytest.raises(RevisionPruned) as pruned:
            await explained(engine, early, revision=int(early[1:]))
        assert 1 < pruned.value.oldest < int(late[1:]) <= pruned.value.current
