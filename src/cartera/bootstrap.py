"""The wiring: everything is put together here and nowhere else."""

import asyncio
import gc
import signal
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cartera.engine.clock import Clock
from cartera.engine.engine import Engine, EngineLimits
from cartera.rpc.reading import Reading
from cartera.rpc.server import Server, ServerOptions
from cartera.settings import Settings, SettingsError, require_safe, split_address
from cartera.store.migrate import is_current, migrate
from cartera.store.open import SQLITE, backend_of, open_reads, open_store
from cartera.store.store import StoreError

try:
    import uvloop
except ImportError:  # it is not made for every platform
    uvloop = None  # type: ignore[assignment]

log = structlog.get_logger()

COLLECTED_AFTER = 20_000
"""New objects before the collector looks for cycles. A batch makes thousands that live as long as it does."""


class Service:
    """A replica: a store, an engine and a server. A clock may be given, so that a test can hold the time."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        require_safe(settings)
        self._settings = settings
        self._store = open_store(settings.database_url)
        self._reads = open_reads(settings.database_url)
        self.engine = Engine(self._store, clock, _limits(settings))
        self._reading = Reading(self.engine, self._reads, settings.read_threads)
        self._server: Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where it is served, with the port that was found for port 0."""
        host, _ = split_address(self._settings.listen)
        return f"{host}:{self.port}"

    async def start(self) -> int:
        """Begins to serve, and answers the port.

        Raises:
            SettingsError: the database is not there, or not at this version's schema.
            OSError: nothing can be served at the address.

        """
        await asyncio.to_thread(prepare_database, self._settings.database_url)
        await self.engine.start()
        self._server = Server(self.engine, self._reading, self._ping, _options(self._settings))
        try:
            self.port = await self._server.start(self._settings.listen)
        except OSError:
            await self.stop()
            raise
        log.info("serving", address=self.address, database=backend_of(self._settings.database_url))
        return self.port

    async def stop(self) -> None:
        """Drains, finishes what was taken on, and lets go of the database."""
        if self._server is not None:
            await self._server.stop()
        await self.engine.stop()
        self._reading.close()
        self._reads.close()
        self._store.close()
        log.info("stopped")

    async def _ping(self) -> bool:
        try:
            await asyncio.to_thread(self._store.heads, [""])
        except StoreError:
            return False
        return True


async def serve(
    settings: Settings, clock: Clock | None = None, started: Callable[[Service], object] | None = None
) -> None:
    """Serves until SIGTERM or SIGINT, then drains. Tells `started` once it serves."""
    service = Service(settings, clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    await service.start()
    if started is not None:
        started(service)
    await stop.wait()
    log.info("draining")
    await service.stop()


def run(settings: Settings, started: Callable[[Service], object] | None = None) -> None:
    """Serves in an event loop of its own, until told to stop."""
    gc.set_threshold(COLLECTED_AFTER)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, started=started))


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
        raise SettingsError("the database does not have this version's schema: run `cartera migrate`")


def _is_usable(url: str) -> bool:
    if backend_of(url) == SQLITE:
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        migrate(url)
    return is_current(url)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    return uvloop.new_event_loop if uvloop else None


def _limits(settings: Settings) -> EngineLimits:
    return EngineLimits(
        batch=settings.batch,
        queue=settings.queue,
        tenants=settings.tenants,
        contacts=settings.contacts,
        poll_seconds=settings.poll_seconds,
    )


def _options(settings: Settings) -> ServerOptions:
    return ServerOptions(
        unary_calls=settings.unary_calls,
        streams=settings.streams,
        message_bytes=settings.message_bytes,
        write=settings.watch_write_seconds,
        connection_age=settings.connection_age_seconds,
        keepalive=settings.keepalive_seconds,
        drain_wait=settings.drain_seconds,
        drain_grace=settings.drain_grace_seconds,
    )
