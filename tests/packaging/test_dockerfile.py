"""The image is built by the rules of hadolint and of this project."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_hadolint_is_content() -> None:
    hadolint = Path(sysconfig.get_path("scripts"), "hadolint")
    finished = subprocess.run(
        [hadolint, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stdout) == (0, "")


def test_the_image_installs_as_the_scripts_do() -> None:
    assert "scripts/wheel /opt/cartera" in DOCKERFILE


def test_the_service_in_the_image_is_not_root() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 7733\n" in final_stage


@pytest.mark.req("G4")
def test_the_image_asks_the_service_for_its_health() -> None:
    _, _, check = DOCKERFILE.partition("\nHEALTHCHECK ")
    assert check.splitlines()[1].strip().startswith('CMD ["cartera", "health"')
