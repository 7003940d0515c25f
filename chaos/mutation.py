"""Mutants: deliberate faults in the code, each of which a run must find. A judge that lets one live proves nothing.

Each is a patch in `chaos/mutants`, with a head that says what is wrong with it, which promise it breaks, and which run
finds it. To be found, it must be seen to break that promise: a service that doesn't start at all breaks others.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

MUTANTS = Path(__file__).parent / "mutants"
ROOT = Path(__file__).parent.parent
PROMISE, ARGUMENTS = "Breaks: ", "Run: "
"""Begin the lines of a patch's head."""


class Mutant(NamedTuple):
    """A deliberate fault."""

    name: str
    patch: Path
    claim: str
    """What is wrong with it, in a sentence."""
    promise: str
    """The one that it breaks, as the judge names it."""
    arguments: tuple[str, ...]
    """Of the run that finds it."""


def mutants(names: Sequence[str] = ()) -> list[Mutant]:
    """The mutants of those names, or all.

    Raises:
        ValueError: there is none of a name.

    """
    found = {patch.stem: _read(patch) for patch in sorted(MUTANTS.glob("*.patch"))}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise ValueError(f"there is no mutant {', '.join(unknown)}; there are {', '.join(found)}")
    return [found[name] for name in names or found]


def _read(patch: Path) -> Mutant:
    claim, promise, arguments = patch.read_text("utf-8").splitlines()[:3]
    return Mutant(
        patch.stem, patch, claim, promise.removeprefix(PROMISE), tuple(arguments.removeprefix(ARGUMENTS).split())
    )


@contextmanager
def mutated(mutant: Mutant) -> Iterator[Path]:
    """A directory with the installed package, the fault put into it.

    Raises:
        subprocess.CalledProcessError: the patch doesn't fit the code any more.

    """
    with tempfile.TemporaryDirectory(prefix=f"cartera-{mutant.name}-") as name:
        directory = Path(name)
        shutil.copytree(package(), directory / "src" / "cartera", ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["git", "apply", mutant.patch], cwd=directory, check=True)  # noqa: S607 - whichever git there is
        yield directory / "src"


def package() -> Path:
    """Where the package is installed."""
    found = find_spec("cartera")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def is_found(mutant: Mutant, report: Path) -> bool:
    """Whether the run that is to find the mutant sees it break its promise."""
    with mutated(mutant) as code:
        run = [sys.executable, "-m", "chaos", *mutant.arguments, "--code", code, "--report", report]
        with report.with_suffix(".txt").open("w") as told:
            subprocess.run(run, cwd=ROOT, check=False, stdout=told, stderr=subprocess.STDOUT)
    verdict = report / "verdict.json"
    return verdict.exists() and bool(json.loads(verdict.read_text())["promises"][mutant.promise]["violated"])


def hunt(names: Sequence[str], reports: Path) -> list[str]:
    """Run against each mutant. Answers the names of those that live."""
    living = []
    for mutant in mutants(names):
        _say(f"mutant {mutant.name}: {mutant.claim}")
        found = is_found(mutant, reports / mutant.name)
        _say(f"mutant {mutant.name} {'is found' if found else 'LIVES'}")
        if not found:
            living.append(mutant.name)
    return living


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
