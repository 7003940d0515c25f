"""scripts/chaos: runs replicas under traffic, breaks them, and judges what their clients were told."""

import argparse
import asyncio
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from chaos.disk import mount_alone
from chaos.faults import FAULTS
from chaos.judge import judge
from chaos.mutation import hunt
from chaos.options import Options
from chaos.outcome import outcome_of
from chaos.run import run

HELD, VIOLATED, BROKE = 0, 1, 2
"""Exit statuses."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    given = _parser().parse_args(arguments)
    try:
        if given.what == "judge":
            return judged(Path(given.named[0]))
        if given.what == "mutants":
            return hunted(given.named, _options(given))
        options = _options(given)
        directory = new_directory(options)
        print(f"{options.command()}\nreport: {directory}", flush=True)
        mount_alone()
        asyncio.run(run(options, directory))
        return judged(directory)
    except Exception:  # noqa: BLE001 - whatever it is, it says nothing about the service
        traceback.print_exc()
        print("the run broke: it says nothing about the service")
        return BROKE


def new_directory(options: Options) -> Path:
    """The report's, which must be empty: two runs in one would be judged as one."""
    directory = options.directory()
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory} has a report already")
    return directory


def judged(directory: Path) -> int:
    """Judge what is in a directory, and say it."""
    verdict = judge(directory)
    outcome = outcome_of(directory, [str(each) for each in verdict.violations])
    print("\n".join(outcome.lines()), flush=True)
    return VIOLATED if outcome.violations else HELD


def hunted(names: Sequence[str], options: Options) -> int:
    """Run against mutants, and say which live."""
    living = hunt(names, new_directory(options))
    print(f"{len(living)} mutants live: {', '.join(living)}" if living else "every mutant is found", flush=True)
    return VIOLATED if living else HELD


def _options(given: argparse.Namespace) -> Options:
    return Options(
        seconds=given.seconds,
        replicas=1 if given.database == "sqlite" else given.replicas,
        seed=given.seed,
        faults=tuple(given.fault or ()),
        database=given.database,
        report=given.report,
        callers=given.callers,
        once=given.once,
        code=given.code,
    )


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(
        prog="scripts/chaos",
        description="Runs replicas under traffic, breaks them, and judges. See docs/reliability.md.",
        epilog="The exit status is 1 on any violation, and 2 when the run itself broke.",
    )
    told = "judge: a report, once more; mutants: whether deliberate faults are found"
    parser.add_argument("what", nargs="?", choices=("run", "judge", "mutants"), default="run", help=told)
    parser.add_argument("named", nargs="*", metavar="NAME", help="the report's directory; the mutants, or all")
    parser.add_argument("--seconds", type=float, default=default.seconds, help="how long things are broken")
    parser.add_argument("--replicas", type=int, default=default.replicas, help="how many; one on SQLite")
    parser.add_argument("--seed", type=int, default=default.seed, help="other faults at other times")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default=default.database)
    parser.add_argument("--callers", type=int, default=default.callers, help="who call at once")
    parser.add_argument("--once", action="store_true", help="end when each fault has come once, at half the length")
    parser.add_argument("--report", type=Path, metavar="DIRECTORY", help="where the report goes")
    parser.add_argument("--code", type=Path, metavar="DIRECTORY", help="where the package is, if not as installed")
    names = ", ".join(FAULTS)
    parser.add_argument("--fault", action="append", choices=FAULTS, metavar="NAME", help=f"only this: {names}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
