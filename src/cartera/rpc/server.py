"""The gRPC server: everything that is served, and how it begins and ends."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from cartera.contract.messages import SERVICES
from cartera.engine.engine import Engine
from cartera.engine.turns import TurnLimits
from cartera.rpc.callers import CallerLimits
from cartera.rpc.handlers import Handlers, UnknownMethods
from cartera.rpc.health import Health, Ping
from cartera.rpc.health_port import HealthPort
from cartera.rpc.identity import Identify, claimed_identity
from cartera.rpc.interceptors import steps
from cartera.rpc.limits import Streams, UnaryCalls
from cartera.rpc.observation import Observations
from cartera.rpc.reading import Reading
from cartera.rpc.services import served, servicers

_METADATA_BYTES = 16 * 1024
"""Headers beyond that are refused. By default gRPC refuses them from 8 KiB on by chance, and a long token with them."""

_LAST_WORDS_SECONDS = 0.5
"""For answers that are on their way out when the server closes."""


class ServerOptions(NamedTuple):
    """How much is served at once, and for how long. Times are in seconds."""

    turns: TurnLimits = TurnLimits(places=1000, shared=128, least=4, waiting=4096)
    """Unary calls at once."""
    streams: int = 10_000
    connection_streams: int = 10_000
    """Calls and streams at once on one connection."""
    callers: CallerLimits = CallerLimits()
    """Calls and streams at once of one caller."""
    message_bytes: int = 16 * 1024 * 1024
    connection_age: float = 1800.0
    """After which a client is asked to connect anew, so that load spreads behind plain load balancers."""
    connection_age_grace: float = 60.0
    """For calls that are under way then, and for requests whose end never comes."""
    handshake: float = 20.0
    """For a connection to say what it is."""
    connection_idle: float = 600.0
    """After which a connection without a call is closed."""
    keepalive: float = 60.0
    write: float = 30.0
    """How long a watcher may take to take in one step of its stream before it is cut."""
    health_listen: str = ""
    """Where health is answered in plain gRPC too. Empty: nowhere."""
    health_check: float = 0.2
    """Between two looks at what is known of the database."""
    drain_wait: float = 2.0
    """Between saying NOT_SERVING and taking no more: what routes calls here needs a while to hear of it."""
    drain_grace: float = 25.0
    """How long calls under way may take to end."""


class Place(NamedTuple):
    """Where to serve, as HOST:PORT, and what secures it. None: nothing."""

    address: str
    credentials: grpc.ServerCredentials | None = None


class Server:
    """Serves the contract, health and reflection."""

    def __init__(
        self,
        engine: Engine,
        reading: Reading,
        ping: Ping,
        options: ServerOptions = ServerOptions(),
        *,
        identify: Identify = claimed_identity,
        now: Callable[[], float] = time.time,
        observations: Observations = Observations(),
    ) -> None:
        self._engine = engine
        self._options = options
        self._unary_calls = UnaryCalls(options.turns, options.callers)
        self._handlers = Handlers(
            steps(identify), self._unary_calls, options.write, now, observations, gate=engine.gate
        )
        self._servicers = servicers(engine, reading, Streams(options.streams, options.callers))
        self._names = [service.full_name for service in SERVICES]
        self._health = Health(self._names, ping)
        self._health_port = HealthPort(self._health.servicer)
        self._server = grpc.aio.server(options=_channel_options(options))
        self._following: asyncio.Task[None] | None = None

    async def start(self, *places: Place) -> list[int]:
        """Serves at the places, and answers their ports: port 0 is any that is free.

        Raises:
            OSError: nothing can be served at one of them.

        """
        self._register()
        ports = [self._listen(place) for place in places]
        await self._health.start()
        if self._options.health_listen:
            await self._health_port.start(self._options.health_listen)
        self._following = asyncio.create_task(self._health.follow(self._options.health_check))
        await self._server.start()
        return ports

    async def stop(self) -> None:
        """Drains: says so, ends streams, finishes calls, closes. In that order, because closing waits for streams."""
        await self._health.drain()
        await asyncio.sleep(self._options.drain_wait)
        self._engine.end_streams()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._unary_calls.finish(), self._options.drain_grace)
        await self._server.stop(_LAST_WORDS_SECONDS)
        await self._health_port.stop()
        if self._following is not None:
            self._following.cancel()

    def _listen(self, place: Place) -> int:
        address, credentials = place
        try:
            if credentials is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen at {address}: it is in use, or no address of this machine") from error

    def _register(self) -> None:
        self._server.add_generic_rpc_handlers([self._handlers.of_services(served(self._servicers))])
        health_pb2_grpc.add_HealthServicer_to_server(self._health.servicer, self._server)
        names = (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self._server.add_generic_rpc_handlers([UnknownMethods()])  # asked last: it answers everything


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", options.message_bytes),
        ("grpc.max_concurrent_streams", options.connection_streams),
        ("grpc.max_metadata_size", _METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", _METADATA_BYTES),
        ("grpc.max_connection_age_ms", _milliseconds(options.connection_age)),
        ("grpc.max_connection_age_grace_ms", _milliseconds(options.connection_age_grace)),
        ("grpc.server_handshake_timeout_ms", _milliseconds(options.handshake)),
        ("grpc.max_connection_idle_ms", _milliseconds(options.connection_idle)),
        ("grpc.keepalive_time_ms", _milliseconds(options.keepalive)),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # of clients, before they are told off
        ("grpc.so_reuseport", 0),  # two services at one port are a mistake, and must look like one
    ]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
