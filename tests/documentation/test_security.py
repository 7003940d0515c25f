"""The threat model names tests that exist."""

import ast
import re

import pytest

from tests.documentation.features import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/.:]+)`", SECURITY)))
ROW = re.compile(r"^\| (?!what |---)(.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


@pytest.mark.req("G7")
@pytest.mark.parametrize("named", NAMED)
def test_tests_that_are_named_exist(named: str) -> None:
    """Each file is there with tests in it, and with the one that is named."""
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    tests = {each for each in functions if each.startswith("test_")}
    assert tests
    assert not name or name in tests


@pytest.mark.req("G7")
def test_every_defence_is_tested() -> None:
    """Every row of the tables names a test, or says that there is none."""
    rows = ROW.findall(SECURITY)
    assert len(rows) > 20
    for attempt, _, tested in rows:
        assert "`tests/" in tested or tested == "not here", attempt
