"""The servers of the contract suite, in a process of their own as runners in every language find them.

For as long as a module takes: a dozen services have something to do even where nobody calls.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.suite.calls import Caller

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def targets_file(tmp_path_factory):
    """Where the servers are, as runners are told."""
    file = tmp_path_factory.mktemp("contract") / "targets.json"
    command = [sys.executable, "-m", "tests.contract.suite.servers", "--targets", file]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as servers:
        assert servers.stdout.readline() == "ready\n"
        yield file
        servers.stdin.close()
        assert servers.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def targets(targets_file):
    return json.loads(targets_file.read_text("utf-8"))


@pytest.fixture(scope="module")
def callers(targets):
    """A connection to each server."""
    callers = {name: Caller(target["address"]) for name, target in targets.items()}
    yield callers
    for caller in callers.values():
        caller.close()
