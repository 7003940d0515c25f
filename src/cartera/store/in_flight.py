"""What has been sent to the database and isn't answered yet: one thread sends, another looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

C = TypeVar("C")


class Sent(NamedTuple, Generic[C]):
    """What was sent on a connection."""

    connection: C
    at: float
    """In seconds of `time.monotonic`."""
    size: int
    """In bytes, roughly."""

    @property
    def seconds(self) -> float:
        """For how long there has been no answer."""
        return monotonic() - self.at


class InFlight(Generic[C]):
    """At most one thing is in flight. To set and to read it costs nothing worth a lock."""

    def __init__(self) -> None:
        self.sent: Sent[C] | None = None

    @contextmanager
    def on(self, connection: C, size: int = 0) -> Iterator[None]:
        """Something is in flight for as long as this lasts."""
        self.sent = Sent(connection, monotonic(), size)
        try:
            yield
        finally:
            self.sent = None
