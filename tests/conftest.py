"""Fixtures for every test."""

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.logs",
    "tests.fixtures.service",
    "tests.fixtures.statements",
]
