"""How many races a replica has lost: counted by itself, read from outside."""

import mmap
import struct
import tempfile
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Self

from cartera.store.postgres import PostgresStore

_NUMBER = struct.Struct("=q")


class Races:
    """A number in a file that two processes share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _NUMBER.size)

    @classmethod
    @contextmanager
    def counted(cls) -> Iterator[Self]:
        """A new number, zero at first."""
        with tempfile.TemporaryDirectory(prefix="cartera-races-") as directory:
            path = Path(directory) / "lost"
            path.write_bytes(_NUMBER.pack(0))
            yield cls(path)

    def lost(self) -> int:
        """How many there are."""
        return int(_NUMBER.unpack_from(self._shared)[0])

    def add(self, number: int) -> None:
        """So many more."""
        _NUMBER.pack_into(self._shared, 0, self.lost() + number)


def count_races(races: Races) -> None:
    """Have this process count the tenants' shares of batches that lose, and have to be decided again."""
    append = PostgresStore.append

    @wraps(append)
    def counted(store: PostgresStore, writes: Sized, checks: Sized, *arguments: Any, **options: Any) -> set[str]:
        won: set[str] = append(store, writes, checks, *arguments, **options)  # type: ignore[arg-type]
        races.add(len(writes) + len(checks) - len(won))
        return won

    PostgresStore.append = counted  # type: ignore[method-assign,assignment]
