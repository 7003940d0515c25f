"""The prober: how the server is, and what it does with what was sent to it. It has a connection of its own."""

from collections.abc import Callable
from contextlib import suppress

import psycopg

from cartera.store.in_flight import InFlight, Sent
from cartera.store.postgres_connection import Connection
from cartera.store.store import Condition

SUSPICIOUS = 0.5
"""Seconds without an answer, after which the server is asked what it does."""

LOST = 0.75
SLOWEST = 1_000_000
"""Seconds after which the answer doesn't come any more if the server isn't at work on it, and bytes a second at which
what was sent may still be under way.
"""

SEES_ITSELF = "SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid() AND state = 'active'"

ACTIVITY = "SELECT state, wait_event_type, wait_event FROM pg_stat_activity WHERE pid = %s"


class Prober:
    """Looks from a thread of its own."""

    def __init__(self, connect: Callable[[], Connection], in_flight: InFlight[Connection]) -> None:
        self._connect = connect
        self._in_flight = in_flight
        self._connection: Connection | None = None
        self._sees = False
        self._idle_with: Sent[Connection] | None = None

    def look(self) -> Condition:
        """Ask the server. Blocks while it is silent; whoever waits for this is to be patient no longer than it likes,
        and to cut the connections then. Raises psycopg.Error where the server is away.
        """
        try:
            condition = self._condition_anew() if self._connection is None else self._condition(self._connection)
        except (psycopg.Error, OSError):
            self.forget()
            condition = self._condition_anew()  # it may be no more than that connection which was ended
        if condition is Condition.COMMITS_HANG:
            self.forget()  # another server may have taken over: the next look asks whom a new connection reaches
        return condition

    def forget(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _condition_anew(self) -> Condition:
        self._connection = connection = self._connect()
        try:
            [[self._sees]] = connection.execute(SEES_ITSELF).fetchall()
            return self._condition(connection)
        except (psycopg.Error, OSError):
            self.forget()
            raise

    def _condition(self, connection: Connection) -> Condition:
        sent = self._in_flight.sent
        if not self._sees or sent is None or sent.seconds < SUSPICIOUS:
            connection.execute("SELECT 1")
            return Condition.GOOD
        found = connection.execute(ACTIVITY, (sent.connection.process_id,)).fetchone()
        state, kind, event = found or (None, None, None)
        if state == "active":
            if event == "SyncRep":
                return Condition.COMMITS_HANG
            return Condition.HELD_UP if kind == "Lock" else Condition.GOOD
        self._look_after(sent)
        return Condition.GOOD

    def _look_after(self, sent: Sent[Connection]) -> None:
        """The server knows nothing of what was sent, or is done with it: its answer will never come if it hasn't by the
        next look.

        To go on with another connection is safe, though a server that couldn't be heard may still be at work on what
        was sent. It writes only while a tenant's head stands where the batch was decided on, and so does the next
        batch: whichever is first wins, and the other one is decided again on what the first has written. Its request
        ids are known by then, so that nothing is done twice.
        """
        if self._idle_with is sent and sent.seconds > LOST + sent.size / SLOWEST:
            sent.connection.cut()
        self._idle_with = sent
