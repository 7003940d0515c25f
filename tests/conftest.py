"""Fixtures for every test, and the order of their files."""

import asyncio
import gc
import os
from functools import cache

import pytest
import typer.testing
import uvloop

# A process that is started for another user begins as a fork of this one, in which gRPC would start its threads anew
# while descriptors are being closed; some die of it. This has to stand before gRPC is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.logs",
    "tests.fixtures.service",
    "tests.fixtures.statements",
]

# For each run of a command Typer makes all commands anew, which takes longer than most of the commands.
typer.testing._get_command = cache(typer.testing._get_command)

LONGEST = ("test_smoke.py", "test_demo.py", "test_postgres.py", "test_migrations.py")
"""Files that take long, mostly waiting. First, so that workers don't wait for one of them at the end."""


@pytest.fixture(scope="session")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    """The event loop that the service runs in is what it is tested in."""
    return uvloop.EventLoopPolicy()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """What was collected stays, and the collector of garbage needn't look at it again and again."""
    gc.collect()
    gc.freeze()
