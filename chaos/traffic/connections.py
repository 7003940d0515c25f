"""Connections to the addresses of a service, over which single attempts are made and written down."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from chaos.history import Call, CallJournal
from chaos.methods import METHODS

STATUS_KEY = "grpc-status-details-bin"
STREAM_METHOD = METHODS["WatchEvents"].path

_OPTIONS = [
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
]
"""Nothing is retried unseen, and a replica that is back is found soon."""

UNTOLD = frozenset({"", "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL"})
"""Codes after which a call may be made again: what became of it is not known, or nothing did."""


class Answer(NamedTuple):
    """What an attempt was told."""

    code: str
    reason: str = ""
    response: bytes = b""

    @property
    def is_good(self) -> bool:
        return self.code == "OK"

    @property
    def is_untold(self) -> bool:
        """Whether it must be asked again: its outcome is unknown, or the service had no time for it."""
        return self.code in UNTOLD or self.reason in ("TENANT_QUEUE_FULL", "CALLER_QUEUE_FULL")


class Connections:
    """A channel to each address, shared by some callers."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._calls: dict[tuple[str, str], Any] = {}

    def unary(self, address: str, path: str) -> Any:
        call = self._calls.get((address, path))
        if call is None:
            call = self._calls[address, path] = self._channel(address).unary_unary(path)
        return call

    def stream(self, address: str) -> Any:
        return self._channel(address).unary_stream(STREAM_METHOD)

    def _channel(self, address: str) -> grpc.aio.Channel:
        """Made when it is first used: it belongs to the loop that runs then."""
        channel = self._channels.get(address)
        if channel is None:
            channel = self._channels[address] = grpc.aio.insecure_channel(address, options=_OPTIONS)
        return channel

    async def close(self) -> None:
        await asyncio.gather(*(channel.close(grace=None) for channel in self._channels.values()))


class Attempts:
    """Makes single attempts for one caller, and writes each down."""

    def __init__(self, connections: Connections, journal: CallJournal, caller: str) -> None:
        self._connections = connections
        self._journal = journal
        self._caller = caller

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._connections.addresses

    async def make(self, address: str, path: str, request: bytes, timeout: float) -> Answer:  # noqa: ASYNC109 - it is gRPC's
        """Call once."""
        began, answer = time.monotonic(), Answer("")
        try:
            response = await self._connections.unary(address, path)(request, timeout=timeout)
            answer = Answer("OK", "", response)
        except grpc.aio.AioRpcError as error:
            answer = failure_of(error)
        finally:
            ended = time.monotonic()
            call = Call(self._caller, address, path, request, began, ended, answer.code, answer.reason, answer.response)
            self._journal.note(call)
        return answer


def failure_of(error: grpc.aio.AioRpcError) -> Answer:
    return Answer(error.code().name, reason_of(error.trailing_metadata() or ()))


def reason_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The reason in the details of a google.rpc.Status."""
    for key, value in metadata:
        if key == STATUS_KEY and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return ""
