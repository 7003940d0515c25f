"""The contract suite: every case, in Python, and that the cases and the golden bytes leave nothing out."""

import json
import shutil
import subprocess

import pytest

from cartera.core.vocabulary import ErrorReason
from tests.contract.conftest import ROOT
from tests.contract.suite.cases import CASES, FLOORS, GOLDEN, load
from tests.contract.suite.coverage import (
    REASONS,
    RPCS,
    UNPROVOKED,
    reasons_of,
    rpc_of,
    steps_that_fail,
    steps_that_succeed,
)
from tests.contract.suite.golden import all_fields, all_messages, missing_lines, parse, read, write
from tests.contract.suite.matrix import DOCUMENT, LANGUAGES, Results, document
from tests.contract.suite.run import run_cases, run_line
from tests.contract.suite.targets import KINDS
from tests.documentation.features import read_requirements

ALL = load()
LINES = read()

CASE_KEYS = {"name", "claim", "requirements", "target", "floor", "steps"}
STEP_KEYS = {"call", "watch", "as", "metadata", "request", "bytes", "deadline", "burst", "skip", "expect", "save"}
EXPECTED_KEYS = {"code", "response", "reason", "metadata", "message", "locale", "details", "messages"}


@pytest.fixture(scope="module")
def failures(targets):
    """What was found wrong, by the name of the case. All cases are played, some beside each other: that is quicker."""
    return {result.name: result.failure for result in run_cases(ALL, targets)}


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name, marks=pytest.mark.req(*case.requirements)) for case in ALL]
)
def test_what_clients_rely_on(case, failures):
    """A case of the contract suite holds, through the generated client."""
    assert failures[case.name] == ""


@pytest.mark.req("G1")
def test_every_rpc_is_called_and_refused():
    """Each RPC of the contract succeeds in a case, and is refused in one."""
    assert set(RPCS) - steps_that_succeed(ALL) == set()
    assert set(RPCS) - steps_that_fail(ALL) == set()


@pytest.mark.req("G3")
@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.name)
def test_every_reason_is_met(reason):
    """Each reason of an error is met in a case, or is one of the few that no caller can meet."""
    met = {name for case in ALL for name in reasons_of(case)}
    assert (reason.name in met) != (reason in UNPROVOKED)


def test_what_no_case_meets_is_shown_elsewhere():
    """A reason without a case names the test that shows it."""
    for about in UNPROVOKED.values():
        path, _, name = about.shown_by.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")


def test_cases_name_what_there_is():
    """No case misspells an RPC, a reason, a server or a requirement; no two have one name."""
    known = set(read_requirements().ids)
    assert len({case.name for case in ALL}) == len(ALL)
    for case in ALL:
        assert case.target in KINDS, case.name
        assert case.requirements, case.name
        assert set(case.requirements) <= known, case.name
        assert reasons_of(case) <= {reason.name for reason in ErrorReason}, case.name
        for step in (*case.floor, *case.steps):
            assert "bytes" in step or rpc_of(step) in RPCS, case.name
            assert "watch" not in step or step["expect"], f"{case.name} reads nothing of a stream"


def test_cases_say_nothing_that_runners_overlook():
    """A case has no key but those of the format: a misspelt expectation would be none."""
    files = [json.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("*.json"))]
    cases = [case for file in files for case in file.get("cases", ())]
    steps = [step for case in cases for step in case["steps"]]
    steps += [step for floor in json.loads((CASES / FLOORS).read_text("utf-8")).values() for step in floor]
    assert [case["name"] for case in cases if not set(case) <= CASE_KEYS] == []
    assert [step for step in steps if not set(step) <= STEP_KEYS] == []
    assert [step for step in steps if not set(step.get("expect", {})) <= EXPECTED_KEYS] == []


@pytest.mark.req("G1")
def test_golden_bytes_are_read():
    """What was once written is read as it was meant, and the same is written for it."""
    assert [line.name for line in LINES if run_line(line).failure] == []


@pytest.mark.req("G1")
def test_golden_bytes_have_every_field():
    """Each message of the contract has a line, and each of its fields is in one; the script adds what lacks."""
    assert {message.full_name for message in all_messages()} <= {line.name for line in LINES}
    had = {field for line in LINES for field in line.fields()}
    assert {field for message in all_messages() for field in all_fields(message)} - had == set()
    assert missing_lines(LINES) == []


@pytest.mark.req("G1")
def test_golden_bytes_of_the_last_release_stand():
    """What the last release had is there, as it was; before the first release, what the last commit had."""
    released = git("describe", "--tags", "--abbrev=0", "--match", "v*").strip() or "HEAD"
    earlier = git("show", f"{released}:{GOLDEN.relative_to(ROOT)}")
    before = parse(earlier) if earlier else []
    assert LINES[: len(before)] == before


def git(*arguments):
    """What git answers; nothing where it can't, as in an archive."""
    if shutil.which("git") is None:
        return ""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_golden_bytes_are_added_and_never_changed(tmp_path):
    """The script writes the lines that there are as they are, and those that lack behind them."""
    kept, file = [line for line in LINES if not line.name.endswith(".Agent")], tmp_path / "golden.json"
    added = missing_lines(kept)
    write([*kept, *added], file)
    assert {line.name for line in added} == {"cartera.routing.v1.Agent"}
    assert read(file)[: len(kept)] == kept
    assert run_line(added[0]).failure == ""


@pytest.mark.req("G1")
def test_the_document_is_current():
    """docs/contract.md has every case, RPC and reason, and each passed in every language; a run makes it anew."""
    passed = {case.name: True for case in ALL}
    results = [Results(language, passed, (True,) * len(LINES)) for language in LANGUAGES]
    assert DOCUMENT.read_text("utf-8") == document(ALL, results), "run scripts/test-clients contract"
