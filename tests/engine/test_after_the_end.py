"""What is said of an interaction after its end, when it is in the database and in no replica's memory."""

import asyncio

import pytest

from cartera.core.commands import CompleteInteraction, ReportDelivery, RouteInteraction, WriteNote
from cartera.core.events import MessageDeliveryChanged
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel, DeliveryState
from cartera.engine.submission import Delivery
from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.engine.floor import TENANT, Replica, replica


async def ended_chat(engine: Replica) -> str:
    """A chat that Ana has attended."""
    await engine.prepare("ana")
    interaction_id = f"i{await engine.do(RouteInteraction('web', 'luis', Channel.CHAT))}"
    await engine.do(CompleteInteraction(interaction_id, "venta"))
    return interaction_id


def stored(url: str, interaction_id: str) -> Interaction:
    """An interaction as the database has it."""
    store = open_store(url)
    (found,) = store.load_interactions({TENANT: [interaction_id]})[TENANT]
    store.close()
    return found


@pytest.mark.req("T8", "W1", "G6")
async def test_a_change_without_records(database_url: str) -> None:
    """How far a message has come is a change of its own, written, delivered and verified, though it changes no row."""
    async with replica(database_url) as first, replica(database_url) as second:
        interaction_id = await ended_chat(first)
        before = stored(database_url, interaction_id)
        report = ReportDelivery(interaction_id, "wamid.1", DeliveryState.READ)
        revision = await second.do(report)
        assert await first.do(report) == revision + 1
        told = await delivered(first, revision - 1, 2)
    event = MessageDeliveryChanged(interaction_id, "ventas", "ana", "wamid.1", DeliveryState.READ)
    assert [(each.change.revision, each.change.events) for each in told] == [
        (revision, (event,)),
        (revision + 1, (event,)),
    ]
    assert stored(database_url, interaction_id) == before
    assert verify(open_store(database_url), TENANT) == []


async def delivered(engine: Replica, start_after: int, number: int) -> list[Delivery]:
    """The first changes after a revision, as a watcher is told them."""
    found: list[Delivery] = []
    steps = engine.engine.watch(TENANT, start_after)
    while len(found) < number:
        step = await anext(steps)
        if isinstance(step, Delivery):
            found.append(step)
    await steps.aclose()
    return found


@pytest.mark.req("T6", "G5", "G6")
async def test_notes_from_two_replicas(database_url: str) -> None:
    """Two replicas write notes about one interaction that has ended, at once and in turn; none is lost or doubled."""
    async with replica(database_url) as first, replica(database_url) as second:
        interaction_id = await ended_chat(first)
        texts = [f"nota {number}" for number in range(20)]
        both = [(first, second)[number % 2] for number in range(20)]
        await asyncio.gather(
            *(each.do(WriteNote(interaction_id, text)) for each, text in zip(both, texts, strict=True))
        )
        for number, each in enumerate(both, 1):
            await each.do(WriteNote(interaction_id, f"la {number}", number))
    assert [note.text for note in stored(database_url, interaction_id).notes] == [f"la {each}" for each in range(1, 21)]
    assert verify(open_store(database_url), TENANT) == []
