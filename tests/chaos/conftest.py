"""A history is recorded once, and falsified by each test in a copy of its own."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.histories import History, record


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("recorded")
    asyncio.run(record(directory))
    return directory


@pytest.fixture
def history(recorded: Path, tmp_path: Path) -> History:
    return History(recorded, tmp_path)
