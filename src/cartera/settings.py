"""Settings: each from the environment as CARTERA_…, or given by the command line."""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from cartera.addresses import is_loopback, split_address
from cartera.observability import LogFormat, LogLevel
from cartera.rpc.algorithms import ALGORITHMS, algorithms_of
from cartera.safety import problems_of

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
        default_factory=default_database_url,
        description="sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        repr=False,  # there may be a password in it
    )
    database_password_file: Path | None = Field(
        None, description="a file with the password for PostgreSQL, which then needn't stand in the URL"
    )
    health_listen: str = Field(
        "", description="where health is answered without TLS too, for probes, as HOST:PORT; empty: nowhere"
    )
    insecure: bool = Field(False, description="listen beyond loopback without TLS and authentication")

    tls_certificate_file: Path | None = Field(None, description="the service's certificate with its chain, in PEM")
    tls_key_file: Path | None = Field(None, description="the key of the certificate, in PEM, not encrypted")
    tls_client_ca_file: Path | None = Field(
        None, description="whose certificates clients must show, in PEM: at tls_client_listen, or without it everywhere"
    )
    tls_client_listen: str = Field("", description="where only clients with a certificate are served, as HOST:PORT")
    tls_callers_file: Path | None = Field(None, description="which client certificate is which caller, in YAML")

    token_keys: str = Field("", description="the keys of tokens: a JSON Web Key Set, as a file or an https URL")
    token_keys_seconds: float = Field(300.0, ge=5, description="between two looks at the keys behind a URL")
    token_secret_file: Path | None = Field(None, description="the secrets of tokens, one a line, of 32 bytes or more")
    token_secret: SecretStr | None = Field(None, description="the secret of tokens; a file is better")
    token_algorithms: str = Field(
        ",".join(ALGORITHMS), description="by which tokens may be signed, each by keys of its kind"
    )
    token_issuer: str = Field("", description="who issues the tokens; needed with token_keys")
    token_audience: str = Field("cartera", min_length=1, description="for whom tokens must be meant")
    token_leeway_seconds: float = Field(30.0, ge=0, le=600, description="by which the issuer's clock may differ")
    token_claims_prefix: str = Field("", description="before the names of the claims, such as tenant and role")
    files_seconds: float = Field(5.0, gt=0, description="between two looks at the files of keys and certificates")

    log_format: LogFormat = Field("console", description="console for people, json for machines")
    log_level: LogLevel = Field("info", description="the least that is logged; debug has a line for each call")

    slow_call_seconds: float = Field(1.0, ge=0, description="after which a call has a line in the log; 0: never")
    metrics_listen: str = Field("", description="where Prometheus reads metrics, as HOST:PORT; empty: nowhere")
    metrics_labels: int = Field(
        100, ge=1, description="workgroups, and tenants, with metrics of their own: where it is waited longest"
    )
    traces: bool = Field(False, description="send traces by OTLP, as the variables OTEL_... say; needs cartera[otel]")
    admin_listen: str = Field(
        "", description="where channelz is served, on loopback only; empty: nowhere; needs cartera[admin]"
    )

    drain_seconds: float = Field(2.0, ge=0, description="from NOT_SERVING to taking no more calls, on SIGTERM")
    drain_grace_seconds: float = Field(25.0, ge=0, description="how long calls may take to end, on SIGTERM")
    unary_calls: int = Field(1000, ge=1, description="calls at once, of one tenant too where no other calls")
    shared_calls: int = Field(128, ge=1, description="calls at once that tenants share while several call")
    tenant_calls: int = Field(4, ge=1, description="calls at once that each tenant may have, whatever others do")
    streams: int = Field(10_000, ge=1, description="streams at once; others are refused")
    connection_streams: int = Field(10_000, ge=1, description="calls and streams at once on one connection")
    person_calls: int = Field(32, ge=1, description="calls at once of one agent or supervisor; others are refused")
    program_calls: int = Field(2048, ge=1, description="calls at once of one gateway or administrator")
    person_streams: int = Field(16, ge=1, description="streams at once of one agent or supervisor")
    program_streams: int = Field(1000, ge=1, description="streams at once of one gateway or administrator")
    message_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="the longest request")
    connection_age_seconds: float = Field(1800.0, gt=0, description="when clients are asked to connect anew")
    connection_age_grace_seconds: float = Field(60.0, gt=0, description="for calls that are under way then")
    connection_idle_seconds: float = Field(600.0, gt=0, description="after which a connection without calls is closed")
    handshake_seconds: float = Field(20.0, gt=0, description="for a connection to say what it is")
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

    @field_validator("database_url")
    @classmethod
    def _password_is_encoded(cls, url: str) -> str:
        # Else the driver takes a part of it for something else, and quotes that in its complaint.
        if not _ENCODED.fullmatch(password_of(url)):
            raise ValueError("its password must be percent-encoded, or in a file (CARTERA_DATABASE_PASSWORD_FILE)")
        return url

    @field_validator("token_algorithms")
    @classmethod
    def _algorithms_are_known(cls, algorithms: str) -> str:
        named = algorithms_of(algorithms)
        if not named or not named <= set(ALGORITHMS):
            raise ValueError(f"must be some of {', '.join(ALGORITHMS)}, with commas between them")
        return algorithms

    @field_validator("admin_listen")
    @classmethod
    def _administration_stays_on_this_machine(cls, listen: str) -> str:
        if listen and not is_loopback(listen):
            raise ValueError("must be on loopback: it shows everybody's connections to whoever asks")
        return listen

    @field_validator("health_listen", "metrics_listen", "tls_client_listen")
    @classmethod
    def _other_ports_are_ports(cls, listen: str) -> str:
        if listen:
            split_address(listen)
        return listen


def password_of(url: str) -> str:
    """The password in the URL of a database, as it is written there."""
    user, _, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    return user.partition(":")[2]


def load_settings(**given: Any) -> Settings:
    """The settings from the environment; those given (and not None) come first.

    Raises:
        SettingsError: one is wrong, or unsafe.

    """
    settings = read_settings(**given)
    require_safe(settings)
    return settings


def read_settings(**given: Any) -> Settings:
    """The settings for who serves nothing: whether they go together is not asked.

    Raises:
        SettingsError: one is wrong.

    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError("; ".join(map(_problem, error.errors()))) from None
    file = settings.database_password_file
    return settings if file is None else _with_password(settings, file)


def _problem(error: ErrorDetails) -> str:
    name = ".".join(map(str, error["loc"]))
    return f"{name} ({PREFIX}{name.upper()}): {error['msg'].removeprefix('Value error, ')}"


def _with_password(settings: Settings, file: Path) -> Settings:
    from sqlalchemy.engine import make_url  # noqa: PLC0415, slow to import
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415, slow to import

    try:
        password = file.read_text("utf-8").rstrip("\r\n")
        url = make_url(settings.database_url)
    except (OSError, UnicodeError) as error:
        name = "database_password_file"
        raise SettingsError(f"{name} ({PREFIX}{name.upper()}): {file} can't be read ({type(error).__name__})") from None
    except ArgumentError:
        return settings  # whoever opens the database says so
    if url.get_backend_name() == "sqlite":
        return settings
    complete = url.set(password=password).render_as_string(hide_password=False).replace(" ", "%20")
    return settings.model_copy(update={"database_url": complete})


def require_safe(settings: Settings) -> None:
    """Refuses to be reached from other machines while nothing says who calls, and whatever guards by halves.

    Raises:
        SettingsError: the first thing that is wrong.

    """
    for problem in problems_of(settings):
        raise SettingsError(problem)


_LEAST_HOURS = 24
_ENCODED = re.compile(r"(?:[\w.~!$&'()*+,;=:-]|%[0-9a-fA-F]{2})*", re.ASCII)
