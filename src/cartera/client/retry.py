"""When a call is tried again, and for how long.

gRPC itself retries within a call, by the published service config; what is here outlasts a restart of the
service. Both send the same request_id, so that the service does what is asked once.
"""

import random
import time
from dataclasses import dataclass

import grpc

from cartera.client.errors import CarteraError, error_from

EXPIRED = "TOKEN_EXPIRED"
"""The reason of a call whose token, or certificate, was good once."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often a call is made, and the seconds between: doubled each time, or what the service says."""

    attempts: int = 6
    first_delay: float = 0.1
    longest_delay: float = 2.0

    def delay(self, failures: int, error: CarteraError) -> float:
        if error.retry_delay is not None:
            return error.retry_delay.total_seconds()
        longest = min(self.first_delay * 2 ** min(failures - 1, 30), self.longest_delay)
        return random.uniform(longest / 2, longest)  # noqa: S311, so that callers don't return in step


class Attempts:
    """The attempts of one call, which share its deadline."""

    def __init__(self, policy: RetryPolicy, seconds: float, request_id: str, *, renews: bool = False) -> None:
        self._policy = policy
        self._renews = renews
        self._ends_at = time.monotonic() + seconds
        self._request_id = request_id
        self._failures = 0

    def remaining(self) -> float:
        return max(self._ends_at - time.monotonic(), 0.0)

    def delay_after(self, failure: grpc.RpcError) -> float:
        """How long to wait before the next attempt; raises where there is none."""
        self._failures += 1
        error = error_from(failure, self._request_id)
        delay = self._policy.delay(self._failures, error)
        another = self._failures < self._policy.attempts and (worth_another(error) or self._renewed(error))
        if not another or delay >= self.remaining():
            raise error from failure
        return delay

    def _renewed(self, error: CarteraError) -> bool:
        """Whether there may be a new token; once, since that one is no better where it is refused too."""
        return self._renews and self._failures == 1 and error.reason == EXPIRED


def worth_another(error: CarteraError) -> bool:
    """RESOURCE_EXHAUSTED without a delay is a message too large, which stays so."""
    if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return error.retry_delay is not None
    return error.code is grpc.StatusCode.UNAVAILABLE
