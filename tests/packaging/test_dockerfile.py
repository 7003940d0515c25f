"""The image is built by the rules of hadolint and of this project."""

import re
import subprocess
import sysconfig
import tomllib
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


def test_the_image_has_every_extra() -> None:
    """Traces, and what looks into a running server, both times that dependencies are installed."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    installing = re.findall(r"--no-dev((?:\s+--extra \w+)*)", DOCKERFILE)
    assert [set(options.split()) - {"--extra"} for options in installing] == [set(declared)] * 2


def test_the_image_says_what_it_is() -> None:
    """By the labels that registries show; its version is the project's."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nARG VERSION={version}\n" in DOCKERFILE
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", DOCKERFILE))
    assert labels == {"title", "description", "licenses", "version", "revision"}


def test_the_service_in_the_image_is_not_root() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 7733\n" in final_stage


@pytest.mark.req("G4")
def test_the_image_asks_the_service_for_its_health() -> None:
    _, _, check = DOCKERFILE.partition("\nHEALTHCHECK ")
    assert check.splitlines()[1].strip().startswith('CMD ["cartera", "health"')
