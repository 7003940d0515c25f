"""Health: whether the service can serve, and whether it is alive.

Readiness, which the empty name and the name of each service tell, follows the database as the engine's lookout sees
it. Liveness does not: a service that waits for its database must not be killed for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from grpc_health.v1 import health, health_pb2

LIVENESS = "liveness"
"""The name under which health says whether the process is alive."""

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

log = structlog.get_logger()

Ping = Callable[[], Awaitable[bool]]


class Health:
    """What grpc.health.v1 answers."""

    def __init__(self, services: Iterable[str], ping: Ping) -> None:
        self.servicer = health.aio.HealthServicer()
        self._readiness = ("", *services)
        self._ping = ping
        self._ready: bool | None = None

    async def start(self) -> None:
        await self.servicer.set(LIVENESS, SERVING)
        await self.check()

    async def check(self) -> None:
        """See how the database is, and say what that means."""
        ready = await self._ping()
        if ready is self._ready:
            return
        log.info("ready" if ready else "not ready: the database does not answer, or tokens have no keys yet")
        self._ready = ready
        for name in self._readiness:
            await self.servicer.set(name, SERVING if ready else NOT_SERVING)

    async def follow(self, seconds: float) -> None:
        """Check again and again."""
        while True:
            await asyncio.sleep(seconds)
            await self.check()

    async def drain(self) -> None:
        """Say NOT_SERVING from now on, so that no new calls are sent here."""
        await self.servicer.enter_graceful_shutdown()
