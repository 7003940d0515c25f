"""The real service in a thread of its own, and what it must not have said at the end."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import grpc
import uvloop
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from structlog.testing import capture_logs

from cartera.bootstrap import Service
from cartera.core.vocabulary import ErrorReason
from cartera.observability import disregard_garbage
from cartera.routing.v1 import configuration_service_pb2 as pb
from cartera.rpc.errors import RULES
from cartera.rpc.handlers import DETAILS_KEY
from cartera.rpc.methods import Method
from cartera.settings import Settings
from tests.fuzz.floor import CONFIGURATION, TENANT
from tests.rpc.calls import METHODS

PATIENCE = 60.0
NEVER = (ErrorReason.INTERNAL, ErrorReason.UNSPECIFIED, ErrorReason.DATABASE_UNAVAILABLE)
OF_GRPC = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)
"""What gRPC may answer by itself: to what is too large, to who leaves, to who is late."""


class Faults(logging.Handler):
    """What libraries complain of: a traceback there is a fault of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


class ServedTenant:
    """The service with a tenant, and a channel to it."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self.service = service
        self._loop = loop
        self.address = service.address
        self.channel = grpc.insecure_channel(service.address)

    def inside(self, question: Any) -> Any:
        """What something inside the service is, asked in its own loop."""

        async def ask() -> Any:
            return question(self.service)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(PATIENCE)

    def send(self, method: Method, payload: bytes, metadata: Any = (), seconds: float = PATIENCE) -> str:
        """Send bytes to a method. Returns the reason of its refusal, or the code where gRPC refused; "" if answered."""
        stub = (self.channel.unary_stream if method.streams else self.channel.unary_unary)(method.path)
        try:
            answer = stub(payload, metadata=metadata, timeout=seconds)
            if method.streams:
                next(answer)
                answer.cancel()
        except grpc.RpcError as error:
            return judged(error)
        return ""

    def honest_call_works(self) -> bool:
        """Whether who behaves is served."""
        request = METHODS["GetTenant"].request(tenant_id=TENANT).SerializeToString()
        return self.send(METHODS["GetTenant"], request) == ""


def judged(error: Any) -> str:
    """The reason of a refusal, which is one of the contract's, with the code that belongs to it."""
    status = next((value for key, value in error.trailing_metadata() or () if key == DETAILS_KEY), None)
    if status is None:
        assert error.code() in OF_GRPC, error
        return error.code().name
    info = ErrorInfo()
    assert Status.FromString(status).details[0].Unpack(info)
    reason = ErrorReason[info.reason]
    assert reason not in NEVER, error
    assert error.code() is RULES[reason].code, error
    return info.reason


@contextmanager
def served(database_url: str, **settings: Any) -> Iterator[ServedTenant]:
    """The service with its tenant. At the end nothing may have gone wrong inside of it."""
    disregard_garbage()
    faults = Faults()
    logging.getLogger().addHandler(faults)
    try:
        with capture_logs() as lines, _running(database_url, settings) as tenant:
            yield tenant
    finally:
        logging.getLogger().removeHandler(faults)
    assert not faults.found, faults.found
    assert not [line for line in lines if line["log_level"] in ("error", "critical")]
    assert all(str(value).isprintable() for line in lines for key, value in line.items() if key != "exc_info")


@contextmanager
def _running(database_url: str, settings: dict[str, Any]) -> Iterator[ServedTenant]:
    loop, started = uvloop.new_event_loop(), Event()
    service = Service(Settings(listen="127.0.0.1:0", database_url=database_url, drain_seconds=0, **settings))

    async def run() -> None:
        await service.start()
        started.set()

    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(run(), loop).result(PATIENCE)
    tenant = ServedTenant(service, loop)
    request = pb.ApplyConfigurationRequest(tenant_id=TENANT, configuration=CONFIGURATION)
    assert tenant.send(METHODS["ApplyConfiguration"], request.SerializeToString()) == ""
    try:
        yield tenant
    finally:
        tenant.channel.close()
        asyncio.run_coroutine_threadsafe(service.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
