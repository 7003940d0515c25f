"""What is seen of a call: by the log, by metrics and by traces."""

import math
import time
from typing import NamedTuple

import structlog
from grpc import StatusCode

from cartera.core.vocabulary import ErrorReason
from cartera.observability import logs_each_call
from cartera.origin import ORIGIN, Origin
from cartera.rpc.errors import Failure
from cartera.rpc.interceptors import Exchange
from cartera.rpc.methods import Method

_LOG = structlog.get_logger()

_OF_A_FLOOD = (ErrorReason.TENANT_QUEUE_FULL, ErrorReason.CALLER_QUEUE_FULL)


class MethodObserver:
    """Who isn't interested in the calls of a method. Each is told of at its beginning and its end, in its own task."""

    def began(self, origin: Origin, exchange: Exchange) -> None:
        """A call has come."""

    def ended(
        self, origin: Origin, exchange: Exchange, code: StatusCode, reason: ErrorReason | None, seconds: float
    ) -> None:
        """It has been answered, or its caller has left. The reason is that of an error of ours."""


class CallObserver:
    """Who isn't interested in calls."""

    def of(self, _method: Method) -> MethodObserver:
        """The observer of a method, asked for once."""
        return MethodObserver()


class CallObservers(CallObserver):
    """Several observers as one."""

    def __init__(self, *observers: CallObserver) -> None:
        self._observers = observers

    def of(self, method: Method) -> MethodObserver:
        return _MethodObservers([each.of(method) for each in self._observers])


class _MethodObservers(MethodObserver):
    def __init__(self, observers: list[MethodObserver]) -> None:
        self._observers = observers

    def began(self, origin: Origin, exchange: Exchange) -> None:
        for each in self._observers:
            each.began(origin, exchange)

    def ended(
        self, origin: Origin, exchange: Exchange, code: StatusCode, reason: ErrorReason | None, seconds: float
    ) -> None:
        for each in self._observers:
            each.ended(origin, exchange, code, reason, seconds)


class Interest(NamedTuple):
    """Who wants to know of the calls of a method, and of which."""

    observer: MethodObserver
    slow: float
    """Seconds after which a call has a line in the log."""
    each: bool
    """Whether every call has one."""


class Observations:
    """What is to be seen of calls."""

    def __init__(self, observer: CallObserver = CallObserver(), slow: float = 0.0) -> None:
        self._observer = observer
        self._slow = slow or math.inf

    def of(self, method: Method) -> Interest:
        """What is to be seen of a method's calls. A stream isn't slow, it lasts."""
        return Interest(self._observer.of(method), math.inf if method.streams else self._slow, logs_each_call())


class Observation:
    """One call, from its beginning, by `time.perf_counter`, to its end."""

    __slots__ = ("_began", "_exchange", "_interest", "code", "origin", "reason")

    def __init__(self, exchange: Exchange, interest: Interest, began: float) -> None:
        self._began = began
        self._exchange = exchange
        self._interest = interest
        self.code = StatusCode.CANCELLED  # unless something else comes of it
        self.reason: ErrorReason | None = None
        self.origin = Origin(exchange.metadata)
        ORIGIN.set(self.origin)
        interest.observer.began(self.origin, exchange)

    @property
    def tenant_id(self) -> str:
        """The tenant that was called; empty where none was."""
        return self._exchange.tenant.decode(errors="replace")

    def refuse(self, failure: Failure) -> None:
        """It comes to an error, for that reason."""
        self.code, self.reason = failure.code, failure.reason
        # Of a flood the first is told (limits.py): a line for each would cost more than the refusal.
        level = "debug" if failure.reason in _OF_A_FLOOD else "info"
        # What is wrong with its proof helps who runs the service most; it never quotes it.
        problem = failure.violations[0].data if failure.reason is ErrorReason.CALLER_UNKNOWN else {}
        self._tell("call refused", level, reason=failure.reason.name, **problem)

    def end(self) -> None:
        """It is over."""
        seconds = time.perf_counter() - self._began
        if self.code is StatusCode.CANCELLED and self._is_too_late():
            self.code = StatusCode.DEADLINE_EXCEEDED
        if seconds >= self._interest.slow:
            self._tell("call was slow", "warning")
        elif self._interest.each and self.reason is None:
            self._tell("call", "debug")
        self._interest.observer.ended(self.origin, self._exchange, self.code, self.reason, seconds)

    def _is_too_late(self) -> bool:
        """Whether it was ended because its time was up, and not by a caller who left."""
        deadline = self._exchange.deadline
        return deadline is not None and time.monotonic() >= deadline

    def _tell(self, event: str, level: str, **more: str) -> None:
        milliseconds = round((time.perf_counter() - self._began) * 1000, 3)
        tell = getattr(_LOG, level)
        exchange = self._exchange
        tell(
            event,
            method=exchange.method.path,
            tenant_id=exchange.tenant_id(),
            code=self.code.name,
            milliseconds=milliseconds,
            **more,
        )
