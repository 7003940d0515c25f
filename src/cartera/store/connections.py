"""Connections kept for the next caller."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Generic, Protocol, TypeVar

from cartera.store.store import StoreUnavailable

LONGEST_WAIT = 10.0
"""Seconds after which who waits for a connection hears that there is none."""


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class Connections(Generic[C]):
    """Lends each connection to one caller at a time, from any thread.

    A connection whose caller raised is closed rather than kept: nobody knows what state it is in. At most `limit` are
    lent at once; who comes then waits, though not for ever.
    """

    def __init__(self, connect: Callable[[], C], *, alive: Callable[[C], bool], limit: int) -> None:
        self._connect = connect
        self._alive = alive
        self._idle: list[C] = []
        self._places = BoundedSemaphore(limit)

    @contextmanager
    def lend(self) -> Iterator[C]:
        if not self._places.acquire(timeout=LONGEST_WAIT):
            raise StoreUnavailable("All connections are in use.")
        try:
            connection = self._take()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> C:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connect()
            if self._alive(connection):
                return connection
            connection.close()
