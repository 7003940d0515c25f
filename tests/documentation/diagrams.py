"""The sequence diagrams of a page: what they say that the feed tells, in which order."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from cartera.routing.v1.event_pb2 import Event

KINDS = frozenset(Event.DESCRIPTOR.fields_by_name)
"""The kinds of events."""

_BLOCK = re.compile(r"^```mermaid\nsequenceDiagram\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^ *title (.+)$", re.MULTILINE)
_CALL = re.compile(r"^ *\w+->>Cartera: (\w+)", re.MULTILINE)
_WORD = re.compile(r"[a-z_]+")

Course = list[str]
"""One way through a diagram: the events that it tells of, in their order."""


def diagrams(page: Path) -> dict[str, str]:
    """The lines of each, by its title."""
    found = {}
    for text in _BLOCK.findall(page.read_text("utf-8")):
        [title] = _TITLE.findall(text)
        found[title] = text
    return found


def courses(diagram: str) -> list[Course]:
    """Every way through the alternatives of a diagram, in the order in which they stand there."""
    ways, before, done = [Course()], [Course()], list[Course]()
    for line in diagram.splitlines():
        match line.split()[0]:
            case "alt":
                before, done = ways, []
            case "else":
                done, ways = [*done, *ways], before
            case "end":
                ways = [*done, *ways]
            case _:
                ways = [[*way, *told(line)] for way in ways]
    return ways


def told(line: str) -> Iterator[str]:
    """The events of one line, which stand at its beginning."""
    _, arrow, text = line.partition("-)")
    if arrow:
        yield from takewhile(KINDS.__contains__, _WORD.findall(text.partition(":")[2]))


def calls(diagram: str) -> list[str]:
    """The names of the RPCs that are called."""
    return _CALL.findall(diagram)
