"""A short run of everything: replicas under traffic, every fault once, and the judge (G5, G6)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from chaos.faults import fitting

ROOT = Path(__file__).parents[2]

LONG = {"pause"}
"""What `pause-holding` shows too, and better."""


class Report(NamedTuple):
    """What is left of a run."""

    status: int
    said: str
    happened: set[str]


def run(directory: Path, *arguments: str) -> Report:
    """Run each fault once, in a process of its own as an operator would."""
    command = [sys.executable, "-m", "chaos", "--once", "--report", str(directory), *arguments]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=150)
    faults = [json.loads(line) for line in (directory / "faults.jsonl").read_text().splitlines()]
    happened = {fault["fault"] for fault in faults if fault["detail"]["happened"]}
    return Report(ended.returncode, ended.stdout + ended.stderr, happened)


def faults_of(names: set[str]) -> list[str]:
    return [argument for name in sorted(names) for argument in ("--fault", name)]


@pytest.mark.req("G2", "G5", "G6", "W1")
def test_replicas_keep_their_promises_whatever_breaks(tmp_path: Path) -> None:
    """Two replicas on a PostgreSQL with a standby are killed, paused, replaced and cut off, their database too: every
    promise is kept, and service returns by itself each time.
    """
    wanted = {fault.name for fault in fitting("postgres")} - LONG
    report = run(tmp_path / "report", "--seconds", "60", "--replicas", "2", "--seed", "1", *faults_of(wanted))
    assert report.status == 0, report.said
    assert report.happened == wanted


@pytest.mark.req("G2", "G5", "G6")
def test_sqlite_keeps_its_promises_whatever_breaks(tmp_path: Path) -> None:
    """On a file that is full and under a process that is killed in mid-commit, no answered call is lost."""
    wanted = {"kill-before-append", "kill-before-commit", "kill-before-answer", "disk-full", "clocks", "duplicates"}
    report = run(tmp_path / "report", "--seconds", "20", "--database", "sqlite", "--seed", "1", *faults_of(wanted))
    assert report.status == 0, report.said
    assert report.happened == wanted
