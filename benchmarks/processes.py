"""Processes that make load, each at the other end of a pipe."""

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

ENDS_WITHIN = 5
"""Seconds."""


class Processes:
    """Started once for a whole run, since that takes seconds."""

    def __init__(self, generate: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> None:
        """One process for each of the arguments: `generate` gets its end of the pipe, and those. None ends it."""
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for each in arguments:
            ours, theirs = context.Pipe()
            process = context.Process(target=generate, args=(theirs, *each), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(ENDS_WITHIN)
            process.kill()
