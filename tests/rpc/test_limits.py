"""How many calls at once."""

import asyncio

import pytest

from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.engine.errors import CallerQueueFull, Draining, TooManyStreams
from cartera.engine.turns import TurnLimits
from cartera.rpc.callers import CallerLimits
from cartera.rpc.limits import STREAMS_FOR_EACH_FREE, Streams, UnaryCalls, tenant_of
from cartera.rpc.methods import all_methods

pytestmark = pytest.mark.req("G4")


def unary_calls(places):
    return UnaryCalls(TurnLimits(places=places, shared=places, least=1))


async def until_waiting():
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


ANA, BEA, GATEWAY = Actor(Role.AGENT, "ana"), Actor(Role.AGENT, "bea"), Actor(Role.GATEWAY, "voice-1")


async def call(calls, end, actor=Actor(Role.ADMINISTRATOR)):
    entry = calls.ask(b"acme", actor)
    if not calls.let_in(entry):
        await calls.wait(entry)
    try:
        await end.wait()
    finally:
        calls.leave(entry)


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


@pytest.mark.req("G7")
def test_a_person_has_fewer_calls_than_a_program():
    """Each caller of each tenant is counted apart, by its role and its name; who has no name isn't counted."""
    calls = UnaryCalls(TurnLimits(100, 100, 1), CallerLimits(person_calls=1, program_calls=2))
    first = calls.ask(b"acme", ANA)
    for tenant, actor in ((b"acme", BEA), (b"other", ANA), (b"acme", GATEWAY), (b"acme", GATEWAY)):
        calls.ask(tenant, actor)
    for actor in (ANA, GATEWAY):
        with pytest.raises(CallerQueueFull):
            calls.ask(b"acme", actor)
    for _ in range(5):
        calls.ask(b"acme", Actor(Role.AGENT))
    assert calls.let_in(first)
    calls.leave(first)
    assert calls.ask(b"acme", ANA)


@pytest.mark.req("G7")
async def test_no_caller_takes_all_of_its_tenants_room():
    """Of four places, one to be served and three to wait, a gateway gets three; the fourth is for its colleagues."""
    calls, end = UnaryCalls(TurnLimits(places=1, shared=1, least=1, waiting=3)), asyncio.Event()
    tasks = [asyncio.create_task(call(calls, end, GATEWAY)) for _ in range(4)]
    await until_waiting()
    assert [each.done() for each in tasks] == [False, False, False, True]
    assert isinstance(tasks.pop().exception(), CallerQueueFull)
    tasks.append(asyncio.create_task(call(calls, end, ANA)))
    await until_waiting()
    end.set()
    await asyncio.gather(*tasks)
    assert not calls._callers._calls


@pytest.mark.req("G7")
def test_a_callers_streams_are_limited():
    """A desktop that opens streams in a loop is refused; others of its tenant aren't."""
    streams = Streams(100, CallerLimits(person_streams=1))
    with streams.one("acme", ANA), streams.one("acme", BEA):
        with pytest.raises(TooManyStreams) as refused, streams.one("acme", ANA):
            pass
        assert refused.value.caller_limit == 1
    with streams.one("acme", ANA):
        pass
    assert not streams._callers._open


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
