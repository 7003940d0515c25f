"""The cases of the contract suite, as they stand in their files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
GOLDEN = HERE.parent / "golden" / "v1.json"
FLOORS = "floors.json"


Step = dict[str, Any]


class Case(NamedTuple):
    """One claim, and the steps that prove it."""

    name: str
    claim: str
    topic: str
    """The title of its file."""
    target: str
    requirements: tuple[str, ...]
    floor: tuple[Step, ...]
    """What is played first."""
    steps: tuple[Step, ...]


def load(directory: Path = CASES) -> list[Case]:
    """All cases, in the order of their files.

    Raises:
        OSError: there is no such file.
        ValueError: a file is none of cases.

    """
    floors = json.loads((directory / FLOORS).read_text("utf-8"))
    files = sorted(path for path in directory.glob("*.json") if path.name != FLOORS)
    return [case for path in files for case in _cases(path, floors)]


def _cases(path: Path, floors: dict[str, Any]) -> Iterator[Case]:
    document = json.loads(path.read_text("utf-8"))
    for written in document["cases"]:
        try:
            floor = floors[written["floor"]] if "floor" in written else []
            yield Case(
                name=written["name"],
                claim=written["claim"],
                topic=document["title"],
                target=written.get("target", "main"),
                requirements=tuple(written.get("requirements", ())),
                floor=tuple(floor),
                steps=tuple(written["steps"]),
            )
        except KeyError as missing:
            raise ValueError(f"{path.name}: {written.get('name', 'a case')} lacks {missing}") from None
