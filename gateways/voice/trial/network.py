"""A network that delivers every packet twice, as networks sometimes do."""

import socket
import threading
from typing import Self


class DoublingNetwork:
    """Passes what it gets on to an address, two times."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._target = target
        self.port: int = self._socket.getsockname()[1]

    def _pass_on(self) -> None:
        while packet := self._socket.recv(65536):
            for _ in range(2):
                self._socket.sendto(packet, self._target)

    def __enter__(self) -> Self:
        threading.Thread(target=self._pass_on, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """An empty packet ends it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
