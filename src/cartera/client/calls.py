"""Calls: each RPC is declared once, and is a method of the synchronous and of the asynchronous service."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar, Generic, ParamSpec, Self, TypeVar, overload

import grpc
from google.protobuf.message import Message

from cartera.client.session import Session

P = ParamSpec("P")
ResponseT = TypeVar("ResponseT", bound=Message)


class Call(Generic[P, ResponseT]):
    """A unary RPC by its messages; its name is the attribute's. A call takes the fields of the request."""

    def __init__(self, request: Callable[P, Message], response: type[ResponseT]) -> None:
        self.request = request
        self.response = response

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, service: None, owner: type) -> Self: ...
    @overload
    def __get__(self, service: "Service", owner: type) -> Callable[P, ResponseT]: ...
    @overload
    def __get__(self, service: "AsyncService", owner: type) -> Callable[P, Awaitable[ResponseT]]: ...
    def __get__(self, service: "Service | AsyncService | None", owner: type) -> Any:
        return self if service is None else partial(service.call, self)


class Service:
    """A service of the contract for a synchronous client."""

    NAME: ClassVar[str]
    STUB: ClassVar[Callable[..., Any]]

    def __init__(self, channel: grpc.Channel, session: Session) -> None:
        self._stub = type(self).STUB(channel)
        self._session = session

    def call(self, call: Call[..., ResponseT], **fields: Any) -> ResponseT:
        request = self._session.completed(call.request(**fields))
        method: Callable[..., ResponseT] = getattr(self._stub, call.name)
        attempts = self._session.attempts(f"{self.NAME}/{call.name}", request)
        options = self._session.options
        while True:
            try:
                return method(request, timeout=attempts.remaining(), metadata=self._session.metadata, **options)
            except grpc.RpcError as failure:
                time.sleep(attempts.delay_after(failure))


class AsyncService:
    """A service of the contract for an asynchronous client."""

    NAME: ClassVar[str]
    STUB: ClassVar[Callable[..., Any]]

    def __init__(self, channel: grpc.aio.Channel, session: Session) -> None:
        self._stub = type(self).STUB(channel)
        self._session = session

    async def call(self, call: Call[..., ResponseT], **fields: Any) -> ResponseT:
        request = self._session.completed(call.request(**fields))
        method: Callable[..., Awaitable[ResponseT]] = getattr(self._stub, call.name)
        attempts = self._session.attempts(f"{self.NAME}/{call.name}", request)
        options = self._session.options
        while True:
            try:
                return await method(request, timeout=attempts.remaining(), metadata=self._session.metadata, **options)
            except grpc.RpcError as failure:
                await asyncio.sleep(attempts.delay_after(failure))
