"""The database thread: one thing after the other, each to its end."""

import asyncio
from threading import Event, current_thread

import pytest

from cartera.engine.database import Database
from cartera.store.open import open_store
from cartera.store.store import StoreUnavailable


@pytest.fixture
def database(sqlite_url):
    database = Database(open_store(sqlite_url))
    yield database
    database.close()
    database.store.close()


async def test_who_waits_gets_what_came_of_it(database):
    def fail():
        raise StoreUnavailable("away")

    assert await database.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(StoreUnavailable, match="away"):
        await database.run(fail)
    assert await database.run(int, "11", base=2) == 3


async def test_all_is_run_in_one_thread_in_order(database):
    ran = []

    def run(each):
        ran.append(each)
        return current_thread().name

    names = await asyncio.gather(*(database.run(run, each) for each in range(20)))

    assert ran == list(range(20))
    assert set(names) == {"database"}


@pytest.mark.req("G6")
async def test_what_was_asked_is_finished_though_nobody_waits_any_more(database):
    """A write whose caller has left is not to be half a write."""
    begun, go_on, ran = asyncio.Event(), Event(), []
    loop = asyncio.get_running_loop()

    def write():
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        ran.append("first")

    waiting = asyncio.create_task(database.run(write))
    behind = asyncio.create_task(database.run(ran.append, "second"))
    await begun.wait()
    waiting.cancel()
    behind.cancel()
    go_on.set()
    await database.run(ran.append, "third")

    assert waiting.cancelled()
    assert behind.cancelled()
    assert ran == ["first", "second", "third"]


@pytest.mark.req("G6")
async def test_closing_finishes_what_waits_and_takes_nothing_more(database):
    ran = []
    waiting = [asyncio.create_task(database.run(ran.append, each)) for each in range(3)]
    await asyncio.sleep(0)  # they have asked

    await asyncio.to_thread(database.close)

    await asyncio.gather(*waiting)
    assert ran == [0, 1, 2]
    with pytest.raises(RuntimeError, match="closed"):
        await database.run(ran.append, 3)


async def test_what_comes_while_it_closes_is_refused_and_does_not_wait_for_ever(database, monkeypatch):
    """The thread still runs then: what it was asked before is finished first."""
    begun, go_on, joining, join = Event(), Event(), Event(), database._thread.join
    monkeypatch.setattr(database._thread, "join", lambda: (joining.set(), join()))

    def work():
        begun.set()
        go_on.wait()

    working = asyncio.create_task(database.run(work))
    await asyncio.to_thread(begun.wait)
    closing = asyncio.create_task(asyncio.to_thread(database.close))
    await asyncio.to_thread(joining.wait)  # it has begun to close

    with pytest.raises(RuntimeError, match="closed"):
        await database.run(int)
    go_on.set()
    await asyncio.gather(working, closing)


def test_a_loop_that_is_gone_does_not_end_the_thread(database):
    go_on, ran = Event(), []

    async def ask_and_leave():
        asking = asyncio.create_task(database.run(go_on.wait))
        await asyncio.sleep(0)  # it has asked
        assert not asking.done()

    asyncio.run(ask_and_leave())
    go_on.set()

    asyncio.run(database.run(ran.append, "later"))
    assert ran == ["later"]
