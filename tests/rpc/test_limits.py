"""How many calls at once."""

import asyncio

import pytest

from cartera.engine.errors import Draining, TooManyStreams
from cartera.rpc.limits import Streams, UnaryCalls

pytestmark = pytest.mark.req("G4")


async def until_waiting():
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_calls_beyond_the_limit_wait_their_turn():
    """One place, two calls: the second begins when the first has ended."""
    calls, begun = UnaryCalls(1), []

    async def call(number, end):
        async with calls:
            begun.append(number)
            await end.wait()

    ends = [asyncio.Event(), asyncio.Event()]
    tasks = [asyncio.create_task(call(number, end)) for number, end in enumerate(ends)]
    await until_waiting()
    assert begun == [0]
    ends[0].set()
    await until_waiting()
    assert begun == [0, 1]
    ends[1].set()
    await asyncio.gather(*tasks)


async def test_finishing_waits_for_calls_under_way_and_takes_no_more():
    """At the end, what was begun is finished and nothing is begun."""
    calls, end = UnaryCalls(2), asyncio.Event()

    async def call():
        async with calls:
            await end.wait()

    task = asyncio.create_task(call())
    await until_waiting()
    finishing = asyncio.create_task(calls.finish())
    await until_waiting()
    assert not finishing.done()
    with pytest.raises(Draining):
        await call()
    end.set()
    await finishing
    await task


async def test_a_call_that_leaves_while_it_waits_is_not_waited_for():
    """A caller whose deadline passes in the queue holds nothing up."""
    calls, end = UnaryCalls(1), asyncio.Event()

    async def call():
        async with calls:
            await end.wait()

    first, second = asyncio.create_task(call()), asyncio.create_task(call())
    await until_waiting()
    second.cancel()
    end.set()
    await asyncio.wait([first, second])
    await calls.finish()
    assert second.cancelled()


def test_streams_beyond_the_limit_are_refused_until_one_ends():
    """A stream has no end to wait for."""
    streams = Streams(1)
    with streams.one(), pytest.raises(TooManyStreams), streams.one():
        pass
    with streams.one():
        pass
