"""From the contract's services and the servicers to what gRPC serves.

Handlers take and give bytes: a request that is no message gets an answer of ours, and the answer to a retry is the
stored one, unchanged.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, NoReturn, TypeAlias

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor

from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason
from cartera.observability import logs_each_call
from cartera.rpc.call import Call
from cartera.rpc.errors import Failure, failure_of
from cartera.rpc.interceptors import Exchange, Step, call_of
from cartera.rpc.limits import UnaryCalls, tenant_of
from cartera.rpc.methods import Method, methods_of
from cartera.rpc.statuses import status_of
from cartera.rpc.validation import compile_rules

log = structlog.get_logger()

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Answer = Callable[[Call[Any]], Awaitable[bytes]]
Stream = Callable[[Call[Any]], AsyncGenerator[bytes]]

DETAILS_KEY = "grpc-status-details-bin"


class Handlers:
    """Makes the handlers of all services, with the same steps before each servicer."""

    def __init__(self, steps: tuple[Step, ...], unary_calls: UnaryCalls, write_seconds: float) -> None:
        self._steps = steps
        self._write_seconds = write_seconds
        self._unary_calls = unary_calls

    def of_service(self, service: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler:
        """The handlers of a service. AttributeError where the servicer lacks one of its methods."""
        handlers = {
            method.name: self._handler(method, getattr(servicer, method.name)) for method in methods_of(service)
        }
        return grpc.method_handlers_generic_handler(service.full_name, handlers)

    def _handler(self, method: Method, behaviour: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        compile_rules(method.request)
        if method.streams:
            return grpc.unary_stream_rpc_method_handler(self._stream(method, behaviour))
        return grpc.unary_unary_rpc_method_handler(self._unary(method, behaviour))

    def _unary(self, method: Method, answer: Answer) -> Callable[[bytes, Context], Awaitable[bytes]]:
        unary_calls, log_calls = self._unary_calls, logs_each_call()

        async def handle(payload: bytes, context: Context) -> bytes:
            began = time.perf_counter()
            exchange = _exchange(method, payload, context)
            try:
                tenant = tenant_of(payload)
                place = unary_calls.ask(tenant)
                if not unary_calls.let_in(place):
                    await unary_calls.wait(place, tenant)
                try:
                    response = await answer(self._receive(exchange))
                finally:
                    unary_calls.leave(place)
            except Exception as error:  # noqa: BLE001 - the one door for errors
                await _refuse(exchange, failure_of(error), began, context)
            if log_calls:
                _log(exchange, began)
            return response

        return handle

    def _stream(self, method: Method, stream: Stream) -> Callable[[bytes, Context], Awaitable[None]]:
        log_calls = logs_each_call()

        async def handle(payload: bytes, context: Context) -> None:
            began = time.perf_counter()
            exchange = _exchange(method, payload, context)
            try:
                async with aclosing(stream(self._receive(exchange))) as responses:
                    async for response in responses:
                        await self._write(context, response, responses)
            except Exception as error:  # noqa: BLE001 - the one door for errors
                await _refuse(exchange, failure_of(error), began, context)
            if log_calls:
                _log(exchange, began)

        return handle

    async def _write(self, context: Context, response: bytes, responses: AsyncGenerator[bytes]) -> None:
        """Send one response; who doesn't take it in time is cut, and the stream is told at its `yield`."""
        try:
            async with asyncio.timeout(self._write_seconds):
                await context.write(response)
        except TimeoutError:
            await responses.athrow(TimeoutError())

    def _receive(self, exchange: Exchange) -> Call[Any]:
        for step in self._steps:
            step(exchange)
        return call_of(exchange)


class UnknownMethods(grpc.GenericRpcHandler):
    """Answers what no other handler serves, with an error as every other. It must be asked last."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        path = handler_call_details.method.removeprefix("/")

        async def refuse(_requests: object, context: Context) -> AsyncIterator[bytes]:
            await _abort(failure_of(reject(ErrorReason.METHOD_NOT_IMPLEMENTED, path)), context)
            yield b""  # never reached; it makes this a stream, which answers calls of every kind

        return grpc.stream_stream_rpc_method_handler(refuse)


def _exchange(method: Method, payload: bytes, context: Context) -> Exchange:
    remaining = context.time_remaining()
    deadline = None if remaining is None else time.monotonic() + remaining
    return Exchange(method, payload, context.invocation_metadata() or (), deadline)


async def _refuse(exchange: Exchange, failure: Failure, began: float, context: Context) -> NoReturn:
    # Of a flood the first is told (limits.py): a line for each would cost more than the refusal.
    tell = log.debug if failure.reason is ErrorReason.TENANT_QUEUE_FULL else log.info
    tell(
        "call refused",
        method=exchange.method.path,
        tenant=exchange.tenant_id(),
        code=failure.code.name,
        reason=failure.reason.name,
        milliseconds=_milliseconds(began),
    )
    await _abort(failure, context)


async def _abort(failure: Failure, context: Context) -> NoReturn:
    status = status_of(failure)
    trailing = ((DETAILS_KEY, status.SerializeToString()),)
    await context.abort(failure.code, status.message, trailing_metadata=trailing)
    raise AssertionError("abort did not raise")


def _log(exchange: Exchange, began: float) -> None:
    log.debug(
        "call",
        method=exchange.method.path,
        tenant=exchange.tenant_id(),
        code=grpc.StatusCode.OK.name,
        milliseconds=_milliseconds(began),
    )


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
