"""Requests with hostile values, made from the descriptors, as bytes: no library would write most of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

from tests.fuzz.floor import IDENTIFIERS, TENANT

VARINT, FIXED64, LENGTH, START_GROUP, END_GROUP, FIXED32 = range(6)

TEXTS = (
    b"",
    b"x",
    b"\0",
    b"a\0b",
    b"\xff\xfe",  # no UTF-8
    b"\xed\xa0\x80",  # half of a pair of surrogates
    b"\xc0\x80",  # NUL, written too long
    b"\xf4\x90\x80\x80",  # beyond the last code point
    b"\x1b[2J\x07\r\n",
    "\u202eevil\u202c\u2066".encode(),
    "e\u0301\u0301\u0301".encode() * 20,
    "👩‍👩‍👧‍👦".encode() * 8,
    "\ufeff\u200b\u00ad".encode(),
    "𐍈".encode() * 128,
    b"x" * 5000,
    "ñ".encode() * 4001,
    b"'; DROP TABLE agents; --",
    b"{0} {subject} %s %n ${HOME} ../../etc/passwd",
    b"9999-12-31T23:59:59Z",
    b"0000-00-00",
    b"24:00",
    b"America/Bogota",
)
"""Texts that somebody has choked on before."""

INTEGERS = (0, 1, 2, 3, 7, -1, 100, 1000, 2**31 - 1, -(2**31), 2**32, 2**63 - 1, -(2**63), 2**62)
SECONDS = (0, 1, 60, -1, 31_536_000, 253_402_300_799, 253_402_300_800, -62_135_596_800, 2**63 - 1, -(2**63))
"""A moment, year 0 and year 9999 among them."""

NANOS = (0, 1, -1, 999_999_999, 10**9, 2**31 - 1, -(2**31))
DOUBLES = (b"\0" * 8, b"\0\0\0\0\0\0\xf8\x7f", b"\0\0\0\0\0\0\xf0\x7f", b"\0\0\0\0\0\0\xf0\xff", b"\xff" * 8)
DEEPEST = 5


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def of_length(number: int, content: bytes) -> bytes:
    return tag(number, LENGTH) + varint(len(content)) + content


@st.composite
def hostile(draw: Any, descriptor: Descriptor) -> bytes:
    """A request that names the tenant, with a few of its fields, or many, as they should not be."""
    rates = draw(st.sampled_from(RATES))
    payload = of_length(1, TENANT.encode()) + b"".join(fields(draw, descriptor, rates))
    damage = draw(st.sampled_from((*[whole] * 12, *DAMAGES)))
    return damage(payload)


class Rates(NamedTuple):
    """Of a hundred fields, how many are left out, given twice, and hostile."""

    out: int
    twice: int
    hostile: int
    depth: int = 0


RATES = (Rates(5, 0, 0), Rates(20, 0, 4), Rates(20, 3, 10), Rates(60, 0, 10), Rates(40, 10, 50))


def fields(draw: Any, descriptor: Descriptor, rates: Rates) -> Iterator[bytes]:
    for field in descriptor.fields:
        if field.name in ("tenant_id", "page_token", "etag", "min_revision") and rates.hostile < 50:
            continue
        fate = draw(st.integers(0, 99))
        if rates.depth > DEEPEST or fate < rates.out:
            continue
        times = 2 if fate >= 100 - rates.twice else 1
        for _ in range(times):
            yield one(draw, field, rates)


def one(draw: Any, field: FieldDescriptor, rates: Rates) -> bytes:
    plain = draw(st.integers(0, 99)) >= rates.hostile
    if field.message_type is not None:
        return of_length(field.number, within(draw, field.message_type, rates, plain=plain))
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return of_length(field.number, draw(st.sampled_from(usual(field.name) if plain else TEXTS)))
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return tag(field.number, FIXED64) + draw(st.sampled_from(DOUBLES))
    return tag(field.number, VARINT) + varint(draw(st.sampled_from(numbers(field) if plain else INTEGERS)))


def within(draw: Any, descriptor: Descriptor, rates: Rates, *, plain: bool) -> bytes:
    if descriptor.full_name in ("google.protobuf.Duration", "google.protobuf.Timestamp"):
        seconds = 60 if plain else draw(st.sampled_from(SECONDS))
        nanos = 0 if plain else draw(st.sampled_from(NANOS))
        return tag(1, VARINT) + varint(seconds) + tag(2, VARINT) + varint(nanos)
    return b"".join(fields(draw, descriptor, rates._replace(depth=rates.depth + 1)))


USUAL = {
    "opens": "09:00",
    "closes": "18:00",
    "date": "2026-12-25",
    "time_zone": "America/Bogota",
    "address": "web",
    "disposition": "Venta",
    "sub_disposition": "Nueva",
    "paths": "name",
    "supervisor_ids": "sofia",
    "member_ids": "ana",
}


@cache
def usual(name: str) -> tuple[bytes, ...]:
    """What may stand in a text of that name."""
    kind = next((kind for kind in IDENTIFIERS if kind in name), "")
    texts = IDENTIFIERS[kind] if kind and "id" in name else (USUAL.get(name, "x"),)
    return tuple(map(str.encode, texts))


@cache
def numbers(field: FieldDescriptor) -> tuple[int, ...]:
    """What may stand in a number."""
    if field.name == "fallback_method":
        return 1, 2
    if field.enum_type is not None:
        return tuple(number for number in field.enum_type.values_by_number if number)
    return (0, 1) if field.type == FieldDescriptor.TYPE_BOOL else (1, 2)


def whole(payload: bytes) -> bytes:
    return payload


def cut(payload: bytes) -> bytes:
    return payload[: -(len(payload) // 3) or 1]


def with_another_tenant(payload: bytes) -> bytes:
    return payload + of_length(1, b"other")


def with_unknown_fields(payload: bytes) -> bytes:
    unknown = (of_length(1000, b"?"), tag(1001, VARINT) + varint(-1), tag(1002, FIXED32) + b"abcd")
    return payload + b"".join(unknown) * 3


def with_a_group(payload: bytes) -> bytes:
    return payload + tag(1003, START_GROUP) * 90 + tag(1003, END_GROUP) * 90


def with_groups_too_deep(payload: bytes) -> bytes:
    return payload + tag(1003, START_GROUP) * 20_000


def with_messages_too_deep(payload: bytes) -> bytes:
    nested = b""
    for _ in range(120):
        nested = of_length(3, nested)
    return payload + nested


def with_other_wire_types(payload: bytes) -> bytes:
    return payload + b"".join(tag(number, FIXED32) + b"\xff" * 4 for number in range(2, 9))


def with_a_length_that_lies(payload: bytes) -> bytes:
    return payload + tag(3, LENGTH) + varint(2**31)


DAMAGES = (
    cut,
    with_another_tenant,
    with_unknown_fields,
    with_a_group,
    with_groups_too_deep,
    with_messages_too_deep,
    with_other_wire_types,
    with_a_length_that_lies,
)
