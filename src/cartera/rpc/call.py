"""A call, as a servicer gets it: who asks what, checked already."""

from typing import Any, Generic, NamedTuple, TypeVar

from cartera.contract import fields_to_bytes
from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.rpc.methods import Method

Request = TypeVar("Request")


class Call(NamedTuple, Generic[Request]):
    """One call of a method."""

    method: Method
    request: Request
    caller: Caller
    deadline: float | None = None
    """When the caller stops waiting, in seconds of `time.monotonic`. None: never."""

    @property
    def actor(self) -> Actor:
        """Who asks, as it is kept in the log."""
        return self.caller.actor

    def answer(self, **fields: Any) -> bytes:
        """The response with those fields, in bytes; core values are translated, and None is a field that is unset."""
        return fields_to_bytes(self.method.response, fields)
