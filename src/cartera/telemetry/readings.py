"""What there is to be read of each metric at a moment."""

import platform
from collections.abc import Iterator

from cartera import __version__
from cartera.engine.engine import Engine
from cartera.engine.slices import Slices
from cartera.telemetry import catalogue
from cartera.telemetry.catalogue import METRICS, Metric
from cartera.telemetry.figures import Distribution, Labels
from cartera.telemetry.floor import floor
from cartera.telemetry.metrics import CallMetrics, EngineMetrics, MethodMetrics

Value = float | Distribution
Values = dict[Labels, Value]
"""Of a metric, by the values of its labels."""

_Reading = tuple[Metric, Labels, Value]


class Readings:
    """Reads everything, bit by bit."""

    def __init__(self, engine: Engine, calls: CallMetrics, work: EngineMetrics, labels: int) -> None:
        self._engine = engine
        self._calls = calls
        self._work = work
        self._labels = labels

    async def read(self, slices: Slices) -> dict[Metric, Values]:
        """Every metric that has any value."""
        found: dict[Metric, Values] = {}
        for metric, labels, value in [*self._of_engine(), *self._of_calls(), *await self._of_memory(slices)]:
            found.setdefault(metric, {})[labels] = value
        return {metric: found[metric] for metric in METRICS if metric in found}

    def _of_engine(self) -> Iterator[_Reading]:
        yield catalogue.BUILD, (__version__, platform.python_version()), 1
        yield catalogue.DATABASE, (), float(self._engine.lookout.is_well)
        yield catalogue.COMMANDS_WAITING, (), self._engine.waiting()
        yield catalogue.WATCHERS, (), self._engine.watchers()
        for metric, count in self._work.counts.items():
            yield from ((metric, labels, number) for labels, number in count.numbers.items())
        yield from ((metric, (), distribution) for metric, distribution in self._work.distributions.items())

    def _of_calls(self) -> Iterator[_Reading]:
        methods = self._calls.methods
        yield catalogue.IN_FLIGHT, (), sum(each.in_flight for each in methods if not each.streams)
        for each in methods:
            if each.streams:
                yield catalogue.STREAMS, each.labels, each.in_flight
            if each.is_known():
                yield from _of_method(each)
        yield from ((catalogue.REFUSED, labels, number) for labels, number in self._calls.refused.numbers.items())

    async def _of_memory(self, slices: Slices) -> list[_Reading]:
        census = await self._engine.census()
        readings: list[_Reading] = [
            (catalogue.TENANTS, ("call",), census.called),
            (catalogue.TENANTS, ("timer",), census.for_timers),
            (catalogue.RECORDS, (), census.records),
        ]
        readings += await floor(census.tenants, self._labels, self._engine.now(), slices)
        return readings


def _of_method(method: MethodMetrics) -> Iterator[_Reading]:
    seconds = catalogue.STREAM_SECONDS if method.streams else catalogue.CALL_SECONDS
    yield seconds, method.labels, method.seconds
    for code, number in method.codes.items():
        if number:
            yield catalogue.CALLS, (*method.labels, code.name), number
