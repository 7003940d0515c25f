"""HTTP/2 by hand (RFC 9113), so that it can be wrong in every way."""

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 1, 4, 1
MAX_CONCURRENT_STREAMS = 3
PATIENCE = 20.0
"""Seconds until a test gives up on the service."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"", length: int | None = None) -> bytes:
    """A frame; its length may lie."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name: bytes, value: bytes) -> bytes:
    """A header that enters no table, neither name nor value compressed."""
    return b"\0" + _sized(name) + _sized(value)


def _sized(text: bytes) -> bytes:
    if len(text) < 127:
        return bytes([len(text)]) + text
    rest, encoded = len(text) - 127, bytearray(b"\x7f")
    while rest > 127:
        encoded.append(rest & 127 | 128)
        rest >>= 7
    return bytes(encoded) + bytes([rest]) + text


def headers(path: str, *more: tuple[bytes, bytes]) -> bytes:
    """The header block of a call."""
    usual = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.encode()),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ]
    return b"".join(literal(name, value) for name, value in (*usual, *more))


def call(path: str, stream: int, *more: tuple[bytes, bytes]) -> bytes:
    """The frame that begins a call."""
    return frame(HEADERS, END_HEADERS, stream, headers(path, *more))


def message(payload: bytes, length: int | None = None, compressed: int = 0) -> bytes:
    """A message as gRPC frames it; its length may lie."""
    return bytes([compressed]) + struct.pack(">I", len(payload) if length is None else length) + payload


@contextmanager
def connection(address: str, *begins: bytes) -> Iterator[socket.socket]:
    """A connection on which something has been sent."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.sendall(b"".join(begins))
        yield connected


def greeted(address: str, *begins: bytes) -> "contextmanager[socket.socket]":
    """A connection that began as it should."""
    return connection(address, PREFACE, frame(SETTINGS, 0, 0), *begins)


def until_closed(connected: socket.socket) -> bytes:
    """What the service sends until it closes the connection."""
    received = bytearray()
    try:
        while part := connected.recv(65_536):
            received += part
    except ConnectionError:
        pass
    return bytes(received)


def until_heard(connected: socket.socket) -> None:
    """Until the service has heard all that was sent, or closed the connection."""
    received = b""
    with suppress(ConnectionError):
        connected.sendall(frame(PING, 0, 0, b"heard so"))
        while part := connected.recv(65_536):
            received += part
            if any(kind == PING and flags & ACK for kind, flags, *_ in frames(received)):
                return


def frames(received: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Kind, flags, stream and payload of each whole frame."""
    while len(received) >= 9:
        size = int.from_bytes(received[:3])
        if len(received) < 9 + size:
            return
        yield received[3], received[4], int.from_bytes(received[5:9]), received[9 : 9 + size]
        received = received[9 + size :]


def settings_of(payload: bytes) -> dict[int, int]:
    return {
        int.from_bytes(payload[at : at + 2]): int.from_bytes(payload[at + 2 : at + 6])
        for at in range(0, len(payload), 6)
    }


def first_settings(connected: socket.socket) -> dict[int, int]:
    """What the service says first of all: its limits."""
    received = b""
    while True:
        received += connected.recv(65_536)
        for kind, flags, _, payload in frames(received):
            if kind == SETTINGS and not flags & ACK:
                return settings_of(payload)


def joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)
