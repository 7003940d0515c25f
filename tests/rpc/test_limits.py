"""How many calls at once."""

import asyncio

import pytest

from cartera.engine.errors import Draining, TooManyStreams
from cartera.engine.turns import TurnLimits
from cartera.rpc.limits import STREAMS_FOR_EACH_FREE, Streams, UnaryCalls, tenant_of
from cartera.rpc.methods import all_methods

pytestmark = pytest.mark.req("G4")


def unary_calls(places):
    return UnaryCalls(TurnLimits(places=places, shared=places, least=1))


async def until_waiting():
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def call(calls, end):
    place = calls.ask(b"acme")
    if not calls.let_in(place):
        await calls.wait(place, b"acme")
    try:
        await end.wait()
    finally:
        calls.leave(place)


async def test_finishing_waits_for_calls_under_way_and_takes_no_more():
    """At the end, what was begun is finished and nothing is begun; who waits for a place is one of those under way."""
    calls, end = unary_calls(1), asyncio.Event()
    tasks = [asyncio.create_task(call(calls, end)) for _ in range(2)]
    await until_waiting()
    finishing = asyncio.create_task(calls.finish())
    await until_waiting()
    assert not finishing.done()
    with pytest.raises(Draining):
        await call(calls, end)
    end.set()
    await finishing
    await asyncio.gather(*tasks)


async def test_a_call_that_leaves_while_it_waits_is_not_waited_for():
    """A caller whose deadline passes in the queue holds nothing up."""
    calls, end = unary_calls(1), asyncio.Event()
    first, second = asyncio.create_task(call(calls, end)), asyncio.create_task(call(calls, end))
    await until_waiting()
    second.cancel()
    end.set()
    await asyncio.wait([first, second])
    await calls.finish()
    assert second.cancelled()


def test_streams_beyond_the_limit_are_refused_until_one_ends():
    """A stream has no end to wait for."""
    streams = Streams(1)
    with streams.one("acme"), pytest.raises(TooManyStreams), streams.one("acme"):
        pass
    with streams.one("acme"):
        pass


@pytest.mark.req("G5")
def test_no_tenant_takes_all_streams():
    """Of ten streams a tenant alone may have eight; what is left is for others, and a part of that for each."""
    streams, opened = Streams(10), []

    def open_all(tenant_id):
        while True:
            one = streams.one(tenant_id)
            try:
                one.__enter__()
            except TooManyStreams:
                return sum(of == tenant_id for of, _ in opened)
            opened.append((tenant_id, one))

    assert open_all("flood") == 10 * STREAMS_FOR_EACH_FREE // (STREAMS_FOR_EACH_FREE + 1)
    assert open_all("other") > 0
    for _, one in opened:
        one.__exit__(None, None, None)
    opened.clear()
    assert open_all("other") == 8


@pytest.mark.parametrize("method", all_methods(), ids=lambda method: method.path)
def test_every_request_begins_with_its_tenant(method):
    """So the tenant is known before a message is made of the bytes."""
    request = method.request(tenant_id="ácme")
    if "request_id" in method.request.DESCRIPTOR.fields_by_name:
        request.request_id = "r1"
    assert tenant_of(request.SerializeToString()) == "ácme".encode()


@pytest.mark.parametrize("payload", [b"", b"\n", b"\n\xff", b"\x12\x02ab", b"\n\x80\x01" + b"a" * 128])
def test_bytes_that_do_not_begin_with_a_tenant_name_none(payload):
    """Calls with such bytes count as one tenant's."""
    assert tenant_of(payload) == b""
