"""Page tokens: opaque, and good only for the list that gave them.

A token holds the key that its page ended at and a checksum over it and all that makes the list what it is: the method,
the tenant and the filters. It needs no secret: who forges one names a place in a list that it may see anyway. So the
key is read as what a stranger may have written.
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from cartera.core.records import Key
from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.call import Call

_CHECKSUM_BYTES = 9
_MAY_DIFFER = ("page_size", "page_token", "min_revision")
"""What may change from one page to the next."""


def page_token(call: Call[Any], last: Key) -> str:
    """The token of the page after that key."""
    key = json.dumps(last, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(call, key) + key).decode().rstrip("=")


def key_after(call: Call[Any], parts: int = 1) -> Key | None:
    """The key, of so many parts, that the page before ended at; None for the first page."""
    token: str = call.request.page_token
    if not token:
        return None
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    checksum, key = content[:_CHECKSUM_BYTES], content[_CHECKSUM_BYTES:]
    if checksum != _checksum(call, key):
        raise _invalid()
    return _read(key, parts)


def _read(written: bytes, parts: int) -> Key:
    try:
        key = json.loads(written)
    except (ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(key, list) or len(key) != parts or not all(map(_is_text, key)):
        raise _invalid()
    return tuple(key)


def _is_text(value: Any) -> bool:
    """Whether a database can hold it: no number, no NUL, and no half of a pair of surrogates, which JSON can write."""
    return isinstance(value, str) and "\0" not in value and value.encode(errors="ignore").decode() == value


def _checksum(call: Call[Any], key: bytes) -> bytes:
    filters = type(call.request)()
    filters.CopyFrom(call.request)
    for name in _MAY_DIFFER:
        filters.ClearField(name)
    bound = b"\0".join((call.method.path.encode(), filters.SerializeToString(deterministic=True), key))
    return hashlib.blake2b(bound, digest_size=_CHECKSUM_BYTES).digest()


def _invalid() -> Rejected:
    return reject(ErrorReason.PAGE_TOKEN_INVALID, "page_token")
