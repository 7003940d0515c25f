"""Calls of any method, through the generated stubs, with requests and answers in protobuf's JSON form."""

import importlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.message import Message
from google.rpc import error_details_pb2  # noqa: F401 - the details of errors, to be found by name
from google.rpc.status_pb2 import Status

PACKAGE = "cartera.routing.v1"
DETAILS_KEY = "grpc-status-details-bin"
LONGEST_MESSAGE = 64 * 1024 * 1024


class Outcome(NamedTuple):
    """What came of a call."""

    code: str = "OK"
    answers: tuple[Any, ...] = ()
    """In JSON: one, or those of a stream."""
    details: tuple[tuple[str, Any], ...] = ()
    """Of a failure: the kind of each, and the detail in JSON."""
    text: str = ""
    """What gRPC says besides, for people."""


class Ask(NamedTuple):
    """A call to be made."""

    method: str
    """Service and method, as a case names them."""
    request: Any = None
    """In JSON; bytes are sent as they are."""
    metadata: tuple[tuple[str, str], ...] = ()
    deadline: float = 10.0


class UnknownMethodError(Exception):
    """The contract has no such method."""


@cache
def _stub_class(service: str) -> Any:
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", service).lower()
    return getattr(importlib.import_module(f"{PACKAGE}.{module}_pb2_grpc"), f"{service}Stub")


@cache
def _request_class(service: str, method: str) -> type[Message]:
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", service).lower()
    contract = importlib.import_module(f"{PACKAGE}.{module}_pb2")
    described = contract.DESCRIPTOR.services_by_name[service].methods_by_name.get(method)
    if described is None:
        raise UnknownMethodError(f"{service} has no method {method}")
    return message_factory.GetMessageClass(described.input_type)


def in_json(message: Message) -> Any:
    """A message as cases write it."""
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


class Caller:
    """Calls one server."""

    def __init__(self, address: str) -> None:
        options = [("grpc.max_receive_message_length", LONGEST_MESSAGE), ("grpc.enable_retries", 0)]
        self._channel = grpc.insecure_channel(address, options=options)

    def close(self) -> None:
        self._channel.close()

    def call(self, ask: Ask) -> Outcome:
        """A call of one answer."""
        try:
            answer = self._begin(ask)
        except grpc.RpcError as failure:
            return _failed(failure)
        return Outcome(answers=(in_json(answer),) if isinstance(answer, Message) else ())

    def _begin(self, ask: Ask) -> Any:
        if isinstance(ask.request, bytes):
            path = ask.method if "." in ask.method else f"{PACKAGE}.{ask.method}"
            raw = self._channel.unary_unary(f"/{path}", None, None)
            return raw(ask.request, timeout=ask.deadline, metadata=ask.metadata)
        service, method = ask.method.split("/")
        request = json_format.ParseDict(ask.request, _request_class(service, method)())
        behaviour = getattr(_stub_class(service)(self._channel), method)
        return behaviour(request, timeout=ask.deadline, metadata=ask.metadata)

    def watch(self, ask: Ask) -> "Watched":
        """A call of many answers."""
        return Watched(self._begin(ask))


class Watched:
    """A stream that is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.end: Outcome | None = None
        """How it ended, if it did."""

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from map(in_json, self._stream)
            self.end = Outcome()
        except grpc.RpcError as failure:
            self.end = _failed(failure)

    def cancel(self) -> None:
        self._stream.cancel()


def _failed(failure: Any) -> Outcome:
    status = Status.FromString(_status_bytes(failure.trailing_metadata() or ()))
    details = tuple((each.type_url.rpartition(".")[2], _unpacked(each)) for each in status.details)
    return Outcome(failure.code().name, (), details, failure.details() or "")


def _status_bytes(trailing: Iterable[tuple[str, str | bytes]]) -> bytes:
    return next((value for key, value in trailing if key == DETAILS_KEY and isinstance(value, bytes)), b"")


def _unpacked(packed: Any) -> Any:
    return {key: value for key, value in in_json(packed).items() if key != "@type"}
