"""The wiring: everything is put together here and nowhere else."""

import asyncio
import concurrent.futures
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cartera.addresses import split_address
from cartera.core import state
from cartera.engine.clock import Clock, SystemClock
from cartera.engine.engine import Engine, EngineLimits
from cartera.engine.garbage import SIGHT
from cartera.engine.lookout import LookoutLimits
from cartera.engine.retention import RetentionLimits
from cartera.engine.shards import Bounds
from cartera.engine.turns import TurnLimits
from cartera.guards import security_options
from cartera.rpc.callers import CallerLimits
from cartera.rpc.reading import Reading
from cartera.rpc.security import Security
from cartera.rpc.server import Place, Server, ServerOptions
from cartera.rpc.watched import FileError
from cartera.settings import PREFIX, Settings, SettingsError, require_safe
from cartera.store.migrate import is_usable, migrate
from cartera.store.open import SQLITE, backend_of, open_reads, open_store
from cartera.store.store import StoreError, Timeouts
from cartera.telemetry.telemetry import Telemetry

try:
    import uvloop
except ImportError:  # it is not made for every platform
    uvloop = None  # type: ignore[assignment]

log = structlog.get_logger()


class Service:
    """A replica: a store, an engine and a server. A clock may be given, so that a test can hold the time."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        require_safe(settings)
        self._settings = settings
        _require_database_url(settings.database_url)
        self.security = _security(settings, clock or SystemClock())
        self._store = open_store(settings.database_url, timeouts=_timeouts(settings))
        self._reads = open_reads(settings.database_url, timeouts=_timeouts(settings))
        self.telemetry = Telemetry(settings)
        self.engine = Engine(self._store, clock, _limits(settings), self.telemetry.observer())
        self.engine.lookout.cut_too(self._reads.cut)
        self._reading = Reading(self.engine, self._reads, settings.read_threads)
        self._server: Server | None = None
        self._is_prepared = False
        self.port = 0
        self.other_ports: list[int] = []

    @property
    def address(self) -> str:
        """Where it is served, with the port that was found for port 0."""
        host, _ = split_address(self._settings.listen)
        return f"{host}:{self.port}"

    async def prepare(self) -> None:
        """Sees to it, once, that the database can be used. May be cancelled.

        Raises:
            SettingsError: the database is not there, or not at this version's schema.

        """
        if not self._is_prepared:
            await _in_thread_of_its_own(prepare_database, self._settings.database_url)
            self._is_prepared = True

    async def start(self) -> int:
        """Begins to serve, and answers the port.

        Raises:
            SettingsError: the database is not there, or not at this version's schema.
            OSError: nothing can be served at the address.

        """
        await self.prepare()
        await self.engine.start()
        await self.security.start()
        self._server = Server(
            self.engine,
            self._reading,
            self._ping,
            _options(self._settings),
            identify=self.security.identify,
            now=self.security.now,
            observations=self.telemetry.observations(),
        )
        try:
            await self.telemetry.start(self.engine)
            self.port, *self.other_ports = await self._server.start(*self._places())
        except (OSError, SettingsError):
            await self.stop()
            raise
        database = backend_of(self._settings.database_url)
        log.info("serving", address=self.address, database=database, core=core_runs_as())
        return self.port

    async def stop(self) -> None:
        """Drains, finishes what was taken on, and lets go of the database."""
        if self._server is not None:
            await self._server.stop()
        await self.telemetry.stop()
        await self.security.stop()
        await self.engine.stop()
        self._reads.cut()
        self._reading.close()
        self._reads.close()
        self._store.close()
        await self.telemetry.close()
        log.info("stopped")

    async def _ping(self) -> bool:
        return self.engine.lookout.is_well and self.security.is_ready

    def _places(self) -> Iterator[Place]:
        """Where to serve. Clients must show a certificate where there is an authority for them, at their own place."""
        settings, security = self._settings, self.security
        apart = bool(settings.tls_client_listen)
        everywhere = settings.tls_client_ca_file is not None and not apart
        yield Place(settings.listen, security.credentials(of_clients_too=everywhere))
        if apart:
            yield Place(settings.tls_client_listen, security.credentials(of_clients_too=True))


async def serve(
    settings: Settings, clock: Clock | None = None, started: Callable[[Service], object] | None = None
) -> None:
    """Serves until SIGTERM or SIGINT, then drains. Tells `started` once it serves."""
    service = Service(settings, clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    preparing, stopping = asyncio.create_task(service.prepare()), asyncio.create_task(stop.wait())
    await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not preparing.done():  # a database that says nothing is not waited for
        log.info("stopped")
        return
    await preparing
    await service.start()
    if started is not None:
        started(service)
    await stopping
    log.info("draining")
    await service.stop()


async def _in_thread_of_its_own(function: Callable[[str], None], argument: str) -> None:
    """Unlike one of the event loop's threads, it keeps no process from ending."""
    loop, done = asyncio.get_running_loop(), concurrent.futures.Future[None]()

    def call() -> None:
        try:
            function(argument)
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=call, daemon=True).start()
    await asyncio.wrap_future(done, loop=loop)


def run(settings: Settings, started: Callable[[Service], object] | None = None) -> None:
    """Serves in an event loop of its own, until told to stop."""
    SIGHT.narrow()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, started=started))


def core_runs_as() -> Literal["compiled", "interpreted"]:
    """What the core was installed as: machine code, or Python."""
    return "interpreted" if Path(state.__file__).suffix == ".py" else "compiled"


def _require_database_url(url: str) -> None:
    try:
        backend_of(url)
    except ValueError as error:
        raise SettingsError(f"database_url ({PREFIX}DATABASE_URL): {error}") from None


def prepare_database(url: str) -> None:
    """Brings SQLite to the present schema; PostgreSQL, which others may be using, only if it is there already.

    Raises:
        SettingsError: in one line, what is wrong with the database.

    """
    try:
        usable = _is_usable(url)
    except (StoreError, SQLAlchemyError, OSError, ValueError) as error:
        raise SettingsError(f"the database cannot be used: {_first_line(error)}") from error
    if not usable:
        raise SettingsError(
            "the database does not have this version's schema: run `cartera migrate` of this version, or where it was "
            "finished for a newer one, that version"
        )


def _is_usable(url: str) -> bool:
    if backend_of(url) == SQLITE:
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        migrate(url)
    return is_usable(url)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    return uvloop.new_event_loop if uvloop else None


def _limits(settings: Settings) -> EngineLimits:
    return EngineLimits(
        batch=settings.batch,
        queue=settings.queue,
        bounds=Bounds(
            tenants=settings.tenants,
            records=settings.records,
            contacts=settings.contacts,
            idle_seconds=settings.tenant_idle_seconds,
        ),
        poll_seconds=settings.poll_seconds,
        lookout=LookoutLimits(silence=settings.database_silence_seconds),
        statement_per_tenant=settings.statement_per_tenant,
        retention=RetentionLimits(
            changes_kept=timedelta(days=settings.changes_kept_days),
            answers_kept=timedelta(hours=settings.answers_kept_hours),
            every=settings.retention_seconds,
            rows=settings.retention_rows,
            pause=settings.retention_pause_seconds,
            longest_hold=settings.watch_hold_seconds,
        ),
    )


def _security(settings: Settings, clock: Clock) -> Security:
    try:
        return Security(security_options(settings), lambda: clock.now().timestamp())
    except FileError as error:
        raise SettingsError(str(error)) from None


def _timeouts(settings: Settings) -> Timeouts:
    return Timeouts(
        connect=settings.database_connect_seconds,
        statement=settings.database_statement_seconds,
        lock=settings.database_lock_seconds,
        held=settings.database_held_seconds,
    )


def _options(settings: Settings) -> ServerOptions:
    return ServerOptions(
        turns=TurnLimits(
            places=settings.unary_calls,
            shared=settings.shared_calls,
            least=settings.tenant_calls,
            waiting=settings.queue,
        ),
        streams=settings.streams,
        connection_streams=settings.connection_streams,
        callers=CallerLimits(
            person_calls=settings.person_calls,
            program_calls=settings.program_calls,
            person_streams=settings.person_streams,
            program_streams=settings.program_streams,
        ),
        message_bytes=settings.message_bytes,
        write=settings.watch_write_seconds,
        connection_age=settings.connection_age_seconds,
        connection_age_grace=settings.connection_age_grace_seconds,
        connection_idle=settings.connection_idle_seconds,
        handshake=settings.handshake_seconds,
        keepalive=settings.keepalive_seconds,
        drain_wait=settings.drain_seconds,
        drain_grace=settings.drain_grace_seconds,
        health_listen=settings.health_listen,
    )
