"""docs/contract.md: what every client can rely on, and which languages were found to show it.

`python -m tests.contract.suite.matrix RESULTS...` writes it from the results of runners; with `--check` it says whether
what is committed is what these results give.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cartera.core.vocabulary import ErrorReason
from tests.contract.suite.cases import Case, load
from tests.contract.suite.coverage import REASONS, RPCS, UNPROVOKED, reasons_of, rpcs_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "contract.md"
LANGUAGES = {"python": "Python", "go": "Go", "java": "Java", "node": "TypeScript (Node)"}

INTRODUCTION = """\
<!-- made by tests/contract/suite/matrix.py from a run of scripts/test-clients; change the cases -->

# What every client can rely on

The contract is in `protos/`, and [reference/](reference/README.md) explains every call, field and error. This page is
the proof of it from the side of those who call: {cases} cases, written once as data in `tests/contract/cases/`. A small
runner in each language plays them through the client that was generated for it, all against the same servers.
Besides, each client reads {golden} messages as they were once written (`tests/contract/golden/`), and writes them anew;
lines are added there, and never changed.

    ./scripts/test-clients contract    # every language, and this page is checked

    # one language: start the servers, and play the cases with Python
    python -m tests.contract.suite.servers --targets targets.json
    python -m tests.contract.suite.run --targets targets.json --results results.json

How a case is written, and what a runner does, says [tests/contract/cases/README.md](../tests/contract/cases/README.md).
"""


class Results(NamedTuple):
    """What a runner found."""

    language: str
    cases: dict[str, bool]
    """Whether each passed, by name."""
    golden: tuple[bool, ...]


def read(path: Path) -> Results:
    """The results in a file.

    Raises:
        OSError: there is no such file.
        ValueError: it is none of results.

    """
    try:
        written = json.loads(path.read_text("utf-8"))
        cases = {each["name"]: each["passed"] for each in written["cases"]}
        return Results(written["language"], cases, tuple(each["passed"] for each in written["golden"]))
    except KeyError as missing:
        raise ValueError(f"{path} lacks {missing}") from None


def document(cases: Sequence[Case], results: Sequence[Results]) -> str:
    """The text of the page."""
    found = {each.language: each for each in results}
    golden = max((len(each.golden) for each in results), default=0)
    parts = [
        INTRODUCTION.format(cases=len(cases), golden=golden),
        _section("By topic", "topic", cases, found, {topic: _of_topic(topic) for topic in _topics(cases)}),
        _golden(found, golden),
        _section("By RPC", "RPC", cases, found, {f"`{rpc}`": _calls(rpc) for rpc in RPCS}),
        _section("By error", "reason", cases, found, {f"`{each.name}`": _meets(each.name) for each in _provoked()}),
        "\n".join(_unprovoked()),
        "\n".join(_claims(cases)),
    ]
    return "\n".join(parts) + "\n"


Chosen = Callable[[Case], bool]


def _topics(cases: Iterable[Case]) -> list[str]:
    return list(dict.fromkeys(case.topic for case in cases))


def _of_topic(topic: str) -> Chosen:
    return lambda case: case.topic == topic


def _calls(rpc: str) -> Chosen:
    return lambda case: rpc in rpcs_of(case)


def _meets(reason: str) -> Chosen:
    return lambda case: reason in reasons_of(case)


def _provoked() -> Iterator[ErrorReason]:
    return (each for each in REASONS if each not in UNPROVOKED)


def _section(
    title: str, heading: str, cases: Sequence[Case], found: dict[str, Results], rows: dict[str, Chosen]
) -> str:
    lines = [f"## {title}", "", *_head(heading, "cases")]
    for name, chosen in rows.items():
        names = [case.name for case in cases if chosen(case)]
        lines.append(_row(name, str(len(names)), *(_said(found.get(each), names) for each in LANGUAGES)))
    return "\n".join([*lines, ""])


def _golden(found: dict[str, Results], lines: int) -> str:
    said = (_passed(list(found[each].golden)) if each in found else "not run" for each in LANGUAGES)
    return "\n".join([*_head("golden bytes", "messages"), _row("written once, read for ever", str(lines), *said), ""])


def _head(*headings: str) -> list[str]:
    columns = (*headings, *LANGUAGES.values())
    return [_row(*columns), _row(*("---" for _ in columns))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _said(results: Results | None, names: Sequence[str]) -> str:
    if results is None:
        return "not run"
    return _passed([results.cases.get(name, False) for name in names])


def _passed(found: Sequence[bool]) -> str:
    failed = found.count(False)
    return "passed" if found and not failed else f"{failed} failed"


def _unprovoked() -> Iterator[str]:
    yield "Not met by any case:"
    yield ""
    for reason, about in UNPROVOKED.items():
        yield f"- `{reason.name}`: {about.why}. `{about.shown_by}` shows it."
    yield ""


def _claims(cases: Sequence[Case]) -> Iterator[str]:
    yield "## The cases"
    for topic in _topics(cases):
        yield f"\n### {topic}\n"
        for case in cases:
            if case.topic == topic:
                yield f"- **{case.name}** ({', '.join(case.requirements)}): {case.claim}"


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.suite.matrix")
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    arguments = parser.parse_args()
    made = document(load(), [read(path) for path in arguments.results])
    if not arguments.check:
        DOCUMENT.write_text(made, "utf-8")
        return 0
    written = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    different = [line for line in made.splitlines() if line not in written.splitlines()]
    sys.stderr.writelines(f"docs/contract.md lacks: {line}\n" for line in different)
    return 1 if made != written else 0


if __name__ == "__main__":
    sys.exit(main())
