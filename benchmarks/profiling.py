"""Where the time goes: the event loop and the thread that asks the database, each under a profiler of its own."""

import cProfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

THREADS = ("database_0", "notifier")
LOOP = "event-loop"


@contextmanager
def profiled(directory: Path) -> Iterator[None]:
    """Profile this thread, and those of THREADS that it starts; write what was found into the directory."""
    run = threading.Thread.run
    threading.Thread.run = _profiled_run(directory, run)  # type: ignore[method-assign]
    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        profile.dump_stats(directory / f"{LOOP}.pstats")
        threading.Thread.run = run  # type: ignore[method-assign]


def _profiled_run(directory: Path, run):  # noqa: ANN001, ANN202
    def profiled_run(thread: threading.Thread) -> None:
        if thread.name not in THREADS:
            run(thread)
            return
        profile = cProfile.Profile()
        profile.enable()
        try:
            run(thread)
        finally:
            profile.disable()
            profile.dump_stats(directory / f"{thread.name}.pstats")

    return profiled_run
