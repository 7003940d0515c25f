"""One tenant's flood is its own: who is let in, who waits, who is refused, and what it is told."""

import asyncio

import pytest

from cartera.engine.errors import QueueFull
from cartera.engine.turns import ASKING, LATEST, SOONEST, WAITING_FOR_EACH, TurnLimits, Turns

pytestmark = pytest.mark.req("G5")


class Door:
    """Turns, with a clock in the test's hand; notes who was let in, in order."""

    def __init__(self, **limits: int) -> None:
        self.now = 100.0
        self.turns = Turns(TurnLimits(**{"places": 100, "shared": 8, "least": 2, **limits}), lambda: self.now)
        self.let_in: list[str] = []
        self.inside: dict[str, list[asyncio.Future[None]]] = {}
        self.refused: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def ask(self, *callers: str) -> list[asyncio.Task[None]]:
        """Callers come, each named by its tenant's letter and a number."""
        tasks = [asyncio.create_task(self.call(each)) for each in callers]
        self._tasks += tasks
        await settled()
        return tasks

    async def call(self, caller: str) -> None:
        """A call of a caller, from the first to the last."""
        try:
            async with self.turns.turn(caller[0]):
                self.let_in.append(caller)
                end = asyncio.get_running_loop().create_future()
                self.inside.setdefault(caller[0], []).append(end)
                await end
        except QueueFull as full:
            self.refused[caller] = full.retry_after

    async def end(self, tenant: str, number: int = 1) -> None:
        """The first calls of a tenant end."""
        for _ in range(number):
            self.inside[tenant].pop(0).set_result(None)
        await settled()

    def count(self, tenant: str) -> int:
        return len(self.inside.get(tenant, ()))

    async def refusal(self, caller: str) -> float:
        """After how many seconds a caller is to come again."""
        await self.ask(caller)
        return self.refused[caller]


async def settled() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


def many(tenant: str, number: int, first: int = 0) -> list[str]:
    return [f"{tenant}{each}" for each in range(first, first + number)]


async def test_a_tenant_alone_has_every_place() -> None:
    """No share is kept for who doesn't ask."""
    door = Door(waiting=5)
    await door.ask(*many("a", 105))
    assert door.count("a") == 100
    assert not door.refused
    assert await door.refusal("a105") >= SOONEST


async def test_a_flood_has_its_share_and_others_are_let_in_at_once() -> None:
    """While others ask, a tenant has its share of the places, some wait, and the rest is refused."""
    door = Door()
    await door.ask(*many("b", 9))  # alone, it may; then it is quiet for a moment
    await door.end("b", 9)
    await door.ask(*many("a", 100))
    assert door.count("a") == 4  # of the eight that two tenants share
    assert len(door.refused) == 100 - 4 - 4 * WAITING_FOR_EACH
    await door.ask("b9", "b10", "c0")
    assert door.let_in[-3:] == ["b9", "b10", "c0"]


async def test_a_flood_beside_tenants_that_want_little_has_little() -> None:
    """More would make them wait; what they want at their busiest counts, and is forgotten in time."""
    door = Door(shared=100)
    await door.ask("b0", "b1", "b2")
    await door.ask(*many("a", 60))
    assert door.count("a") == 3
    await door.end("b", 3)
    door.now += 1.0
    await door.ask("b3")
    await door.end("a")
    assert door.count("a") == 2
    for _ in range(2):
        await door.end("a", 2)
        assert door.count("a") == 2


async def test_tenants_that_want_alike_hold_each_other_up_in_nothing() -> None:
    """Each has as many as the others, while all of them have their part."""
    door = Door(shared=40)
    await door.ask(*(f"{letter}{number}" for letter in "abcd" for number in range(10)))
    assert {door.count(letter) for letter in "abcd"} == {10}


async def test_every_tenant_has_the_least_however_many_ask() -> None:
    """A share of many is small, but never nothing."""
    door = Door()
    await door.ask(*(f"{letter}{number}" for number in range(3) for letter in "abcdefgh"))
    assert {door.count(letter) for letter in "abcdefgh"} == {2}


async def test_calls_of_a_tenant_are_let_in_as_they_came() -> None:
    """Who comes while others are being called stays behind them."""
    door = Door()
    await door.ask("b0")
    await door.ask(*many("a", 10))
    for _ in range(2):
        door.inside["a"].pop(0).set_result(None)
    newcomers = [asyncio.create_task(door.call(each)) for each in many("a", 3, first=10)]
    await settled()
    while door.count("a"):
        await door.end("a")
    assert [each for each in door.let_in if each.startswith("a")] == many("a", 13)
    await asyncio.gather(*newcomers)


async def test_tenants_take_turns_where_all_places_are_taken() -> None:
    """A place that comes free goes to the next tenant, not to the longest queue."""
    door = Door(places=2, shared=2, least=1)
    await door.ask("z0", "z1")
    await door.ask(*many("a", 4), "b0", "b1", "c0")
    await door.end("z", 2)
    for letter in "abcab":
        await door.end(letter)
    assert door.let_in[2:] == ["a0", "b0", "c0", "a1", "b1", "a2"]


async def test_the_time_to_come_again_grows_with_what_waits_and_what_was_refused() -> None:
    """Each refused call gets a time of its own, at the pace at which the tenant's calls end."""
    door = Door()
    await door.ask("b0")
    await door.ask(*many("a", 2 + 2 * WAITING_FOR_EACH))
    for number in range(20):  # a call ends every 50 ms, and another comes
        door.now += 0.05
        await door.end("a")
        await door.ask(f"a{100 + number}")
    pace = 1.1 / 30  # the ten in a tenth of a second that are supposed, included
    times = [await door.refusal(f"a{200 + number}") for number in range(5)]
    assert times == pytest.approx([pace * (33 + number) for number in range(5)])
    door.now += 1.0
    assert await door.refusal("a300") > times[0]
    for number in range(400, 800):
        longest = await door.refusal(f"a{number}")
    assert longest == LATEST


async def test_who_is_quiet_no_longer_counts() -> None:
    """A tenant that asks alone again has every place again."""
    door = Door()
    await door.ask("b0")
    await door.end("b")
    await door.ask(*many("a", 10))
    assert door.count("a") == 2
    door.now += ASKING + 1
    await door.ask("a10")
    assert door.count("a") == 11


async def test_who_leaves_while_it_waits_holds_nobody_up() -> None:
    """Whether it was called just before or not."""
    door = Door(places=1, shared=1, least=1)
    await door.ask("a0")
    first, second, third = await door.ask("a1", "a2", "a3")
    second.cancel()
    await settled()
    door.inside["a"].pop(0).set_result(None)
    await asyncio.sleep(0)  # a0 ends and calls a1, which leaves before it notices
    first.cancel()
    await settled()
    assert door.let_in == ["a0", "a3"]
    await door.end("a")
    await third
    await door.ask("b0")
    assert door.let_in[-1] == "b0"
