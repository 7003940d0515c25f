"""Ports for what stops and starts again."""

import socket
from types import TracebackType
from typing import Self


class HeldPort:
    """A port of the loopback that stays its owner's also while nobody listens there: the system gives it to nobody else
    who asks for any port, and to no outgoing connection. Whoever is told its number listens there as at any other, and
    nothing answers there until then.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        # With this Linux lets one more bind it by number, as long as this socket itself doesn't listen.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def release(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
