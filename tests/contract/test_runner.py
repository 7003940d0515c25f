"""The contract suite's runner can fail: it finds what isn't as a case says."""

import json
import subprocess
import sys

import pytest

from tests.contract.conftest import ROOT
from tests.contract.suite.cases import FLOORS, Case, load
from tests.contract.suite.golden import read
from tests.contract.suite.matrix import Results, document
from tests.contract.suite.patterns import mismatch
from tests.contract.suite.run import run_case, run_line
from tests.contract.suite.strictness import WRONG, overlooked

TENANT = {"tenantId": "${tenant}"}
CREATE = {"call": "ConfigurationService/CreateTenant", "request": {**TENANT, "tenant": {"name": "Banco"}}}
GET = {"call": "ConfigurationService/GetTenant", "request": TENANT}
MISSING = {**GET, "request": {"tenantId": "nobody"}}
WATCH = {"watch": "EventService/WatchEvents", "request": {**TENANT, "startAfterRevision": "0"}, "deadline": 1}
NO_WATCH = {**WATCH, "request": {"tenantId": "nobody"}}
FIRST = [{"bookmark": {"revision": 0}}, {"change": {"revision": 1}}]
NOT_FOUND = {"code": "NOT_FOUND", "reason": "TENANT_NOT_FOUND"}

RIGHT = {
    "an answer": {**GET, "expect": {"response": {"tenant": {"name": "Banco"}}}},
    "a refusal": {**MISSING, "expect": {**NOT_FOUND, "message": "There is no such tenant.", "locale": "en"}},
    "a stream": {**WATCH, "expect": {"messages": FIRST}},
    "a stream that ends": {**WATCH, "expect": {"messages": FIRST, "code": "DEADLINE_EXCEEDED"}},
    "a stream that is refused": {**NO_WATCH, "expect": NOT_FOUND},
    "many at once": {**GET, "burst": 3, "expect": {"response": {"revision": 1}}},
}
CASES_THAT_FAIL = load(WRONG)

MATCHING = [
    ({}, {"a": 1}),
    ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
    (7, "7"),
    ("7", 7),
    (0.5, 0.5),
    ([{}, 2], [{"a": 1}, 2]),
    ({"$present": True}, "x"),
    ({"$present": False}, "0"),
    ({"a": {"$present": False}}, {}),
    ({"$includes": [{"a": 2}, {"a": 1}]}, [{"a": 1}, {"a": 2}, {"a": 3}]),
    ({"$size": 0}, []),
    ({"$matches": "^a.c$"}, "abc"),
    (None, None),
]
NOT_MATCHING = [
    ({"a": 1}, {}),
    ({"a": 1}, 1),
    ({"a": True}, {"a": 1}),
    (True, "True"),
    (False, 0),
    ("x", "y"),
    ([1], [1, 2]),
    ([1, 2], [2, 1]),
    ([], {}),
    ({"$present": True}, ""),
    ({"$present": True}, []),
    ({"a": {"$present": True}}, {}),
    ({"$present": False}, "x"),
    ({"$includes": [{"a": 2}]}, [{"a": 1}]),
    ({"$includes": [1]}, 1),
    ({"$size": 1}, []),
    ({"$matches": "^b"}, "abc"),
    ({"$matches": "1"}, 1),
    (None, 0),
]


def case_of(*steps):
    return Case("x", "x", "x", "main", (), (CREATE,), steps)


@pytest.mark.parametrize("step", RIGHT.values(), ids=RIGHT)
def test_what_is_as_expected_passes(step, callers, targets):
    """The runner passes a case whose expectations hold."""
    assert run_case(case_of(step), callers, targets).failure == ""


@pytest.mark.parametrize("case", CASES_THAT_FAIL, ids=lambda case: case.name)
def test_what_is_not_as_expected_fails(case, callers, targets):
    """The runner fails a case whose expectations don't hold, and says at which step."""
    assert run_case(case, callers, targets).failure.startswith("step 2")


def test_what_a_runner_overlooks_is_told():
    """A runner that passes a case that doesn't hold, or doesn't play it, is found."""
    assert overlooked(["x", "y", "z"], Results("go", {"x": True, "y": False}, ())) == ["x", "z"]


@pytest.mark.parametrize(("pattern", "value"), MATCHING, ids=repr)
def test_a_value_matches_its_pattern(pattern, value):
    """What a pattern asks for is there."""
    assert mismatch(pattern, value) is None


@pytest.mark.parametrize(("pattern", "value"), NOT_MATCHING, ids=repr)
def test_a_value_that_does_not_match_is_told(pattern, value):
    """What a pattern asks for and isn't there is told."""
    assert mismatch(pattern, value)


def test_a_variable_is_what_was_saved(callers, targets):
    """What a step saves is put into those after it, whatever its kind."""
    saving = {**GET, "save": {"answer": "", "name": "tenant.name"}}
    named = {**GET, "expect": {"response": {"tenant": {"name": "${name}"}}}}
    assert run_case(case_of(saving, {**GET, "expect": {"response": "${answer}"}}, named), callers, targets) == ("x", "")


def test_a_changed_byte_is_found():
    """Golden bytes that say something else than their JSON are found."""
    line = next(each for each in read() if each.name.endswith(".Bookmark"))
    assert run_line(line).failure == ""
    assert run_line(line._replace(content=line.content[:-1] + bytes([line.content[-1] ^ 1]))).failure
    assert run_line(line._replace(content=line.content[:-1])).failure
    assert run_line(line._replace(json={})).failure


def test_a_failure_is_seen_in_the_document():
    """The document says what failed, and what was not run."""
    told = document([case_of(GET)._replace(topic="Tenants")], [Results("go", {"x": False}, (True, False))])
    assert "| Tenants | 1 | not run | 1 failed | not run | not run |" in told
    assert "| written once, read for ever | 2 | not run | 1 failed | not run | not run |" in told


@pytest.mark.parametrize("passes", [True, False])
def test_the_exit_status_tells_how_it_went(passes, targets_file, tmp_path):
    """0 when all passed, 1 when something failed; the results say what."""
    step = {**GET, "expect": {"response": {"tenant": {"name": "Banco" if passes else "Otro"}}}}
    written = {"title": "x", "cases": [{"name": "x", "claim": "x", "steps": [CREATE, step]}]}
    (tmp_path / "cases.json").write_text(json.dumps(written), "utf-8")
    (tmp_path / FLOORS).write_text("{}", "utf-8")
    ran = run("--cases", tmp_path, "--targets", targets_file, "--results", tmp_path / "results")
    results = json.loads((tmp_path / "results").read_text("utf-8"))
    assert (ran.returncode, bool(ran.stderr)) == ((0, False) if passes else (1, True))
    assert results["language"] == "python"
    assert [each["passed"] for each in results["cases"]] == [passes]
    assert len(results["golden"]) == len(read())


def test_what_cannot_be_run_is_told(tmp_path):
    """2 where the suite could not be run."""
    assert run("--targets", tmp_path / "nowhere", "--results", tmp_path / "results").returncode == 2


def run(*arguments):
    command = [sys.executable, "-m", "tests.contract.suite.run", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)
