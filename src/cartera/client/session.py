"""What all calls of a client have in common."""

import uuid
from typing import Any, TypedDict, TypeVar

from google.protobuf.message import Message

from cartera.client.channel import published_deadlines
from cartera.client.credentials import Token, renews, text_of
from cartera.client.retry import Attempts, RetryPolicy

RequestT = TypeVar("RequestT", bound=Message)

Metadata = tuple[tuple[str, str | bytes], ...]

LONGEST = 120.0
"""The deadline of a call for which none is published."""


class SessionOptions(TypedDict, total=False):
    """The options of a client."""

    tenant_id: str
    """The tenant, filled in where a request leaves it out."""
    role: str
    """administrator, supervisor, agent or gateway: the caller, where the service trusts its network."""
    subject: str
    """The caller's own id. An agent's is its agent_id."""
    language: str
    """In which people read errors, as of "accept-language": "es", "es-MX, en;q=0.5". Where nothing is said, English."""
    token: Token
    """What proves tenant, role and subject where the service believes nobody. It is sent with each call; over a
    connection without TLS, whoever listens there has it too.
    """
    deadline: float
    """The seconds that a call may take, all its attempts together. Where nothing is said, as published."""
    wait_for_ready: bool
    """Whether calls wait for a service that is not there yet. Where nothing is said, as published: they do."""
    retry: RetryPolicy
    """When a call is tried again."""


class Session:
    """Completes requests, and says who calls."""

    def __init__(
        self,
        *,
        tenant_id: str = "",
        role: str = "",
        subject: str = "",
        language: str = "",
        token: Token = "",
        deadline: float | None = None,
        wait_for_ready: bool | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self._said = identity(role, subject) + reading(language)
        self._token = token
        self.options: dict[str, Any] = {} if wait_for_ready is None else {"wait_for_ready": wait_for_ready}
        self._deadline = deadline
        self.retry = retry or RetryPolicy()

    @property
    def metadata(self) -> Metadata:
        """What says who calls, with the token as it is now: to be asked for each attempt."""
        token = text_of(self._token)
        return (*self._said, ("authorization", f"Bearer {token}")) if token else self._said

    @property
    def renews(self) -> bool:
        """Whether a token that has expired may be another at the next attempt."""
        return renews(self._token)

    def completed(self, request: RequestT) -> RequestT:
        """Adds what the caller may leave out: the tenant, and a request_id for all attempts of this call."""
        defaults = {"tenant_id": self.tenant_id, "request_id": str(uuid.uuid4())}
        for name, value in defaults.items():
            if name in request.DESCRIPTOR.fields_by_name and not getattr(request, name):
                setattr(request, name, value)
        return request

    def attempts(self, method: str, request: Message) -> Attempts:
        seconds = published_deadlines().get(method, LONGEST) if self._deadline is None else self._deadline
        return Attempts(self.retry, seconds, getattr(request, "request_id", ""), renews=self.renews)


def identity(role: str, subject: str) -> Metadata:
    """The metadata that says who calls, where callers are believed. An id that is not ASCII goes as bytes."""
    named: list[tuple[str, str | bytes]] = [("cartera-role", role)]
    if subject.isascii():
        named.append(("cartera-subject", subject))
    else:
        named.append(("cartera-subject-bin", subject.encode()))
    return tuple((key, value) for key, value in named if value)


def reading(language: str) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata that says in which language errors are read."""
    return (("accept-language", language),) if language else ()
