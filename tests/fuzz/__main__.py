"""Fuzzes one target, following the branches of the code; scripts/fuzz calls it.

    python -m tests.fuzz TARGET SECONDS

It begins with what was met before, in .fuzz/TARGET, and with the kept inputs; what is new goes to .fuzz/TARGET. An
input that breaks something is written to .fuzz/, and the status isn't 0.
"""

import sys
import warnings
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

import atheris
from hypothesis.errors import NonInteractiveExampleWarning

with atheris.instrument_imports(include=["cartera"]):
    from tests.fuzz.targets import CALLERS, METHODS, SEEDS, SLOTS, TARGETS, method_of

from tests.fuzz.messages import hostile

KEPT = Path(__file__).parent / "corpus"
MET = Path(".fuzz")
LONGEST = 2000
"""Bytes of an input: longer ones find nothing else, and take their time."""


def fuzz(name: str, seconds: int) -> None:
    """Ends the process, as libFuzzer does."""
    met, kept = MET / name, KEPT / name
    met.mkdir(parents=True, exist_ok=True)
    kept.mkdir(parents=True, exist_ok=True)
    for data in requests() if name == "call" else SEEDS[name]:
        (met / sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-verbosity=0"]
    places = [f"-artifact_prefix={MET}/broken-by-{name}-", str(met), str(kept)]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", *places], TARGETS[name])
    atheris.Fuzz()


def requests() -> Iterator[bytes]:
    """Requests of every method, by every caller."""
    warnings.simplefilter("ignore", NonInteractiveExampleWarning)
    slots = {method_of(slot).path: slot for slot in range(SLOTS)}
    for method in METHODS:
        for caller in range(len(CALLERS)):
            named = slots[method.path].to_bytes(2) + bytes([caller])
            yield (named + hostile(method.request.DESCRIPTOR).example())[:LONGEST]


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]))
