"""The servers that are measured, each to be run by itself: `cartera` as it is, and a no-op of the same kind.

    python -m benchmarks.serving cartera DATABASE_URL [PROFILE_DIRECTORY [RACES_FILE]]
    python -m benchmarks.serving no-op RESPONSE_BYTES_IN_HEX

The first line of the output is the address.
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import grpc
import uvloop

from benchmarks.calls import COMPLETE, ROUTE
from benchmarks.profiling import profiled
from benchmarks.races import Races, count_races
from cartera.bootstrap import Service, run
from cartera.observability import configure_logging
from cartera.settings import Settings

ANY_PORT = "127.0.0.1:0"
OPTIONS = [
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.max_connection_age_ms", 1_800_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.so_reuseport", 0),
]
"""As Cartera's own server has them."""


def serve_cartera(database_url: str, profile_directory: str = "", races_file: str = "") -> None:
    """Serve with the settings that `cartera serve` has when nothing is said, but for the time that draining takes."""
    configure_logging("console", "warning")
    settings = Settings(listen=ANY_PORT, database_url=database_url, drain_seconds=0)
    if races_file:
        count_races(Races(Path(races_file)))
    if not profile_directory:
        run(settings, _say_where)
        return
    with profiled(Path(profile_directory)):
        run(settings, _say_where)


def _say_where(service: Service) -> None:
    _say(service.address)


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


def serve_no_op(response: str) -> None:
    """Answer each call with the same bytes."""
    uvloop.run(_serve_no_op(bytes.fromhex(response)))


async def _serve_no_op(response: bytes) -> None:
    async def answer(_request: bytes, _context: Any) -> bytes:
        return response

    server = grpc.aio.server(options=OPTIONS)
    _, service, route = ROUTE.split("/")
    handlers = dict.fromkeys((route, COMPLETE.split("/")[2]), grpc.unary_unary_rpc_method_handler(answer))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    port = server.add_insecure_port(ANY_PORT)
    await server.start()
    _say(f"127.0.0.1:{port}")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(None)


if __name__ == "__main__":
    {"cartera": serve_cartera, "no-op": serve_no_op}[sys.argv[1]](*sys.argv[2:])
