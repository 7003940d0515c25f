"""What is shipped, built once."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if built := os.environ.get("CARTERA_DISTRIBUTIONS"):
        return Path(built)
    directory = tmp_path_factory.mktemp("distributions")
    uv = Path(sysconfig.get_path("scripts"), "uv")
    subprocess.run([uv, "build", "--quiet", "--out-dir", directory], cwd=ROOT, check=True)
    return directory
