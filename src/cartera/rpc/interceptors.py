"""What every call passes before its servicer, by name and in order.

    report     everything below may raise; what it raises becomes a status, and the call a line in the log
    identify   who calls
    enter      whether the tenant is the caller's own
    authorize  whether that role may call the method, before anything of the tenant is shown
    limit      a place among the calls at once, shared with other tenants; a servicer of streams sees to its own
    parse      the bytes become a message
    validate   every field is within its limits

To report and to limit stand around the call, in `handlers`; the others are steps, which see the same exchange one after
another. Who has no business with a tenant is refused before the limit: it must not use up the tenant's places.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from cartera.core.caller import Caller
from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.call import Call
from cartera.rpc.identity import Identify, Metadata, Peer, nobody
from cartera.rpc.limits import printable, tenant_of
from cartera.rpc.methods import Method
from cartera.rpc.validation import validate as validate_request


class Exchange:
    """A call on its way to the servicer: what is known of it so far."""

    __slots__ = ("caller", "deadline", "metadata", "method", "payload", "peer", "request", "tenant", "valid_until")

    def __init__(
        self, method: Method, payload: bytes, metadata: Metadata, deadline: float | None, peer: Peer = nobody
    ) -> None:
        self.method = method
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
        self.peer = peer
        self.tenant = tenant_of(payload)
        """The tenant that counts the call, as far as it is known."""
        self.caller: Caller | None = None
        self.valid_until = math.inf
        self.request: Any = None

    def tenant_id(self) -> str:
        """The tenant that the request names, as far as it is known, for a line in the log: it may be anything."""
        if self.request is None:
            return printable(self.tenant.decode(errors="replace"))
        return printable(self.request.tenant_id)


Step = Callable[[Exchange], None]


class Steps(NamedTuple):
    """The steps, in their order."""

    before_limit: tuple[Step, ...]
    after_limit: tuple[Step, ...]


def steps(identify: Identify) -> Steps:
    return Steps((identify_by(identify), enter, authorize), (parse, validate))


def identify_by(identify: Identify) -> Step:
    def identify_caller(exchange: Exchange) -> None:
        exchange.caller, exchange.valid_until = identify(exchange.metadata, exchange.peer)

    return identify_caller


def require_valid(exchange: Exchange, now: float) -> None:
    """A stream may outlive what proved its caller, and tells nothing from then on."""
    if now >= exchange.valid_until:
        raise reject(ErrorReason.TOKEN_EXPIRED, "caller")


def enter(exchange: Exchange) -> None:
    """A caller enters its own tenant only. Any other is refused alike, whether there is one of that name or not."""
    own = exchange.caller.tenant_id if exchange.caller else None
    if own is None:
        return
    tenant = own.encode()
    if exchange.tenant not in (tenant, b""):
        raise _not_its_tenant()
    exchange.tenant = tenant


def _not_its_tenant() -> Rejected:
    return reject(ErrorReason.PERMISSION_DENIED, "tenant")


def authorize(exchange: Exchange) -> None:
    """Only the roles that the contract names may call; where it names none, nobody may."""
    if exchange.caller is None or exchange.caller.actor.role not in exchange.method.roles:
        raise reject(ErrorReason.PERMISSION_DENIED, exchange.method.path.removeprefix("/"))


def parse(exchange: Exchange) -> None:
    try:
        exchange.request = exchange.method.request.FromString(exchange.payload)
    except DecodeError:
        raise _malformed(exchange) from None
    # A second tenant_id would count: the call was let in for one tenant, and would be another's.
    if exchange.tenant and exchange.tenant != exchange.request.tenant_id.encode():
        raise _malformed(exchange) if tenant_of(exchange.payload) else _not_its_tenant()


def _malformed(exchange: Exchange) -> Rejected:
    return reject(ErrorReason.MESSAGE_MALFORMED, exchange.method.request.DESCRIPTOR.full_name)


def validate(exchange: Exchange) -> None:
    validate_request(exchange.request, exchange.payload)


def call_of(exchange: Exchange) -> Call[Message]:
    """What the servicer gets, once all steps are passed."""
    if exchange.caller is None:
        raise AssertionError("a call reached its servicer without passing the steps")
    return Call(exchange.method, exchange.request, exchange.caller, exchange.deadline)
