"""The oracle is independent of what it judges."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OWN = sorted({*HERE.rglob("*.py")} - {*HERE.glob("test_*.py")} - {*(HERE / "subjects").rglob("*.py")})


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_imports_nothing_of_the_product(path: Path) -> None:
    """The oracle, and the sequences that it judges, import nothing of Cartera; the subjects and the tests may."""
    assert [each for each in imports(path) if each.split(".")[0] == "cartera"] == []


@pytest.mark.parametrize("path", sorted((HERE / "router").glob("*.py")), ids=lambda path: path.name)
def test_needs_the_standard_library_only(path: Path) -> None:
    """The oracle is plain Python: its modules import each other and the standard library."""
    allowed = {"collections", "copy", "dataclasses", "datetime", "fractions", "functools", "typing", "zoneinfo"}
    others = [each for each in imports(path) if not each.startswith("tests.oracle.router")]
    assert {each.split(".")[0] for each in others} <= allowed


def imports(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
