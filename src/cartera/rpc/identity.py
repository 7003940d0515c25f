"""Who calls, and who is believed without a proof.

Without authentication a caller says who it is in the metadata, which is safe only because the service then listens on
loopback, or was told to do so in so many words. With it, `security` asks for a token or a certificate instead, and what
stands here in the metadata says nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.rpc.claims import ROLES, unknown

Metadata = Iterable[tuple[str, str | bytes]]
Claims = tuple[tuple[str, str | bytes], ...]
Peer = Callable[[], Mapping[str, Iterable[bytes]]]
"""Asks what the connection says of who is at its other end. Asking costs some microseconds."""


class Identity(NamedTuple):
    """Who calls, and until when what proves it holds."""

    caller: Caller
    valid_until: float = math.inf
    """In seconds since 1970."""


Identify = Callable[[Metadata, Peer], Identity]

ROLE_KEY = "cartera-role"
SUBJECT_KEY = "cartera-subject"
SUBJECT_BYTES_KEY = "cartera-subject-bin"
"""For an id that is not plain ASCII, which is all that other keys can carry."""

_ADMINISTRATOR = Identity(Caller(Actor(Role.ADMINISTRATOR)))
_NEED_SUBJECT = (Role.AGENT, Role.SUPERVISOR)
_LONGEST_SUBJECT = 128


def nobody() -> Mapping[str, Iterable[bytes]]:
    """What a connection says that proves nothing."""
    return {}


def claimed_identity(metadata: Metadata, _peer: Peer = nobody) -> Identity:
    """Who the caller says it is. Who says nothing is an administrator."""
    claims = tuple([(key, value) for key, value in metadata if key.startswith("cartera-")])
    return _identity(claims) if claims else _ADMINISTRATOR


@lru_cache(maxsize=4096)  # the same few callers call again and again
def _identity(claims: Claims) -> Identity:
    role = _role(_only(claims, ROLE_KEY))
    subject = _only(claims, SUBJECT_KEY) or _only(claims, SUBJECT_BYTES_KEY)
    if role in _NEED_SUBJECT and not subject:
        raise unknown(f"{SUBJECT_KEY} is missing")
    if len(subject) > _LONGEST_SUBJECT or "\0" in subject:
        raise unknown(f"{SUBJECT_KEY} is no id")
    return Identity(Caller(Actor(role, subject)))


def _role(name: str) -> Role:
    if not name:
        return Role.ADMINISTRATOR
    role = ROLES.get(name)
    if role is None:
        raise unknown(f"{ROLE_KEY} is none of {', '.join(ROLES)}")
    return role


def _only(claims: Claims, key: str) -> str:
    """The one value of a key: two would leave it open which is meant."""
    values = [value for name, value in claims if name == key]
    if len(values) > 1:
        raise unknown(f"{key} is given twice")
    return _text(values[0], key) if values else ""


def _text(value: str | bytes, key: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise unknown(f"{key} is not UTF-8") from None
