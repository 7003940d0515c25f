"""A client on grpcio-testing's channel, and a service that the test plays."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from typing import Any

import grpc
import grpc_testing
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from cartera.client import CarteraError, Client, RetryPolicy, Watch
from cartera.routing.v1 import (
    agent_service_pb2,
    configuration_service_pb2,
    contact_service_pb2,
    event_service_pb2,
    monitor_service_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
)

SERVICES = [
    module.DESCRIPTOR.services_by_name[name]
    for module, name in (
        (routing_service_pb2, "RoutingService"),
        (agent_service_pb2, "AgentService"),
        (portfolio_service_pb2, "PortfolioService"),
        (contact_service_pb2, "ContactService"),
        (configuration_service_pb2, "ConfigurationService"),
        (event_service_pb2, "EventService"),
        (monitor_service_pb2, "MonitorService"),
    )
]
METHODS = {f"{service.name}/{method.name}": method for service in SERVICES for method in service.methods}


class ScriptedService:
    """Takes the calls of a client, which runs in a thread of its own, one by one."""

    def __init__(self, **options: Any) -> None:
        self.channel = grpc_testing.channel(SERVICES, grpc_testing.strict_real_time())
        options = {"tenant_id": "acme", "retry": RetryPolicy(first_delay=0.0)} | options
        self.client = Client(channel=self.channel, **options)

    def take(self, method: str) -> "TakenCall":
        metadata, request, rpc = self.channel.take_unary_unary(METHODS[method])
        return TakenCall(dict(metadata), request, rpc)

    def take_stream(self, method: str = "EventService/WatchEvents") -> "TakenCall":
        metadata, request, rpc = self.channel.take_unary_stream(METHODS[method])
        # The client goes on with the same message after the stream; what it asked is what it asked then.
        asked = type(request).FromString(request.SerializeToString())
        return TakenCall(dict(metadata), asked, rpc)


class TakenCall:
    def __init__(self, metadata: dict[str, str], request: Any, rpc: Any) -> None:
        self.metadata = metadata
        self.request = request
        self.rpc = rpc

    def answer(self, response: Message) -> None:
        self.rpc.terminate(response, (), grpc.StatusCode.OK, "")

    def send(self, *steps: Message) -> None:
        for step in steps:
            self.rpc.send_response(step)

    def end(self) -> None:
        self.rpc.terminate((), grpc.StatusCode.OK, "")

    def fail(self, status: Status, *, stream: bool = False) -> None:
        wire = rpc_status.to_status(status)
        ending = (wire.trailing_metadata, wire.code, wire.details)
        self.rpc.terminate(*ending if stream else (None, *ending))

    def break_off(self, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE, *, stream: bool = False) -> None:
        """As a connection does: a code and nothing else."""
        self.rpc.terminate(*((), code, "connection lost") if stream else (None, (), code, "connection lost"))


def status(code: grpc.StatusCode, reason: str, message: str = "no", *details: Message) -> Status:
    made = Status(code=code.value[0], message=message)
    for each in (ErrorInfo(reason=reason, domain="cartera.dev"), *details):
        packed = Packed()
        packed.Pack(each)
        made.details.append(packed)
    return made


class Followed:
    """A watch that a thread reads; each step is waited for."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._steps: Queue[Any] = Queue()

    def read(self) -> None:
        try:
            for step in self._watch:
                self._steps.put(step)
        except CarteraError as error:
            self._steps.put(error)
        self._steps.put(None)

    def next(self) -> Any:
        """The next step, the error that ended the watch, or None once it was closed."""
        return self._steps.get(timeout=120)


@contextmanager
def followed(watch: Watch) -> Iterator[Followed]:
    made = Followed(watch)
    with in_background(made.read):
        yield made
        watch.close()


@contextmanager
def in_background(action: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
    with ThreadPoolExecutor(1) as executor:
        yield executor.submit(action, *arguments, **options)
