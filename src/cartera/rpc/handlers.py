"""From the contract's services and the servicers to what gRPC serves.

Handlers take and give bytes: a request that is no message gets an answer of ours, and the answer to a retry is the
stored one, unchanged.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.descriptor import ServiceDescriptor

from cartera.core.records import Actor
from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason
from cartera.engine.gate import Gate
from cartera.origin import CORRELATION_KEY, correlation_of
from cartera.rpc.call import Call
from cartera.rpc.errors import Failure, failure_of
from cartera.rpc.interceptors import Exchange, Steps, call_of, require_valid
from cartera.rpc.languages import language_of
from cartera.rpc.limits import UnaryCalls
from cartera.rpc.methods import Method, methods_of
from cartera.rpc.observation import Observation, Observations
from cartera.rpc.statuses import status_of
from cartera.rpc.validation import compile_rules

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Answer = Callable[[Call[Any]], Awaitable[bytes]]
Stream = Callable[[Call[Any]], AsyncGenerator[bytes]]

DETAILS_KEY = "grpc-status-details-bin"


class Handlers:
    """Makes the handlers of all services, with the same steps before each servicer."""

    def __init__(
        self,
        steps: Steps,
        unary_calls: UnaryCalls,
        write_seconds: float,
        now: Callable[[], float] = time.time,
        observations: Observations = Observations(),
        *,
        gate: Gate,
    ) -> None:
        self._steps = steps
        self._write_seconds = write_seconds
        self._unary_calls = unary_calls
        self._now = now
        self._observations = observations
        self._gate = gate

    def of_services(self, servicers: Iterable[tuple[ServiceDescriptor, object]]) -> grpc.GenericRpcHandler:
        """The handlers of all services. AttributeError where a servicer lacks one of its service's methods."""
        return _OwnMethods(
            {
                method.path: self._handler(method, getattr(servicer, method.name))
                for service, servicer in servicers
                for method in methods_of(service)
            }
        )

    def _handler(self, method: Method, behaviour: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        compile_rules(method.request)
        if method.streams:
            return grpc.unary_stream_rpc_method_handler(self._stream(method, behaviour))
        return grpc.unary_unary_rpc_method_handler(self._unary(method, behaviour))

    def _unary(self, method: Method, answer: Answer) -> Callable[[bytes, Context], Awaitable[bytes]]:
        unary_calls, gate, interest = self._unary_calls, self._gate, self._observations.of(method)

        async def handle(payload: bytes, context: Context) -> bytes:
            began = time.perf_counter()
            try:
                if gate.is_closed:
                    await gate.wait()
            except asyncio.CancelledError:
                Observation(_exchange(method, payload, context), interest, began).end()
                raise
            exchange = _exchange(method, payload, context)
            seen = Observation(exchange, interest, began)
            try:
                actor = self._admit(exchange)
                entry = unary_calls.ask(exchange.tenant, actor)
                if not unary_calls.let_in(entry):
                    await unary_calls.wait(entry)
                try:
                    response = await answer(self._receive(exchange))
                finally:
                    unary_calls.leave(entry)
                seen.code = grpc.StatusCode.OK
            except Exception as error:  # noqa: BLE001 - the one door for errors
                await _refuse(seen, error, context)
            finally:
                seen.end()
            return response

        return handle

    def _stream(self, method: Method, stream: Stream) -> Callable[[bytes, Context], Awaitable[None]]:
        now, interest = self._now, self._observations.of(method)

        async def handle(payload: bytes, context: Context) -> None:
            exchange = _exchange(method, payload, context)
            seen = Observation(exchange, interest, time.perf_counter())
            try:
                self._admit(exchange)
                async with aclosing(stream(self._receive(exchange))) as responses:
                    async for response in responses:
                        require_valid(exchange, now())
                        await self._write(context, response, responses)
                seen.code = grpc.StatusCode.OK
            except Exception as error:  # noqa: BLE001 - the one door for errors
                await _refuse(seen, error, context)
            finally:
                seen.end()

        return handle

    async def _write(self, context: Context, response: bytes, responses: AsyncGenerator[bytes]) -> None:
        """Send one response; who doesn't take it in time is cut, and the stream is told at its `yield`."""
        try:
            async with asyncio.timeout(self._write_seconds):
                await context.write(response)
        except TimeoutError:
            await responses.athrow(TimeoutError())

    def _admit(self, exchange: Exchange) -> Actor:
        for step in self._steps.before_limit:
            step(exchange)
        if exchange.caller is None:
            raise AssertionError("a call came to the limit without passing the steps before it")
        return exchange.caller.actor

    def _receive(self, exchange: Exchange) -> Call[Any]:
        for step in self._steps.after_limit:
            step(exchange)
        return call_of(exchange)


class _OwnMethods(grpc.GenericRpcHandler):
    """The methods of the contract, found at once: gRPC asks one handler after the other, for each call."""

    def __init__(self, handlers: "dict[str, grpc.RpcMethodHandler[Any, Any]]") -> None:
        self._handlers = handlers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        return self._handlers.get(handler_call_details.method)


class UnknownMethods(grpc.GenericRpcHandler):
    """Answers what no other handler serves, with an error as every other. It must be asked last."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        path = handler_call_details.method.removeprefix("/")

        async def refuse(_requests: object, context: Context) -> AsyncIterator[bytes]:
            failure = failure_of(reject(ErrorReason.METHOD_NOT_IMPLEMENTED, path))
            await _abort(failure, context, correlation_of(context.invocation_metadata() or ()))
            yield b""  # never reached; it makes this a stream, which answers calls of every kind

        return grpc.stream_stream_rpc_method_handler(refuse)


def _exchange(method: Method, payload: bytes, context: Context) -> Exchange:
    remaining = context.time_remaining()
    deadline = None if remaining is None else time.monotonic() + remaining
    return Exchange(method, payload, context.invocation_metadata() or (), deadline, context.auth_context)


async def _refuse(seen: Observation, error: Exception, context: Context) -> NoReturn:
    if isinstance(error, grpc.aio.InternalError):
        # What was written could not be: there is nobody any more to whom anything could be said.
        raise asyncio.CancelledError from None
    failure = failure_of(error).naming(seen.tenant_id)
    seen.refuse(failure)
    await _abort(failure, context, seen.origin.correlation_id)


async def _abort(failure: Failure, context: Context, correlation_id: str) -> NoReturn:
    status = status_of(failure, language_of(context.invocation_metadata() or ()), correlation_id)
    trailing = ((DETAILS_KEY, status.SerializeToString()), (CORRELATION_KEY, correlation_id))
    try:
        await context.abort(failure.code, status.message, trailing_metadata=trailing)
    except grpc.aio.InternalError:
        raise asyncio.CancelledError from None  # the caller has left meanwhile
    raise AssertionError("abort did not raise")
