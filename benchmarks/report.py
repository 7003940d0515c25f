"""The report: a table for people, JSON for machines, and the table of the documentation."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.case import TARGETS, Case, Target
from cartera.bootstrap import core_runs_as

COLUMNS = ("case", "figure", "first", "goal", "runs", "medians")


def print_report(console: Console, cases: Sequence[Case]) -> None:
    """Print the cases beside their targets."""
    table = Table(title="Cartera beside a no-op, medians", title_justify="left")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in {"case", "medians"} else "right", no_wrap=name == "case")
    for case in cases:
        target = TARGETS.get(case.name, Target())
        table.add_row(
            case.name,
            f"{case.ratio:g} {case.unit}",
            _bound(target, target.first, case.ratio),
            _bound(target, target.goal, case.ratio),
            _spread(case.runs),
            "\n".join(f"{name}: {_shown(value)}" for name, value in case.medians.items()),
        )
    console.print(table)


def _bound(target: Target, bound: float | None, figure: float) -> str:
    if bound is None:
        return "-"
    colour = "green" if target.is_met(bound, figure) else "red"
    return f"[{colour}]{'>=' if target.at_least else '<='} {bound:g}[/{colour}]"


def _spread(runs: Sequence[float]) -> str:
    return f"{min(runs):g} … {max(runs):g}" if len(runs) > 1 else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def write_json(path: Path, cases: Sequence[Case], plan: str, database: dict[str, str]) -> None:
    """Write the cases, and on what they were measured."""
    report = {"cases": [case.as_json() for case in cases], "plan": plan, "environment": {**environment(), **database}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def environment() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "core": core_runs_as(),
        **{name: version(name) for name in ("grpcio", "protobuf", "uvloop", "psycopg")},
    }
