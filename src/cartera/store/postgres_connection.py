"""What every connection to PostgreSQL has, whoever opens it."""

import os
from contextlib import suppress
from math import inf
from socket import SHUT_RDWR, socket
from threading import Lock
from time import monotonic
from typing import Any, Self
from weakref import WeakSet

import psycopg
from psycopg import errors
from psycopg.abc import PQGenConn
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGconn

from cartera.store.patience import Patience
from cartera.store.store import Timeouts

TRANSACTION_TIMEOUT_SINCE = 170_000
"""The first version of PostgreSQL that has `transaction_timeout`."""

WAITS_FOR_STANDBY = "SyncRepWaitForLSN"
"""The function of PostgreSQL in which a commit waits for the synchronous standby. What it warns of is that it has been
told to wait no longer: the commit is then reported as done, though the standby may lack it.
"""


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that any thread can cut: whoever waits for it then gets an error at once.

    The driver has no such thing. A cancel request wouldn't do: a server that is away doesn't hear it, and a commit
    that waits for a synchronous standby would, for it, be reported as done. So the socket is shut down, by a
    descriptor of our own: the driver closes its own when it likes, and the number may be another file's by then.
    """

    def __init__(self, pgconn: PGconn, *args: Any, **kwargs: Any) -> None:
        super().__init__(pgconn, *args, **kwargs)
        self.told: Patience | None = None
        """The time-outs that the server knows of; None where that isn't known."""
        self.process_id: int | None = None
        """The number by which the server knows it, where it has been asked. A pooler between has numbers of its own."""
        self.lacks_standby = False
        """Whether something was committed that the synchronous standby may lack."""
        self._line = _line_of(pgconn)
        self._closing = Lock()
        self.add_notice_handler(self._notice)

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        """Connect to one server, in `connect_timeout`: below two seconds the driver doesn't go by itself."""
        end = monotonic() + float(conninfo_to_dict(conninfo).get("connect_timeout") or inf)
        connecting = super()._connect_gen(conninfo)
        try:
            wanted = next(connecting)
            while True:
                ready = yield wanted
                if not ready and monotonic() > end:
                    raise errors.ConnectionTimeout("connection timeout expired")
                wanted = connecting.send(ready)
        except StopIteration as connected:
            connection: Self = connected.value
            return connection
        except OSError as error:  # from waiting: the process has no descriptor left for it
            raise psycopg.OperationalError(str(error)) from error

    def cut(self) -> None:
        """From now on everything on it fails."""
        with self._closing, suppress(OSError):
            self._line.shutdown(SHUT_RDWR)

    def close(self) -> None:
        super().close()
        with self._closing:
            self._line.close()

    def _notice(self, notice: errors.Diagnostic) -> None:
        if notice.source_function == WAITS_FOR_STANDBY:
            self.lacks_standby = True


def _line_of(pgconn: PGconn) -> socket:
    try:
        return socket(fileno=os.dup(pgconn.socket))
    except OSError as error:
        pgconn.finish()
        raise psycopg.OperationalError(str(error)) from error


class Lines:
    """The connections that somebody has, to be cut all at once."""

    def __init__(self) -> None:
        self._all: WeakSet[Connection] = WeakSet()
        self._changing = Lock()

    def add(self, connection: Connection) -> None:
        with self._changing:
            self._all.add(connection)

    def cut(self, *, sparing: Connection | None = None) -> None:
        """Cut all, but one."""
        with self._changing:
            to_cut = [each for each in self._all if each is not sparing]
        for each in to_cut:
            each.cut()


def connection_parameters(url: str, timeouts: Timeouts) -> dict[str, Any]:
    """The parameters to connect with.

    A server that is gone without a word is noticed by a probe; where none is at work, after half a minute, not after
    two hours. A server that only follows another one isn't connected to: it can't write, and lags behind.
    """
    asked = conninfo_to_dict(url)
    return {
        "application_name": "cartera",
        "connect_timeout": str(timeouts.connect),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
        "target_session_attrs": asked.get("target_session_attrs") or "primary",
    }


def limit_waiting(connection: Connection, patience: Patience) -> None:
    """Let the server give up what takes too long. It is told only where it knows another patience, and outside of any
    transaction, which would take it back when it fails.
    """
    if connection.told == patience:
        return
    connection.told, autocommits = None, connection.autocommit
    connection.autocommit = True
    set_session(
        connection, {"statement_timeout": in_server(patience.statement), "lock_timeout": in_server(patience.lock)}
    )
    connection.autocommit = autocommits
    connection.told = patience


def limit_holding(connection: Connection, timeouts: Timeouts) -> None:
    """Let the server end a transaction whose client has fallen silent, and any that lasts too long.

    A client may stop in the middle of one, and what it has locked must not be locked for ever.
    """
    settings = {"idle_in_transaction_session_timeout": in_server(timeouts.held)}
    if connection.info.server_version >= TRANSACTION_TIMEOUT_SINCE:
        # It ends at the commit, as the one for statements does: neither ever cuts short the wait for a standby.
        settings["transaction_timeout"] = in_server(timeouts.lock + 2 * max(timeouts.statement, timeouts.held))
    set_session(connection, settings)


def set_session(connection: Connection, settings: dict[str, str]) -> None:
    """Set what holds until the connection is closed."""
    each = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    parameters = [word for setting in settings.items() for word in setting]
    statement = f"SELECT pg_backend_pid(), {each}"
    [[connection.process_id, *_]] = connection.execute(statement.encode(), parameters, prepare=False)


def in_server(seconds: float) -> str:
    """Seconds as the server's settings take them."""
    return str(round(seconds * 1_000))
