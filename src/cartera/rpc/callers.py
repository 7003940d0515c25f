"""How many calls and streams each caller has, so that one desktop gone mad is in nobody's way but its own.

A caller is who it is in its tenant: a role and a subject. Callers without a subject can't be told apart, and aren't
counted.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.engine.errors import CallerQueueFull, TooManyStreams

_PEOPLE = (Role.AGENT, Role.SUPERVISOR)
_RETRY_AFTER = 1.0
_STREAM_RETRY_AFTER = 5.0

CallerKey = tuple[bytes, str, Role]


class CallerLimits(NamedTuple):
    """What one caller may have at once: a person at a desktop, or a program such as a gateway."""

    person_calls: int = 32
    """Calls under way, those that wait their turn included."""
    program_calls: int = 2048
    person_streams: int = 16
    program_streams: int = 1000


class Callers:
    """Counts calls; each that begins must end."""

    def __init__(self, limits: CallerLimits = CallerLimits()) -> None:
        self._most = {role: limits.person_calls if role in _PEOPLE else limits.program_calls for role in Role}
        self._calls: dict[CallerKey, int] = {}

    def begin(self, tenant: bytes, actor: Actor) -> CallerKey | None:
        """Count a call of a caller. What is given is for `end`; None: it isn't counted.

        Raises:
            CallerQueueFull: the caller has as many as it may.

        """
        role, subject = actor
        if not subject:
            return None
        key = (tenant, subject, role)
        calls = self._calls.get(key, 0)
        if calls >= self._most[role]:
            raise CallerQueueFull(_RETRY_AFTER, self._most[role])
        self._calls[key] = calls + 1
        return key

    def end(self, key: CallerKey | None) -> None:
        """The call has ended."""
        if key is None:
            return
        calls = self._calls[key] - 1
        if calls:
            self._calls[key] = calls
        else:
            del self._calls[key]

    def has_more(self, key: CallerKey, most: float) -> bool:
        """Whether a caller has more calls than that, the one that asks included."""
        return self._calls[key] > most


class CallerStreams:
    """Counts streams."""

    def __init__(self, limits: CallerLimits = CallerLimits()) -> None:
        self._limits = limits
        self._open: Counter[tuple[str, Actor]] = Counter()

    @contextmanager
    def one(self, tenant_id: str, actor: Actor) -> Iterator[None]:
        """Room for one stream of a caller."""
        key = tenant_id, actor
        most = self._limits.person_streams if actor.role in _PEOPLE else self._limits.program_streams
        if actor.subject_id and self._open[key] >= most:
            raise TooManyStreams(_STREAM_RETRY_AFTER, caller_limit=most)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
