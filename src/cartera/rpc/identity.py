"""Who calls.

There is no authentication yet: a caller says who it is in the metadata and is believed, which is safe only because the
service then listens on loopback, or was told to do so in so many words. Tokens will replace `claimed_identity`, and
nothing else has to know.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from cartera.core.records import Actor
from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason, Role

Metadata = Iterable[tuple[str, str | bytes]]
Claims = tuple[tuple[str, str | bytes], ...]
Identify = Callable[[Metadata], Actor]

ROLE_KEY = "cartera-role"
SUBJECT_KEY = "cartera-subject"
SUBJECT_BYTES_KEY = "cartera-subject-bin"
"""For an id that is not plain ASCII, which is all that other keys can carry."""

_ROLES = {role.name.lower(): role for role in Role if role not in (Role.UNSPECIFIED, Role.SYSTEM)}
_ADMINISTRATOR = Actor(Role.ADMINISTRATOR)
_NEED_SUBJECT = (Role.AGENT, Role.SUPERVISOR)
_LONGEST_SUBJECT = 128


def claimed_identity(metadata: Metadata) -> Actor:
    """Who the caller says it is. Who says nothing is an administrator."""
    claims = tuple([(key, value) for key, value in metadata if key.startswith("cartera-")])
    return _identity(claims) if claims else _ADMINISTRATOR


@lru_cache(maxsize=4096)  # the same few callers call again and again
def _identity(claims: Claims) -> Actor:
    role = _role(_only(claims, ROLE_KEY))
    subject = _only(claims, SUBJECT_KEY) or _only(claims, SUBJECT_BYTES_KEY)
    if role in _NEED_SUBJECT and not subject:
        raise reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=f"{SUBJECT_KEY} is missing")
    if len(subject) > _LONGEST_SUBJECT or "\0" in subject:
        raise reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=f"{SUBJECT_KEY} is no id")
    return Actor(role, subject)


def _role(name: str) -> Role:
    if not name:
        return Role.ADMINISTRATOR
    role = _ROLES.get(name)
    if role is None:
        raise reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=f"{ROLE_KEY} is none of {', '.join(_ROLES)}")
    return role


def _only(claims: Claims, key: str) -> str:
    """The one value of a key: two would leave it open which is meant."""
    values = [value for name, value in claims if name == key]
    if len(values) > 1:
        raise reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=f"{key} is given twice")
    return _text(values[0], key) if values else ""


def _text(value: str | bytes, key: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=f"{key} is not UTF-8") from None
