"""The track record: what runs have stood, kept in small files, and the table of docs/reliability.md made from them.

`python -m chaos.record [DIRECTORY ...]` takes the reports of runs into the record; the table has all that is in it.
"""

import json
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chaos.history import read_lines
from chaos.outcome import outcome_of
from chaos.recovery import inflicted

RECORD = Path(__file__).parent / "record"
DOCUMENT = Path(__file__).parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- record: begin -->", "<!-- record: end -->"

Run = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    RECORD.mkdir(exist_ok=True)
    for directory in map(Path, arguments):
        run = run_of(directory)
        name = f"{run['began'].replace(':', '-').removesuffix('+00-00')}-{run['database']}"
        (RECORD / f"{name}.json").write_text(json.dumps(run, indent=1) + "\n")
    write_table([json.loads(path.read_text()) for path in sorted(RECORD.glob("*.json"))])


def run_of(directory: Path) -> Run:
    """What is kept of a report."""
    described = json.loads((directory / "run.json").read_text())
    verdict = json.loads((directory / "verdict.json").read_text())
    outcome = outcome_of(directory, [])
    slowest: dict[str, float] = defaultdict(float)
    for each in outcome.recoveries:
        slowest[each.fault] = max(slowest[each.fault], round(each.seconds or 0, 2))
    kept = ("began", "command", "database", "replicas", "seconds", "versions")
    return {
        **{name: described[name] for name in kept},
        "calls": outcome.calls,
        "answered": outcome.answered,
        "restarts": outcome.restarts,
        "faults": dict(sorted(outcome.faults.items())),
        "calls_during": dict(sorted(_calls_during(directory).items())),
        "back_within": dict(sorted(slowest.items())),
        "looked_at": {name: promise["looked_at"] for name, promise in verdict["promises"].items()},
        "violations": verdict["violated"] + len(outcome.violations),
    }


def _calls_during(directory: Path) -> Counter[str]:
    """Of each fault, the calls that were under way while something was broken by it."""
    calls = [line for path in directory.glob("calls-*.jsonl") for _, line in read_lines(path)]
    begun = sorted(call["began"] for call in calls)
    ended = sorted(call["ended"] for call in calls)
    during: Counter[str] = Counter()
    for fault in inflicted(directory):
        during[fault.name] += bisect_right(begun, fault.ended) - bisect_left(ended, fault.began)
    return during


def write_table(runs: Sequence[Run]) -> None:
    """Put the table where the document has its markers."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = "\n".join([BEGIN, "", *_table(runs), "", END])
    DOCUMENT.write_text(before + lines + after)


def _table(runs: Sequence[Run]) -> Iterator[str]:
    calls = sum(run["calls"] for run in runs)
    violations = sum(run["violations"] for run in runs)
    seconds = sum(run["seconds"] for run in runs)
    yield f"{len(runs)} runs, {seconds / 60:.0f} minutes, {calls:,} calls, {violations} violations."
    yield ""
    yield "| fault | times | in runs | alone | calls in these runs | under way during it | service was back within |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for fault in sorted({fault for run in runs for fault in run["faults"]}):
        stood = [run for run in runs if fault in run["faults"]]
        times = sum(run["faults"][fault] for run in stood)
        alone = sum(len(run["faults"]) == 1 for run in stood)
        calls = sum(run["calls"] for run in stood)
        during = sum(run["calls_during"][fault] for run in stood)
        back = [run["back_within"][fault] for run in stood if fault in run["back_within"]]
        within = f"{max(back):.1f} s" if back else ""
        yield f"| `{fault}` | {times:,} | {len(stood)} | {alone} | {calls:,} | {during:,} | {within} |"


if __name__ == "__main__":
    main(sys.argv[1:])
