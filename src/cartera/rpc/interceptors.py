"""What every call passes before its servicer, by name and in order.

    report     everything below may raise; what it raises becomes a status, and the call a line in the log
    limit      a place among the calls at once, shared with other tenants; a servicer of streams sees to its own
    identify   who calls
    authorize  whether that role may call the method, before anything of the tenant is shown
    parse      the bytes become a message
    validate   every field is within its limits

The first two stand around the call, in `handlers`; the others are steps, which see the same exchange one after another.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError, Message

from cartera.core.records import Actor
from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.call import Call
from cartera.rpc.identity import Identify, Metadata
from cartera.rpc.limits import tenant_of
from cartera.rpc.methods import Method
from cartera.rpc.validation import validate as validate_request


class Exchange:
    """A call on its way to the servicer: what is known of it so far."""

    __slots__ = ("actor", "deadline", "metadata", "method", "payload", "request")

    def __init__(self, method: Method, payload: bytes, metadata: Metadata, deadline: float | None) -> None:
        self.method = method
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
        self.actor: Actor | None = None
        self.request: Any = None

    def tenant_id(self) -> str:
        """The tenant that the request names, as far as it is known."""
        if self.request is None:
            return tenant_of(self.payload).decode(errors="replace")
        tenant_id: str = self.request.tenant_id
        return tenant_id


Step = Callable[[Exchange], None]


def steps(identify: Identify) -> tuple[Step, ...]:
    """The steps, in their order."""
    return identify_by(identify), authorize, parse, validate


def identify_by(identify: Identify) -> Step:
    def identify_caller(exchange: Exchange) -> None:
        exchange.actor = identify(exchange.metadata)

    return identify_caller


def authorize(exchange: Exchange) -> None:
    """Only the roles that the contract names may call; where it names none, nobody may."""
    if exchange.actor is None or exchange.actor.role not in exchange.method.roles:
        raise reject(ErrorReason.PERMISSION_DENIED, exchange.method.path.removeprefix("/"))


def parse(exchange: Exchange) -> None:
    try:
        exchange.request = exchange.method.request.FromString(exchange.payload)
    except DecodeError:
        raise _malformed(exchange) from None
    # A second tenant_id would count: the call was let in for one tenant, and would be another's.
    let_in = tenant_of(exchange.payload)
    if let_in and let_in != exchange.request.tenant_id.encode():
        raise _malformed(exchange)


def _malformed(exchange: Exchange) -> Rejected:
    return reject(ErrorReason.MESSAGE_MALFORMED, exchange.method.request.DESCRIPTOR.full_name)


def validate(exchange: Exchange) -> None:
    validate_request(exchange.request, exchange.payload)


def call_of(exchange: Exchange) -> Call[Message]:
    """What the servicer gets, once all steps are passed."""
    if exchange.actor is None:
        raise AssertionError("a call reached its servicer without passing the steps")
    return Call(exchange.method, exchange.request, exchange.actor, exchange.deadline)
