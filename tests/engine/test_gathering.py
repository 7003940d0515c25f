"""Gathering: how long a batch waits for those who were answered last."""

import asyncio

import pytest

from cartera.engine import gathering
from cartera.engine.gathering import MANY, REST, TRIES, Gathering

TURNS = 10
"""Of the event loop: more than a timer takes that is due at once."""


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """To wait for all takes as long as it takes; else nobody is waited for."""
    for name in ("TIMES", "LONGEST", "BACK_SOON"):
        monkeypatch.setattr(gathering, name, 1e9)
    for name in ("GATHERED_EACH", "GATHERED_LEAST", "GATHERED_MOST"):
        monkeypatch.setattr(gathering, name, 0.0)


class Floor:
    """Callers, of whom a batch was just answered."""

    def __init__(self) -> None:
        self.gathering = Gathering(lambda: None)
        self.expected = 2 * MANY
        self.gathering.add(self.expected)
        self.answer()

    def answer(self, others: int = 0) -> None:
        """A batch of all who are expected, while whom some others come, for a batch that doesn't gather."""
        self.gathering.begin(self.expected)
        self.gathering.add(others)
        self.gathering.answered(self.expected)
        self.gathering.begin(others)
        self.expected += others

    async def call_again(self, others: int = 0) -> None:
        """All come back, which their batch waits for; then they are answered."""
        waiting = asyncio.create_task(self.gathering.gather())
        await asyncio.sleep(0)
        self.gathering.add(self.expected - 1)
        await asyncio.sleep(0)
        assert not waiting.done()
        self.gathering.add(1)
        await waiting
        self.answer(others)

    async def in_vain(self, times: int) -> None:
        """So many batches wait for all, and others come nevertheless."""
        for _ in range(times):
            await self.call_again(others=self.expected)

    async def is_waiting(self) -> bool:
        """Whether the next batch waits for somebody who isn't here."""
        waiting = asyncio.create_task(self.gathering.gather())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return waiting.cancel()


async def test_a_batch_waits_for_all_who_were_answered() -> None:
    """And for no longer than until the last of them is here."""
    await Floor().call_again()


async def test_where_others_come_batches_stop_waiting_for_all() -> None:
    """Where those who call are others each time, nobody knows when they come."""
    floor = Floor()
    await floor.in_vain(TRIES - 1)
    assert await floor.is_waiting()
    await floor.in_vain(1)
    assert not await floor.is_waiting()


async def test_after_a_rest_they_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers may have become such as call again and again. Where it is in vain once more, the next rest is longer."""
    now = 0.0
    monkeypatch.setattr(Gathering, "_time", lambda _: now)
    floor = Floor()
    await floor.in_vain(TRIES)
    now += REST
    await floor.in_vain(TRIES)
    now += REST
    assert not await floor.is_waiting()
    now += REST
    assert await floor.is_waiting()


async def test_one_batch_that_was_of_use_makes_up_for_those_in_vain() -> None:
    """A few who come beside them make no difference."""
    floor = Floor()
    await floor.in_vain(TRIES - 1)
    await floor.call_again(others=1)
    await floor.in_vain(TRIES - 1)
    assert await floor.is_waiting()


async def test_on_a_slow_machine_a_batch_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it takes this thread to answer and to read: here nothing at first, then an hour."""
    computed = 0.0
    monkeypatch.setattr(gathering, "AT_FIRST", 0.0)
    monkeypatch.setattr("time.thread_time", lambda: computed)
    floor = Floor()
    floor.gathering.add(floor.expected - 1)
    computed = 3600.0
    await floor.gathering.gather()
    floor.gathering.add(1)
    floor.answer()
    assert await floor.is_waiting()
