"""Settings: each from the environment as CARTERA_…, or given by the command line."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cartera.observability import LogFormat, LogLevel

PREFIX = "CARTERA_"
DEFAULT_LISTEN = "127.0.0.1:7733"


class SettingsError(ValueError):
    """A setting is wrong. Its text is one line, for people."""


def default_database_url() -> str:
    """SQLite, in the user's data directory."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return f"sqlite:///{home / 'cartera' / 'cartera.db'}"


class Settings(BaseSettings):
    """How the service runs. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    listen: str = Field(DEFAULT_LISTEN, description="where to listen, as HOST:PORT; port 0 is any that is free")
    database_url: str = Field(
        default_factory=default_database_url, description="sqlite:///FILE or postgresql://USER@HOST/DATABASE"
    )
    insecure: bool = Field(False, description="listen beyond loopback without TLS and authentication")

    log_format: LogFormat = Field("console", description="console for people, json for machines")
    log_level: LogLevel = Field("info", description="the least that is logged; debug has a line for each call")

    drain_seconds: float = Field(2.0, ge=0, description="from NOT_SERVING to taking no more calls, on SIGTERM")
    drain_grace_seconds: float = Field(25.0, ge=0, description="how long calls may take to end, on SIGTERM")
    unary_calls: int = Field(1000, ge=1, description="calls at once, of one tenant too where no other calls")
    shared_calls: int = Field(128, ge=1, description="calls at once that tenants share while several call")
    tenant_calls: int = Field(4, ge=1, description="calls at once that each tenant may have, whatever others do")
    streams: int = Field(10_000, ge=1, description="streams at once; others are refused")
    message_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="the longest request")
    connection_age_seconds: float = Field(1800.0, gt=0, description="when clients are asked to connect anew")
    keepalive_seconds: float = Field(60.0, gt=0, description="between two pings of a quiet connection")
    watch_write_seconds: float = Field(30.0, gt=0, description="for a watcher to take in a step, before it is cut")
    read_threads: int = Field(4, ge=1, description="threads that answer Get and List")

    batch: int = Field(256, ge=1, description="commands in one transaction")
    queue: int = Field(4096, ge=1, description="calls of one tenant that wait, where no other calls")
    tenants: int = Field(10_000, ge=1, description="tenants in memory")
    tenant_idle_seconds: float = Field(600.0, ge=0, description="after which an unused tenant leaves memory")
    records: int = Field(500_000, ge=1, description="records of all tenants in memory; a thousand take some 1.5 MiB")
    contacts: int = Field(50_000, ge=0, description="contacts of one tenant in memory")
    poll_seconds: float = Field(1.0, gt=0, description="between two looks at what is due")
    statement_per_tenant: bool = Field(
        False, description="write each tenant with its own statement: for engines that shard by tenant"
    )

    database_silence_seconds: float = Field(0.7, ge=0.1, description="without an answer, after which it is away")
    database_connect_seconds: float = Field(2.0, gt=0, description="for a connection to PostgreSQL")
    database_statement_seconds: float = Field(10.0, gt=0, description="for a statement, at most")
    database_lock_seconds: float = Field(5.0, gt=0, description="to wait for another replica's lock, at most")
    database_held_seconds: float = Field(3.0, gt=0, description="for a replica that holds a tenant to say something")

    changes_kept_days: float = Field(90.0, ge=0, description="of the log, in days; 0: for ever")
    answers_kept_hours: float = Field(24.0, ge=0, description="of answers to request ids, in hours; 0: for ever")
    retention_seconds: float = Field(3600.0, gt=0, description="between two looks at what has been kept long enough")
    retention_rows: int = Field(1000, ge=1, description="rows that are dropped at once")
    retention_pause_seconds: float = Field(0.02, ge=0, description="between two times that rows are dropped")
    watch_hold_seconds: float = Field(3600.0, ge=0, description="for a watcher to keep the log from being dropped")

    @field_validator("answers_kept_hours")
    @classmethod
    def _answers_are_kept_for_a_day(cls, hours: float) -> float:
        if 0 < hours < _LEAST_HOURS:
            raise ValueError("at least 24, as the contract promises; 0 keeps them for ever")
        return hours

    @field_validator("listen")
    @classmethod
    def _listen_names_a_port(cls, listen: str) -> str:
        split_address(listen)
        return listen


def load_settings(**given: Any) -> Settings:
    """The settings from the environment; those given (and not None) come first.

    Raises:
        SettingsError: one is wrong, or unsafe.

    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} ({PREFIX}{name.upper()}): {problem}") from None
    require_safe(settings)
    return settings


def require_safe(settings: Settings) -> None:
    """Refuses to be reached from other machines while nothing says who calls.

    Raises:
        SettingsError: the address is beyond loopback.

    """
    if not settings.insecure and not is_loopback(settings.listen):
        raise SettingsError(
            f"{settings.listen} can be reached from other machines, and there is neither TLS nor authentication: "
            "listen on 127.0.0.1, or say --insecure"
        )


def is_loopback(listen: str) -> bool:
    host, _ = split_address(listen)
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def split_address(listen: str) -> tuple[str, int]:
    """The host and the port of HOST:PORT. ValueError where it is not one."""
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError(f"{listen!r} is not HOST:PORT")
    return host, int(port)


_LAST_PORT = 65_535
_LEAST_HOURS = 24
