"""Files that are read anew when they change: keys, certificates, lists of callers."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")
Contents = tuple[bytes, ...]


class FileError(ValueError):
    """A file is not there, or not what it should be. Its text is one line, for people, and quotes nothing of it."""


class WatchedFiles(Generic[T]):
    """What one file says, or several that belong together.

    A change that is no good is told once in the log, and what was read before stays in force: files that are replaced
    one after the other don't fit each other for a moment.
    """

    def __init__(self, paths: tuple[Path, ...], read: Callable[[Contents], T]) -> None:
        """Read them for the first time.

        Raises:
            FileError: they can't be used.

        """
        self._paths = paths
        self._read = read
        self._contents = self._read_bytes()
        self._problem = ""
        self.value = self._understood(self._contents)

    def look(self) -> bool:
        """Read them again where they have changed. Whether the value is another."""
        try:
            changed = self._changed()
        except FileError as error:
            self._tell(str(error))
            return False
        if changed:
            self._problem = ""
            log.info("read anew", files=self._names())
        return changed

    def _changed(self) -> bool:
        contents = self._read_bytes()
        # The contents, not the time of their change, which is too coarse to tell two changes apart.
        if contents == self._contents:
            return False
        self._contents = contents
        self.value = self._understood(contents)
        return True

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            log.error("a changed file is not used; what was read before stays in force", problem=problem)
        self._problem = problem

    def _read_bytes(self) -> Contents:
        try:
            return tuple(path.read_bytes() for path in self._paths)
        except OSError as error:
            raise FileError(f"{error.filename} cannot be read: {error.strerror}") from None

    def _understood(self, contents: Contents) -> T:
        try:
            return self._read(contents)
        except ValueError as error:
            raise FileError(f"{self._names()}: {error}") from None

    def _names(self) -> str:
        return ", ".join(map(str, self._paths))
