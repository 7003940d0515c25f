"""Metrics: what is counted of calls and of the engine's work."""

from collections.abc import Iterator, Mapping, Sequence

from grpc import StatusCode

from cartera.core.vocabulary import ErrorReason
from cartera.engine.observer import Coming, Kept, Leaving, Observer
from cartera.engine.work import Work
from cartera.origin import Origin
from cartera.rpc.interceptors import Exchange
from cartera.rpc.methods import Method
from cartera.rpc.observation import CallObserver, MethodObserver
from cartera.telemetry import catalogue
from cartera.telemetry.catalogue import Metric
from cartera.telemetry.figures import Count, Distribution, Labels


class MethodMetrics(MethodObserver):
    """Counts the calls of a method."""

    def __init__(self, method: Method, refused: Count) -> None:
        self.labels: Labels = (method.service.rpartition(".")[2], method.name)
        self.streams = method.streams
        self.in_flight = 0
        self.codes = dict.fromkeys(StatusCode, 0)
        self.seconds = Distribution(
            catalogue.STREAM_SECONDS.bounds if method.streams else catalogue.CALL_SECONDS.bounds
        )
        self._refused = refused

    def began(self, _origin: Origin, _exchange: Exchange) -> None:
        self.in_flight += 1

    def ended(
        self, _origin: Origin, _exchange: Exchange, code: StatusCode, reason: ErrorReason | None, seconds: float
    ) -> None:
        self.in_flight -= 1
        self.codes[code] += 1
        self.seconds.add(seconds)
        if reason is not None:
            self._refused.add(reason.name)

    def is_known(self) -> bool:
        """Whether anybody has called it yet."""
        return self.in_flight > 0 or any(self.codes.values())


class CallMetrics(CallObserver):
    """Counts calls."""

    def __init__(self) -> None:
        self.refused = Count()
        for reason in ErrorReason:
            self.refused.add(reason.name, by=0)
        self.methods: list[MethodMetrics] = []

    def of(self, method: Method) -> MethodObserver:
        self.methods.append(MethodMetrics(method, self.refused))
        return self.methods[-1]


class EngineMetrics(Observer):
    """Counts what an engine does."""

    def __init__(self) -> None:
        self.distributions = {
            metric: Distribution(metric.bounds) for metric in catalogue.METRICS if metric.bounds and not metric.labels
        }
        self.counts = {
            metric: Count()
            for metric in (
                catalogue.BATCHES_FAILED,
                catalogue.RACES,
                catalogue.LOADED,
                catalogue.DROPPED,
                catalogue.PRUNED,
            )
        }
        for label, metric in _beginning():
            self.counts[metric].add(*label, by=0)

    def batch_ended(self, works: Mapping[str, Sequence[Work]], seconds: float, *, failed: bool) -> None:
        self.distributions[catalogue.BATCH_SECONDS].add(seconds)
        self.distributions[catalogue.BATCH_SIZE].add(sum(map(len, works.values())))
        if failed:
            self.counts[catalogue.BATCHES_FAILED].add()

    def committed(self, seconds: float, _tenants: int, *, lost: int) -> None:
        self.distributions[catalogue.COMMIT_SECONDS].add(seconds)
        if lost:
            self.counts[catalogue.RACES].add(by=lost)

    def timer_was_late(self, seconds: float) -> None:
        self.distributions[catalogue.TIMERS].add(seconds)

    def delivered(self, seconds: float) -> None:
        self.distributions[catalogue.FEED_LAG].add(seconds)

    def tenants_loaded(self, tenants: int, seconds: float, why: Coming) -> None:
        self.counts[catalogue.LOADED].add(why, by=tenants)
        self.distributions[catalogue.LOAD_SECONDS].add(seconds)

    def tenants_left(self, tenants: int, why: Leaving) -> None:
        self.counts[catalogue.DROPPED].add(why, by=tenants)

    def pruned(self, rows: int, kind: Kept) -> None:
        self.counts[catalogue.PRUNED].add(kind, by=rows)


def _beginning() -> Iterator[tuple[Labels, Metric]]:
    """What may happen, and has not yet: a count that appears only when it isn't nought has no beginning to compare."""
    yield (), catalogue.BATCHES_FAILED
    yield (), catalogue.RACES
    yield from (((why,), catalogue.LOADED) for why in Coming)
    yield from (((why,), catalogue.DROPPED) for why in Leaving)
    yield from (((kind,), catalogue.PRUNED) for kind in Kept)
