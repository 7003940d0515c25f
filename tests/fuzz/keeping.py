"""Which inputs are worth keeping: those that go a way through the code that no other goes.

python -m tests.fuzz.keeping TARGET    adds to the kept inputs of .fuzz/TARGET
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path
from types import FrameType
from typing import Any

import cartera
from tests.fuzz.targets import TARGETS

KEPT = Path(__file__).parent / "corpus"
MET = Path(".fuzz")

Step = tuple[str, int, int]
"""A file, and two of its lines, the second of which was run after the first."""

_HOUSE = str(Path(cartera.__file__).parent)


def kept_inputs(name: str) -> list[Path]:
    """The files that are kept for a target."""
    return sorted((KEPT / name).iterdir())


def steps_of(target: Callable[[bytes], None], data: bytes) -> set[Step]:
    """The steps that an input takes through our code."""
    found: set[Step] = set()
    with _traced(found):
        target(data)
    return found


@contextmanager
def _traced(found: set[Step]) -> Iterator[None]:
    last: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_HOUSE):
            return None
        if event in ("line", "return"):
            found.add((file, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        if event == "return":
            last.pop(frame, None)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def keep(name: str) -> int:
    """Adds what is new, the shortest first. Returns how many."""
    place, target = KEPT / name, TARGETS[name]
    place.mkdir(parents=True, exist_ok=True)
    known: set[Step] = set()
    for path in kept_inputs(name):
        known |= steps_of(target, path.read_bytes())
    added = 0
    for data in sorted({path.read_bytes() for path in (MET / name).iterdir()}, key=len):
        steps = steps_of(target, data)
        if not steps <= known:
            known |= steps
            added += 1
            (place / sha1(data, usedforsecurity=False).hexdigest()[:12]).write_bytes(data)
    return added


if __name__ == "__main__":
    sys.stdout.write(f"{sys.argv[1]}: {keep(sys.argv[1])} kept\n")
