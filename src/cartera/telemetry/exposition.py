"""Metrics in the formats of Prometheus. The only place that knows its library."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

from cartera.engine.slices import Slices
from cartera.telemetry.catalogue import Kind, Metric
from cartera.telemetry.figures import Distribution
from cartera.telemetry.readings import Readings, Values

_END = b"# EOF\n"
"""Of OpenMetrics; nothing comes after it."""


PART = 10
"""How many labels' values are written at a time; those of a histogram are a dozen lines."""


class Page(NamedTuple):
    """What is answered to who asks for metrics."""

    content_type: str
    text: bytes


class _These(Collector):
    """What the library's encoders want: something that collects. They are given one family at a time."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families


class Exposition:
    """Writes pages of metrics; while one is written, calls are answered."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._process = _collectors_of_process()

    async def page(self, accept: str) -> Page:
        """All metrics, in the format that is asked for."""
        encode, content_type = choose_encoder(accept)
        slices = Slices()
        lines: list[bytes] = []
        for family, goes_on in self._families(await self._readings.read(slices)):
            text = encode(_These([family])).removesuffix(_END)
            lines += _without_head(text) if goes_on else [text]
            await slices.rest()
        end = encode(_These(()))
        return Page(content_type, b"".join(lines) + end)

    def _families(self, readings: dict[Metric, Values]) -> Iterator[tuple[Family, bool]]:
        """Each family, in parts that are soon written, and whether a part goes on with the family before."""
        for metric, values in readings.items():
            remaining = iter(values.items())
            for first in range(0, len(values), PART):
                yield _FAMILIES[metric.kind](metric, dict(islice(remaining, PART))), first > 0
        for collector in self._process:
            yield from ((family, False) for family in collector.collect())


def _without_head(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines(keepends=True) if not line.startswith(b"# ")]


def _collectors_of_process() -> tuple[Collector, ...]:
    registry = CollectorRegistry()
    return ProcessCollector(registry=registry), GCCollector(registry), PlatformCollector(registry)


def _counter(metric: Metric, values: Values) -> Family:
    family = CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    return _with_values(family, values)


def _gauge(metric: Metric, values: Values) -> Family:
    return _with_values(GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels), values)


def _with_values(family: CounterMetricFamily | GaugeMetricFamily, values: Values) -> Family:
    for labels, value in values.items():
        assert not isinstance(value, Distribution), "only histograms have distributions"
        family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, values: Values) -> Family:
    family = HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    for labels, value in values.items():
        assert isinstance(value, Distribution), "histograms have distributions"
        family.add_metric(labels, _buckets(value), value.total)
    return family


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    bounds = [*map(floatToGoString, distribution.bounds), "+Inf"]
    return list(zip(bounds, distribution.cumulative(), strict=True))


_FAMILIES: dict[Kind, Callable[[Metric, Values], Family]] = {
    Kind.COUNTER: _counter,
    Kind.GAUGE: _gauge,
    Kind.HISTOGRAM: _histogram,
}
