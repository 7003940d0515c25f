"""The tables of docs/performance.md, made from the JSON of runs.

python -m benchmarks.document benchmarks/results/latest.json [benchmarks/results/replicas.json]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.replicas import FIGURES, cells

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- made by benchmarks.document: begin -->", "<!-- made by benchmarks.document: end -->"
REPLICAS_BEGIN = "<!-- made by benchmarks.document, replicas: begin -->"
REPLICAS_END = "<!-- made by benchmarks.document, replicas: end -->"
HEAD = ("| case | figure | range of the runs | first | goal | medians |", "| --- | --- | --- | --- | --- | --- |")


def document(report: dict[str, Any], text: str) -> str:
    """The document with the table of this report in the place of the one it has."""
    if "rows" in report:
        return _replaced(text, REPLICAS_BEGIN, replicas_table(report), REPLICAS_END)
    return _replaced(text, BEGIN, table(report), END)


def _replaced(text: str, begin: str, lines: Iterator[str], end: str) -> str:
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return "\n".join((before + begin, *lines, end + after))


def replicas_table(report: dict[str, Any]) -> Iterator[str]:
    """The lines of the table of replicas."""
    facts = ", ".join(f"{name} {value}" for name, value in report["environment"].items())
    yield f"A {report['plan']} run, {report['callers']} callers. {facts}."
    yield ""
    yield f"| load | replicas | {' | '.join(FIGURES.values())} |"
    yield "| --- | --- |" + " --- |" * len(FIGURES)
    for row in report["rows"]:
        yield f"| {row['load']} | {row['replicas']} | {' | '.join(cells(row))} |"


def table(report: dict[str, Any]) -> Iterator[str]:
    """The lines of the table."""
    facts = ", ".join(f"{name} {value}" for name, value in report["environment"].items())
    yield f"A {report['plan']} run. {facts}."
    yield ""
    yield from HEAD
    for case in report["cases"]:
        runs = case["runs"]
        cells = (
            f"`{case['name']}`",
            f"{case['ratio']:g} {case['unit']}",
            f"{min(runs):g} to {max(runs):g}",
            _bound(case, "target_first"),
            _bound(case, "target_goal"),
            "; ".join(f"{name} {_shown(value)}" for name, value in case["medians"].items()),
        )
        yield f"| {' | '.join(cells)} |"


def _bound(case: dict[str, Any], name: str) -> str:
    if case[name] is None:
        return ""
    return f"{'>=' if case['target_at_least'] else '<='} {case[name]:g}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each:g}" for name, each in value.items())
    return f"{value:g}"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        DOCUMENT.write_text(document(found, DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
