"""The gate: where many call, calls wait for each other."""

import asyncio

import pytest

from cartera.engine import gate as gates
from cartera.engine.gate import Gate
from cartera.engine.gathering import MANY, Gathering
from tests.engine.floor import replica


class Calls:
    """Calls that come one after another, and note who was let in."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.let_in: list[str] = []

    async def come(self, *names: str) -> list[asyncio.Task[None]]:
        """Let them come, and get as far as they can."""
        tasks = [asyncio.create_task(self._call(name)) for name in names]
        await asyncio.sleep(0)
        return tasks

    async def _call(self, name: str) -> None:
        if self._gate.is_closed:
            await self._gate.wait()
        self.let_in.append(name)


async def test_an_open_gate_holds_nobody_up() -> None:
    """Where few call, each goes on at once."""
    calls = Calls(Gate())
    await calls.come("a", "b")
    assert calls.let_in == ["a", "b"]


async def test_who_waits_is_let_in_together_and_in_order() -> None:
    """All at once, one right after the other; who comes after that isn't held up."""
    gate = Gate()
    calls = Calls(gate)
    gate.close()
    waiting = await calls.come("a", "b", "c")
    assert (calls.let_in, gate.waiting) == ([], 3)
    gate.open()
    assert gate.waiting == 0
    await asyncio.gather(*waiting, *await calls.come("d"))
    assert calls.let_in == ["a", "b", "c", "d"]


async def test_nobody_waits_for_longer_than_the_longest_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that takes long, or never ends, holds up nobody at the gate; and the next ones wait for each other."""
    monkeypatch.setattr(gates, "LONGEST", 0.0)
    gate = Gate()
    calls = Calls(gate)
    gate.close()
    await asyncio.gather(*await calls.come("a", "b"))
    assert (calls.let_in, gate.is_closed) == (["a", "b"], True)
    await asyncio.gather(*await calls.come("c"))
    assert calls.let_in == ["a", "b", "c"]


async def test_who_leaves_is_not_counted() -> None:
    """A caller whose deadline passes at the gate is gone."""
    gate = Gate()
    calls = Calls(gate)
    gate.close()
    first, second = await calls.come("a", "b")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert gate.waiting == 1
    gate.open()
    await second
    assert calls.let_in == ["b"]


async def test_only_where_many_call_is_the_gate_closed() -> None:
    """While a batch of many is on its way, and until the next one has gathered."""
    gathering = Gathering(lambda: None)
    gathering.add(MANY - 1)
    gathering.begin(MANY - 1)
    assert not gathering.gate.is_closed
    gathering.add(MANY)
    gathering.begin(MANY)
    assert gathering.gate.is_closed
    gathering.answered(MANY)
    calls = Calls(gathering.gate)
    back = await calls.come(*map(str, range(MANY)))
    await gathering.gather()
    assert not gathering.gate.is_closed
    assert all(each.done() for each in back)


async def test_the_first_who_calls_after_a_while_does_not_wait(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate was left closed by the last batch of many; one who comes to it alone has it opened."""
    monkeypatch.setattr(gates, "LONGEST", 3600.0)
    monkeypatch.setattr("cartera.engine.gathering.BACK_SOON", 0.0)
    async with replica(sqlite_url) as replicated:
        await replicated.prepare("ana")
        await asyncio.gather(*(replicated.route() for _ in range(2 * MANY)))
        gate = replicated.engine.gate
        assert gate.is_closed
        await gate.wait()
        assert not gate.is_closed
