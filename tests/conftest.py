"""Fixtures for every test, and the order of their files."""

import pytest

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.logs",
    "tests.fixtures.service",
    "tests.fixtures.statements",
]

LONGEST = ("test_smoke.py", "test_demo.py")
"""Files that take longest, mostly waiting. First, so that workers don't wait for one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
