"""A whole service on loopback, on SQLite, with a clock that can be moved."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cartera.bootstrap import Service
from cartera.settings import Settings


class MovedClock:
    """The time, and what is added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, time: timedelta) -> None:
        self._ahead += time


class ClockedService(Service):
    """A service whose clock can be moved."""

    def __init__(self, database: Path, own: Mapping[str, Any] = {}) -> None:
        self.database = database
        self.clock = MovedClock()
        super().__init__(_settings(f"sqlite:///{database}", own), self.clock)


def _settings(database_url: str, own: Mapping[str, Any]) -> Settings:
    common = {"listen": "127.0.0.1:0", "log_level": "error", "drain_seconds": 0.0, "drain_grace_seconds": 0.1}
    return Settings(**{**common, "database_url": database_url, **own})
