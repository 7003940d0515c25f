"""Asks Kamailio for its calls, as the sidecar does."""

import json
import socket
from collections import Counter
from typing import Any, Protocol


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def calls(port: int) -> list[dict[str, Any]]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rwb") as stream:
        order = json.dumps({"do": "list", "list": "trial"}).encode()
        stream.write(b"%d:%s," % (len(order), order))
        stream.flush()
        found: dict[str, dict[str, Any]] = {}
        while (message := _read(stream)).get("listed") != "trial":
            if "key" in message:
                found[message["key"]] = message
        return list(found.values())


def phases(port: int) -> Counter[str]:
    return Counter(call["phase"] for call in calls(port))


def _read(stream: Readable) -> dict[str, Any]:
    length = b""
    while (digit := stream.read(1)) != b":":
        length += digit
    message: dict[str, Any] = json.loads(stream.read(int(length) + 1)[:-1])
    return message
