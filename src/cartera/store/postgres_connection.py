"""What every connection to PostgreSQL has, whoever opens it."""

from typing import Any

import psycopg

from cartera.store.store import Timeouts


def connection_parameters(timeouts: Timeouts) -> dict[str, Any]:
    """The parameters to connect with.

    A server that is gone without a word is noticed after half a minute, not after two hours.
    """
    return {
        "application_name": "cartera",
        "connect_timeout": max(2, round(timeouts.connect)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
    }


def limit_waiting(connection: psycopg.Connection[Any], timeouts: Timeouts) -> None:
    """Let the server give up what takes too long."""
    milliseconds = {"statement_timeout": timeouts.statement, "lock_timeout": timeouts.lock}
    set_session(connection, {name: str(round(seconds * 1_000)) for name, seconds in milliseconds.items()})


def set_session(connection: psycopg.Connection[Any], settings: dict[str, str]) -> None:
    """Set what holds until the connection is closed."""
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
