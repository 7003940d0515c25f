"""scripts/bench: measures what is asked for, prints a table, writes JSON."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.case import DATABASES, TARGETS
from benchmarks.plan import FULL, QUICK
from benchmarks.profile import profile
from benchmarks.replicas import RESULTS, measure_replicas, print_replicas, write_replicas
from benchmarks.report import print_report, write_json
from benchmarks.suite import measure


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says."""
    options = _parser().parse_args(arguments)
    console = Console(width=None if Console().is_terminal else 160)
    if options.profile:
        profile(options.profile, console)
        return
    plan = QUICK if options.quick else FULL
    if options.what == "replicas":
        with console.status("") as status:
            measured = measure_replicas(plan, status.update)
        print_replicas(console, measured)
        if options.json or not options.quick:
            write_replicas(options.json or RESULTS, measured)
        return
    with console.status("") as status:
        cases, versions = measure(plan, options.case or [], status.update)
    print_report(console, cases)
    if options.json:
        write_json(options.json, cases, plan.name, versions)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures Cartera beside a no-op, on SQLite and on PostgreSQL. See docs/performance.md.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=["replicas"],
        help=f"instead of the cases, one to three replicas on one PostgreSQL; saved as {RESULTS}",
    )
    parser.add_argument("--quick", action="store_true", help="a short look, within a minute; figures to keep need more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the cases there, too")
    names = sorted(TARGETS)
    parser.add_argument("--case", action="append", choices=names, metavar="NAME", help=f"only this: {', '.join(names)}")
    parser.add_argument("--profile", choices=DATABASES, help="show instead where the server's time goes")
    return parser


if __name__ == "__main__":
    main()
