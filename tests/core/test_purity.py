"""The core is pure: the same state, command and time always give the same events."""

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cartera.core
from tests.core.random_tenants import run_random_commands

CORE = Path(cartera.core.__file__).parent
MODULES = sorted(CORE.rglob("*.py"))

STANDARD = {
    "bisect",
    "collections",
    "collections.abc",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "re",
    "types",
    "typing",
    "weakref",
    "zoneinfo",
}
"""All of the standard library that the core uses: values, containers, types, what time it is where, and how to let go.
"""

IMPURE_NAMES = {"breakpoint", "eval", "exec", "hash", "id", "input", "open", "print", "vars"}
IMPURE_ATTRIBUTES = {"fromtimestamp", "now", "today", "utcnow"}
PURE_OWNERS = {"context", "under"}
"""What has a `now` that was given to it."""


def path_of(module):
    return str(module.relative_to(CORE))


def nodes(module, node_type):
    return [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, node_type)]


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_imports(module):
    """A module of the core imports only what is listed of the standard library, and the core."""
    imported = {alias.name for node in nodes(module, ast.Import) for alias in node.names}
    for node in nodes(module, ast.ImportFrom):
        assert node.level == 0
        imported.add(node.module)
    foreign = {name for name in imported if not name.startswith("cartera.core")} - STANDARD
    assert not foreign


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_no_clock_chance_or_output(module):
    """A module of the core asks no clock, prints and opens nothing, and orders nothing by identity or hash."""
    named = {node.id for node in nodes(module, ast.Name) if isinstance(node.ctx, ast.Load)}
    assert not named & IMPURE_NAMES
    for node in nodes(module, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        assert node.attr not in IMPURE_ATTRIBUTES or owner in PURE_OWNERS, f"line {node.lineno}"


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_no_generator_over_a_set_literal(module):
    """Nothing is listed in the order of a set that is made on the spot."""
    for node in ast.walk(ast.parse(module.read_text())):
        over = []
        if isinstance(node, ast.For):
            over = [node.iter]
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
            over = [each.iter for each in node.generators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"list", "tuple"}:
            over = node.args
        assert not any(_is_set(each) for each in over), f"line {node.lineno}"


def _is_set(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"set", "frozenset"}
    return isinstance(node, ast.Set | ast.SetComp)


def test_default_values_are_immutable():
    """No function or record of the core has a list, dictionary or set as a default that calls could change."""
    for module in MODULES:
        for function in nodes(module, ast.FunctionDef):
            for default in (*function.args.defaults, *function.args.kw_defaults):
                assert not isinstance(default, ast.List | ast.Dict | ast.Set), f"{path_of(module)} {function.name}"


@pytest.mark.req("W4")
def test_same_bytes_under_every_hash_seed():
    """The same commands give the same changes, byte for byte, in processes that order their sets differently."""
    digests = {_digest_with(seed) for seed in ("1", "2")}
    assert len(digests) == 1


def _digest_with(seed):
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from tests.core.test_purity import print_digest; print_digest()"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def print_digest():
    """What `test_same_bytes_under_every_hash_seed` runs in processes of its own."""
    digest = hashlib.sha256()
    for seed in range(8):
        for payload in run_random_commands(seed, steps=100):
            digest.update(payload)
    sys.stdout.write(digest.hexdigest())
