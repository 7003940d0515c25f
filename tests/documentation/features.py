"""The README's table of features, made from the marks of the tests: it can't claim what no test shows.

    python -m tests.documentation.features      writes it

Within pytest this module is a plugin, which lists the marks of what was collected.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README, REQUIREMENTS = ROOT / "README.md", ROOT / "docs" / "requirements.yaml"
BEGIN, END = "<!-- made by scripts/features: begin -->", "<!-- made by scripts/features: end -->"
MODULE = "tests.documentation.features"
LISTED = "MARKS_FILE"
"""The variable of the environment that says where the plugin writes."""


class Group(NamedTuple):
    """Rules that belong together, by id."""

    title: str
    rules: dict[str, str]


class Requirements(NamedTuple):
    groups: list[Group]
    not_yet: frozenset[str]
    in_part: dict[str, str]
    """What of a rule isn't built, by id."""

    @property
    def ids(self) -> list[str]:
        return [identifier for group in self.groups for identifier in group.rules]


def read_requirements() -> Requirements:
    declared = yaml.safe_load(REQUIREMENTS.read_text("utf-8"))
    groups = [Group(**group) for group in declared["groups"]]
    return Requirements(groups, frozenset(declared["not_yet"]), declared["in_part"])


def pytest_collection_finish(session: pytest.Session) -> None:
    """As a plugin: write how many tests name each requirement."""
    Path(os.environ[LISTED]).write_text(json.dumps(count(session.items)), "utf-8")


def count(items: Iterable[pytest.Item]) -> dict[str, int]:
    """How many tests name each requirement. A test with many cases, or on two databases, is one."""
    named = {(_without_case(item), identifier) for item in items for identifier in _marks(item)}
    return Counter(identifier for _, identifier in named)


def _without_case(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _marks(item: pytest.Item) -> Iterator[str]:
    return (identifier for mark in item.iter_markers("req") for identifier in mark.args)


def collect() -> dict[str, int]:
    """How many tests name each requirement, told by a pytest of its own that runs none."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", "-p", MODULE]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "marks.json"
        variables = environment | {LISTED: str(file)}
        ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, env=variables)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        counted: dict[str, int] = json.loads(file.read_text("utf-8"))
    return counted


def document(text: str, requirements: Requirements, tests: dict[str, int]) -> str:
    """The README with this table in the place of the one it has."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert all((begin, end)), "the README has no place for the table"
    return "\n".join((before + BEGIN, "", *table(requirements, tests), "", END + after))


def table(requirements: Requirements, tests: dict[str, int]) -> Iterator[str]:
    """The lines of the table."""
    yield "| | rule | shown by |"
    yield "| --- | --- | --- |"
    for group in requirements.groups:
        yield f"| | **{group.title}** | |"
        for identifier, title in group.rules.items():
            number = 0 if identifier in requirements.not_yet else tests.get(identifier, 0)
            yield f"| {identifier} | {title} | {_shown_by(number, requirements.in_part.get(identifier, ''))} |"


def _shown_by(number: int, missing: str) -> str:
    if not number:
        return "not yet"
    tests = "1 test" if number == 1 else f"{number} tests"
    return f"{tests}; not yet: {missing}" if missing else tests


def main() -> None:
    README.write_text(document(README.read_text("utf-8"), read_requirements(), collect()), "utf-8")


if __name__ == "__main__":
    main()
