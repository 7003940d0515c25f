"""What somebody may do on a socket who means no good: each attack is one visit, and leaves when it likes."""

import random
from collections.abc import Callable
from contextlib import ExitStack, suppress

from tests.fuzz.floor import TENANT
from tests.fuzz.http2 import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PREFACE,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    call,
    connection,
    frame,
    frames,
    greeted,
    headers,
    literal,
    message,
)
from tests.fuzz.messages import of_length

ROUTE = "/cartera.routing.v1.RoutingService/RouteInteraction"
WATCH = "/cartera.routing.v1.EventService/WatchEvents"
WATCH_REQUEST = of_length(1, TENANT.encode())

Attack = Callable[[str, random.Random], None]


def garbage(address: str, chance: random.Random) -> None:
    """Bytes of no protocol."""
    _visit(address, chance.randbytes(chance.randrange(1, 5000)))


def other_protocols(address: str, _chance: random.Random) -> None:
    """HTTP/1.1, the first bytes of TLS, a proxy's greeting."""
    for begin in (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PROXY TCP4 x",
    ):
        _visit(address, begin)


def half_a_preface(address: str, chance: random.Random) -> None:
    """A connection that ends before it has said what it is."""
    _visit(address, PREFACE[: chance.randrange(len(PREFACE))])


def broken_frames(address: str, chance: random.Random) -> None:
    """Frames cut off, too long, of no kind, on streams where they can't be."""
    for broken in BROKEN:
        _visit(address, PREFACE, frame(SETTINGS, 0, 0), broken)
    for _ in range(5):
        kind, flags, stream = chance.randrange(16), chance.randrange(256), chance.randrange(2**32)
        payload = chance.randbytes(chance.randrange(64))
        _visit(address, PREFACE, frame(SETTINGS, 0, 0), frame(kind, flags, stream, payload))


BROKEN = (
    frame(HEADERS, END_HEADERS, 1, headers(ROUTE)[:20]),
    frame(HEADERS, END_HEADERS, 1, headers(ROUTE), length=2**14 + 5),
    frame(HEADERS, END_HEADERS, 0, headers(ROUTE)),
    frame(HEADERS, END_HEADERS, 2, headers(ROUTE)),
    frame(HEADERS, END_HEADERS | 8, 1, b"\xff" + headers(ROUTE)),
    frame(HEADERS, END_HEADERS, 1, b"\xff" * 40),
    frame(HEADERS, END_HEADERS, 1, b"\x3f\xff\xff\xff\xff\xff\xff\xff\x7f"),
    frame(DATA, 0, 1, b"x" * 100),
    frame(DATA, 8, 1, b"\xff"),
    frame(PRIORITY, 0, 1, b"\0\0\0\1\0"),
    frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + headers(ROUTE)),
    frame(SETTINGS, 0, 0, b"\0\4\xff\xff\xff\xff"),
    frame(SETTINGS, 0, 0, b"\0\4\xff"),
    frame(SETTINGS, 0, 7, b""),
    frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0"),
    frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 3,
    frame(CONTINUATION, END_HEADERS, 1, headers(ROUTE)),
    frame(GOAWAY, 0, 0, b"\0" * 8),
    frame(PING, 0, 0, b"short"),
    frame(0xFF, 0xFF, 0x7FFFFFFF, b"?" * 50),
)


def odd_calls(address: str, _chance: random.Random) -> None:
    """Calls whose headers are no call's, and messages whose lengths lie."""
    for odd in ODD:
        _visit(address, PREFACE, frame(SETTINGS, 0, 0), odd)


ODD = (
    frame(HEADERS, END_HEADERS | END_STREAM, 1, headers(ROUTE)),
    frame(HEADERS, END_HEADERS | END_STREAM, 1, literal(b":method", b"GET")),
    frame(HEADERS, END_HEADERS | END_STREAM, 1, b""),
    call(ROUTE, 1, (b"grpc-timeout", b"99999999999H")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"grpc-timeout", b"-1n")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"grpc-timeout", b"0n")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"grpc-encoding", b"what")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST, compressed=1)),
    call(ROUTE, 1, (b"grpc-encoding", b"gzip")) + frame(DATA, END_STREAM, 1, message(b"no gzip", compressed=1)),
    call(ROUTE, 1, (b"cartera-subject-bin", b"!!!")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"accept-language", b"\xff\xfe")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"Upper-Case", b"x")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1, (b"content-type", b"text/html")) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call(ROUTE, 1) + frame(DATA, END_STREAM, 1, message(b"", length=2**32 - 1)),
    call(ROUTE, 1) + frame(DATA, END_STREAM, 1, message(b"xyz", length=2**20)),
    call(ROUTE, 1) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST) * 3),
    call(ROUTE, 1) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST, compressed=255)),
    call("", 1) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
    call("/" * 4000, 1) + frame(DATA, END_STREAM, 1, message(WATCH_REQUEST)),
)


def oversized_headers(address: str, _chance: random.Random) -> None:
    """One header of 60 KB, ten thousand of them, and a block of them that never ends."""
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), *_in_frames(headers(ROUTE, (b"x", b"y" * 60_000))))
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), *_in_frames(headers(ROUTE, *[(b"x", b"y")] * 10_000)))
    endless = [frame(CONTINUATION, 0, 1, literal(b"x", b"y" * 1000))] * 300
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), frame(HEADERS, 0, 1, headers(ROUTE)), *endless)


def _in_frames(block: bytes) -> list[bytes]:
    parts = [block[at : at + 16_000] for at in range(0, len(block), 16_000)]
    last = len(parts) - 1
    return [
        frame(CONTINUATION if at else HEADERS, END_HEADERS if at == last else 0, 1, part)
        for at, part in enumerate(parts)
    ]


def reset_streams(address: str, _chance: random.Random) -> None:
    """A thousand streams, opened and given up at once, and then the connection."""
    opened = [
        call(WATCH, stream)
        + frame(DATA, END_STREAM, stream, message(WATCH_REQUEST))
        + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")
        for stream in range(1, 2001, 2)
    ]
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), *opened)


def abandoned_streams(address: str, _chance: random.Random) -> None:
    """Streams that are begun, and whose reader then isn't there any more."""
    opened = [
        call(WATCH, stream) + frame(DATA, END_STREAM, stream, message(WATCH_REQUEST)) for stream in range(1, 201, 2)
    ]
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), *opened)


def floods_of_control(address: str, _chance: random.Random) -> None:
    """Pings and settings by the thousand, which each ask for an answer."""
    _visit(address, PREFACE, frame(SETTINGS, 0, 0), frame(PING, 0, 0, b"12345678") * 2000)
    _visit(address, PREFACE, frame(SETTINGS, 0, 0) * 2000)


def slow_connections(address: str, chance: random.Random) -> None:
    """Connections that stop halfway, all there at the same time: in the preface, in a header, in a body."""
    with ExitStack() as stack:
        for begun in SLOW:
            stack.enter_context(connection(address, begun[: chance.randrange(len(begun)) + 1]))
            stack.enter_context(connection(address, begun))


SLOW = (
    PREFACE[:10],
    PREFACE + frame(SETTINGS, 0, 0)[:5],
    PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 0, 1, headers(ROUTE)),
    PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, headers(ROUTE))[:30],
    PREFACE + frame(SETTINGS, 0, 0) + call(ROUTE, 1),
    PREFACE + frame(SETTINGS, 0, 0) + call(ROUTE, 1) + frame(DATA, 0, 1, message(b"x", length=1000)),
)


def _visit(address: str, *sent: bytes) -> None:
    """Say something, hear what comes at once, and leave."""
    with suppress(ConnectionError, TimeoutError), connection(address) as connected:
        connected.settimeout(HEARD)
        connected.sendall(b"".join(sent))
        received = b""
        while part := connected.recv(65_536):
            received += part
            if any(kind == HEADERS and flags & END_STREAM for kind, flags, _, _ in frames(received)):
                return


HEARD = 0.1
"""Seconds for an answer. To some of it there is none."""

ATTACKS: tuple[Attack, ...] = (
    garbage,
    other_protocols,
    half_a_preface,
    broken_frames,
    odd_calls,
    oversized_headers,
    reset_streams,
    abandoned_streams,
    floods_of_control,
    slow_connections,
)
"""Each named for what it does."""

__all__ = ["ATTACKS", "greeted"]
