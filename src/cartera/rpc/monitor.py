"""MonitorService."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime

from cartera.contract.times import span_of
from cartera.core.monitor import Making, Monitor, Part, Scope
from cartera.core.state import State
from cartera.core.vocabulary import Role
from cartera.engine.engine import Engine
from cartera.engine.errors import Draining, WatcherTooSlow
from cartera.routing.v1 import monitor_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.limits import Streams
from cartera.rpc.reading import Reading

INTERVAL = 1.0
"""The seconds between two tables of a stream, unless the watcher says otherwise."""

REST = 9
"""After a table a stream rests so many times as long as the table took, at least: a large tenant's must not keep the
service from routing."""

PART = 500
"""How many rows are made at a time; other calls are answered between two parts."""

MonitorCall = Call[pb.GetMonitorRequest] | Call[pb.WatchMonitorRequest]


class MonitorServicer:
    """Shows how the floor stands (W2)."""

    def __init__(self, engine: Engine, reading: Reading, streams: Streams) -> None:
        self._engine = engine
        self._reading = reading
        self._streams = streams

    async def GetMonitor(self, call: Call[pb.GetMonitorRequest]) -> bytes:
        return await _encoded(call, await self._made(call))

    async def WatchMonitor(self, call: Call[pb.WatchMonitorRequest]) -> AsyncGenerator[bytes]:
        told = shown = 0
        pace = Pace(_interval(call))
        moves = self._engine.revisions(call.request.tenant_id, pace.pause)
        with self._streams.one(call.request.tenant_id, call.actor):
            async with aclosing(moves):
                async for revision in moves:
                    # The last table may have been newer than what the stream was told of; the same twice says that
                    # it has been quiet.
                    known, told = told < revision <= shown, revision
                    if known:
                        continue
                    with pace:
                        making = await self._made(call)
                        table = await _encoded(call, making)
                    try:
                        yield table
                    except TimeoutError:
                        raise WatcherTooSlow(shown) from None
                    shown = making.revision
            # The stream ends by itself only when the service does; as of events, an error says so.
            raise Draining

    async def _made(self, call: MonitorCall) -> Making:
        """The table that a caller may see."""
        supervisor = call.caller if call.actor.role is Role.SUPERVISOR else None
        scope = Scope(tuple(call.request.workgroup_ids), tuple(call.request.agent_ids), supervisor)

        def begin(state: State, now: datetime) -> tuple[Making, Part]:
            making = Making(state, now, scope)
            return making, making.part(state, PART)

        making, part = await self._reading.ask_state(call, begin)
        making.take(part)
        while making.left:
            making.take(await self._reading.ask_state(call, lambda state, _now: making.part(state, PART)))
        return making


class Pace:
    """How long a stream rests: its interval, or longer where a table takes long to make."""

    def __init__(self, interval: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._monotonic = monotonic
        self._began_at = self._took = 0.0

    def __enter__(self) -> None:
        self._began_at = self._monotonic()

    def __exit__(self, *_: object) -> None:
        self._took = self._monotonic() - self._began_at

    def pause(self) -> float:
        return max(self._interval, REST * self._took)


async def _encoded(call: MonitorCall, making: Making) -> bytes:
    """The response, in parts as well. Protobuf reads what follows on a message as more of the same message."""
    encoded = b""
    async for part in _in_parts(making.made()):
        encoded += call.answer(monitor=part)
    return call.answer(revision=making.revision) + encoded


async def _in_parts(whole: Monitor) -> AsyncIterator[Monitor]:
    """The table, in pieces between which others have their turn."""
    for first in range(0, max(len(whole.agents), len(whole.workgroups), 1), PART):
        yield whole._replace(
            workgroups=whole.workgroups[first : first + PART], agents=whole.agents[first : first + PART]
        )
        await asyncio.sleep(0)


def _interval(call: Call[pb.WatchMonitorRequest]) -> float:
    request = call.request
    return span_of(request.interval).total_seconds() if request.HasField("interval") else INTERVAL
