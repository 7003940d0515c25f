"""The bytes of which protobuf messages are made: tags, numbers and times, as its encoding has them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, lru_cache
from struct import Struct
from typing import Any

from cartera.contract.times import duration_parts, timestamp_parts

NUMBER, DOUBLE, BYTES = 0, 1, 2
"""The wire types that the contract uses: a number, eight bytes, and a length before so many bytes."""

_SIXTY_FOUR_BITS = (1 << 64) - 1

_SMALL = 1024
_TIMES_KEPT = 4096
_FIELDS_KEPT = 1024


# A revision, or a moment's seconds, stand in several places of what a call writes.
@lru_cache(_FIELDS_KEPT)
def varint(number: int) -> bytes:
    """A number, seven bits to a byte, the lowest first; one below zero is the number of 64 bits that looks alike."""
    number &= _SIXTY_FOUR_BITS
    written = bytearray()
    while number > 127:  # noqa: PLR2004
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)


class Tagged(dict[int, bytes]):
    """A field's tag with a number behind it, by the number: the whole of a field, or what comes before its bytes.

    Small numbers are remembered: enumerations and most lengths are among them.
    """

    def __init__(self, tag: bytes) -> None:
        self._tag = tag

    def __missing__(self, number: int) -> bytes:
        written = self._tag + varint(number)
        if 0 <= number < _SMALL:
            self[number] = written
        return written


NUMBERS = Tagged(b"")
"""Numbers without a tag."""


class Remembered(dict[Any, bytes]):
    """Whole fields, by values that come again and again; all of it is forgotten when it is full."""

    def __init__(self, write: Callable[[Any], bytes]) -> None:
        self._write = write

    def __missing__(self, value: Any) -> bytes:
        if len(self) >= _FIELDS_KEPT:
            self.clear()
        written = self[value] = self._write(value)
        return written


def tagged(field: Any) -> Tagged:
    """What begins a field, by the length of what follows, or by the number that it holds."""
    return _tagged(varint(field.number << 3 | _wire_type(field)))


def double_tag(field: Any) -> bytes:
    """What begins a field of type double."""
    return varint(field.number << 3 | DOUBLE)


def _wire_type(field: Any) -> int:
    has_length = field.is_repeated or field.type in (field.TYPE_STRING, field.TYPE_MESSAGE)
    return BYTES if has_length else NUMBER


# Most messages have the same low numbers of fields.
_tagged: Callable[[bytes], Tagged] = cache(Tagged)

double_bytes: Callable[[float], bytes] = Struct("<d").pack


# All that a batch brings about happens at one moment, which stands in it some hundred times.
@lru_cache(_TIMES_KEPT)
def moment_bytes(moment: datetime) -> bytes:
    """A Timestamp."""
    return _seconds_and_nanos(*timestamp_parts(moment))


def span_bytes(span: timedelta) -> bytes:
    """A Duration."""
    return _seconds_and_nanos(*duration_parts(span))


def _seconds_and_nanos(seconds: int, nanos: int) -> bytes:
    return (b"\x08" + NUMBERS[seconds] if seconds else b"") + (b"\x10" + NUMBERS[nanos] if nanos else b"")
