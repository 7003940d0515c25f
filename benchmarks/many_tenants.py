"""Many small tenants on one replica: what they take in memory, their first calls, and their timers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import grpc

from benchmarks.calls import CALL_SECONDS, COMPLETE, GATEWAY, ROUTE
from benchmarks.case import Case, case_of
from benchmarks.databases import Database, running_database
from benchmarks.plan import Plan
from benchmarks.servers import Server, running
from benchmarks.small_tenants import CAMPAIGN, DISPOSITION, fill, let_fall_due, tenant_id
from cartera.routing.v1.channel_pb2 import CHANNEL_VOICE
from cartera.routing.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    RouteInteractionRequest,
    RouteInteractionResponse,
)
from cartera.store.open import open_store

CALLERS = 16
"""Who call all tenants in turn."""

BUSY_TENANTS, BUSY_PAUSE = 8, 0.02
"""Who is served while others call for the first time, and how long each caller of theirs rests between two calls."""

REST = 3.0
"""Seconds for a server to come to rest."""

SOON = 3.0
"""Seconds for the timers to be set, and as many more as there are thousands of them."""

PATIENCE = 120.0
ABSOLUTE = "nothing: an absolute figure"


def tenants_rss_mib(plan: Plan) -> Case:
    """The memory of the replica's process once every tenant has called, the timers running, on PostgreSQL."""
    with running_database("postgres") as database:
        fill(database.url, plan.tenants, datetime.now(UTC))
        with _serving(database) as (server, call):
            asyncio.run(call([_route(0)]))
            time.sleep(REST)
            one = server.resident_bytes()
            asyncio.run(call([_route(each) for each in range(plan.tenants)]))
            time.sleep(REST)
            every = server.resident_bytes()
    medians = {
        "tenants": plan.tenants,
        "with one tenant MiB": round(one / 2**20),
        "KiB each": round((every - one) / 2**10 / plan.tenants, 1),
    }
    return case_of("tenants_rss_mib", "MiB", ABSOLUTE, [every / 2**20], medians)


def cold_tenant_ms(name: str, plan: Plan) -> Case:
    """Milliseconds within which 99 % of the first calls to tenants are answered, while others are served."""
    with running_database(name) as database:
        fill(database.url, plan.tenants, datetime.now(UTC))
        with running(["cartera", database.url], database.pid) as server:
            cold, warm = asyncio.run(_first_and_second(server.address, plan))
    medians = {
        "cold p50 ms": _rounded(median(cold)),
        "warm p50 ms": _rounded(median(warm)),
        "warm p99 ms": _rounded(_p99(warm)),
        "first calls": len(cold),
    }
    return case_of(f"cold_tenant_ms_{name}", "ms", ABSOLUTE, [_p99(cold)], medians)


def timer_late_ms_p99(plan: Plan) -> Case:
    """Milliseconds by which 99 % of the timers are late, from the deadline to the notice of the commit, on PostgreSQL.

    A wrap-up ends in each tenant, in one after the other. Then the replica is started when all of them are overdue.
    """
    with running_database("postgres") as database:
        late = _lateness(database, plan)
    with running_database("postgres") as database:
        seconds, calls = _all_at_once(database, plan)
    medians = {
        "p50 ms": _rounded(median(late)),
        "latest ms": _rounded(max(late)),
        "timers a second": round(plan.tenants / plan.timer_seconds),
        "all overdue at a start: s until done": _rounded(seconds),
        "calls meanwhile p99 ms": _rounded(_p99(calls)),
    }
    return case_of("timer_late_ms_p99", "ms", ABSOLUTE, [_p99(late)], medians)


def _lateness(database: Database, plan: Plan) -> list[float]:
    """By how many milliseconds each of the timers was late."""
    now = datetime.now(UTC)
    fill(database.url, plan.tenants, now)
    with running(["cartera", database.url], database.pid), _listening(database.url) as heard:
        first = datetime.now(UTC) + timedelta(seconds=SOON + plan.tenants / 1_000)
        due = {
            each: first + timedelta(seconds=plan.timer_seconds * each / plan.tenants) for each in range(plan.tenants)
        }
        let_fall_due(database.url, now, due)
        assert datetime.now(UTC) < first, "the machine was too slow: the first timer was due before the last was set"
        _wait_for(heard, plan.tenants)
    return [(heard[tenant_id(each)] - due_at).total_seconds() * 1e3 for each, due_at in due.items()]


def _all_at_once(database: Database, plan: Plan) -> tuple[float, list[float]]:
    """The seconds until all that was overdue at the start is done, and the milliseconds that calls took meanwhile."""
    now = datetime.now(UTC) - timedelta(minutes=10)
    fill(database.url, plan.tenants + BUSY_TENANTS, now)
    let_fall_due(database.url, now, dict.fromkeys(range(plan.tenants), now + timedelta(minutes=1)))
    with _listening(database.url) as heard, running(["cartera", database.url], database.pid) as server:
        began = time.monotonic()
        stop = Event()
        calls: list[float] = []
        caller = Thread(target=lambda: calls.extend(asyncio.run(_meanwhile(server.address, plan.tenants, stop))))
        caller.start()
        _wait_for(heard, plan.tenants)
        seconds = time.monotonic() - began
        stop.set()
        caller.join()
    return seconds, calls


async def _meanwhile(address: str, first: int, stop: Event) -> list[float]:
    """How long calls to other tenants take until there is an end."""
    async with grpc.aio.insecure_channel(address) as channel:
        return await _attend(channel, [first + each for each in range(BUSY_TENANTS)], stop.is_set)


async def _first_and_second(address: str, plan: Plan) -> tuple[list[float], list[float]]:
    """How long the first and the second call of many tenants take, one tenant after the other, while some others call
    all the time.
    """
    stop = asyncio.Event()
    async with grpc.aio.insecure_channel(address) as channel:
        busy = [asyncio.create_task(_attend(channel, [each], stop.is_set)) for each in range(BUSY_TENANTS)]
        await asyncio.sleep(REST)
        cold, warm = [], []
        for number in range(BUSY_TENANTS, BUSY_TENANTS + plan.first_calls):
            cold.append(await _timed(channel, ROUTE, _route(number)))
            warm.append(await _timed(channel, ROUTE, _route(number)))
        stop.set()
        await asyncio.gather(*busy)
    return cold, warm


async def _attend(channel: grpc.aio.Channel, numbers: list[int], ended: Callable[[], bool]) -> list[float]:
    """Route and complete until the end, with a rest in between. Returns how long each route took, in milliseconds."""
    times = []
    route: Any = channel.unary_unary(ROUTE)
    complete: Any = channel.unary_unary(COMPLETE)
    for each in count():
        if ended():
            return times
        number = numbers[each % len(numbers)]
        began = time.perf_counter()
        answer = RouteInteractionResponse.FromString(
            await route(_route(number), timeout=CALL_SECONDS, metadata=GATEWAY)
        )
        times.append((time.perf_counter() - began) * 1e3)
        completion = CompleteInteractionRequest(
            tenant_id=tenant_id(number),
            request_id=str(uuid4()),
            interaction_id=answer.interaction.interaction_id,
            disposition=DISPOSITION,
        )
        await complete(completion.SerializeToString(), timeout=CALL_SECONDS, metadata=GATEWAY)
        await asyncio.sleep(BUSY_PAUSE)
    raise AssertionError("counting ended")


async def _timed(channel: grpc.aio.Channel, method: str, request: bytes) -> float:
    began = time.perf_counter()
    await channel.unary_unary(method)(request, timeout=CALL_SECONDS, metadata=GATEWAY)
    return (time.perf_counter() - began) * 1e3


def _route(number: int) -> bytes:
    return RouteInteractionRequest(
        tenant_id=tenant_id(number),
        request_id=str(uuid4()),
        campaign_id=CAMPAIGN,
        contact_id=f"caller-{uuid4()}",
        channel=CHANNEL_VOICE,
    ).SerializeToString()


@contextmanager
def _serving(database: Database) -> Iterator[tuple[Server, Callable[[list[bytes]], Awaitable[None]]]]:
    """A server, and what routes a list of requests, by some callers at once."""
    with running(["cartera", database.url], database.pid) as server:

        async def call(requests: list[bytes]) -> None:
            remaining = iter(requests)
            async with grpc.aio.insecure_channel(server.address) as channel:

                async def work() -> None:
                    for request in remaining:
                        await _timed(channel, ROUTE, request)

                await asyncio.gather(*(work() for _ in range(CALLERS)))

        yield server, call


@contextmanager
def _listening(url: str) -> Iterator[dict[str, datetime]]:
    """When a new revision of each tenant was first heard of."""
    store, stop, heard = open_store(url), Event(), dict[str, datetime]()

    def hear(revisions: Any) -> None:
        now = datetime.now(UTC)
        for each in revisions:
            heard.setdefault(each, now)

    thread = Thread(target=store.listen, args=(hear, stop))
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()
        store.close()


def _wait_for(heard: dict[str, datetime], number: int) -> None:
    end = time.monotonic() + PATIENCE
    while sum(each in heard for each in map(tenant_id, range(number))) < number:
        assert time.monotonic() < end, f"{number - len(heard)} timers were not done"
        time.sleep(0.05)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
