"""The connection to Kamailio: netstrings of JSON, in both directions."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

RECONNECT_SECONDS = 0.2
LONGEST_MESSAGE = 64 * 1024

logger = logging.getLogger(__name__)


class Kamailio:
    """Connects whenever it has to. What is said while there is no connection is lost, as it is when the other side
    dies; who listens asks for all calls at the beginning of each connection.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    def say(self, **message: Any) -> None:
        if self._writer is not None:
            text = json.dumps(message).encode()
            self._writer.write(b"%d:%s," % (len(text), text))

    async def connections(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """One after the other, each with what is heard until it breaks."""
        while True:
            try:
                reader, self._writer = await asyncio.open_connection(self._host, self._port)
            except OSError as error:
                logger.warning("Kamailio at %s:%d can't be reached: %s", self._host, self._port, error)
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            try:
                yield _messages(reader)
            finally:
                self._writer.close()
                self._writer = None


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    try:
        while True:
            yield await _message(reader)
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        # Kamailio doesn't wait for a reader who is slow: a message may come in part, and then nothing else is sure.
        logger.warning("the connection to Kamailio is lost: %s", error)


async def _message(reader: asyncio.StreamReader) -> dict[str, Any]:
    length = int((await reader.readuntil(b":"))[:-1])
    if length > LONGEST_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    text = await reader.readexactly(length + 1)
    message: dict[str, Any] = json.loads(text[:-1])
    return message
