"""One version, which stands in pyproject.toml; what differs from it is found."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.versions import IMAGES, ROOT, differences, lacking, manifests, places, sources, version

DATED = f"## [{version()}] - 2026-12-01"
READ = ["pyproject.toml", "uv.lock", "CHANGELOG.md", *IMAGES]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that name the version, to be changed."""
    of_packages = [path for name in ("package.json", "package-lock.json", "pom.xml") for path in manifests(ROOT, name)]
    for file in [*(ROOT / name for name in READ), *of_packages, *manifests(ROOT, "go.mod")]:
        there = tmp_path / file.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, there)
    return tmp_path


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.req("G1")
def test_all_places_name_the_same_version() -> None:
    """The lock, the images, the packages of other languages and the changelog; and all name the same sources."""
    assert differences() == []


@pytest.mark.parametrize("place", sorted({place.partition(",")[0] for place, _ in places()}))
def test_another_version_is_found(copy: Path, place: str) -> None:
    """In whichever place it stands."""
    file = copy / place
    text = file.read_text("utf-8")
    file.write_text(re.sub(rf"\b{re.escape(version())}\b", "9.9.9", text), "utf-8")
    assert any(place in each and "9.9.9" in each for each in differences(copy))


@pytest.mark.parametrize("name", [name for name, _ in sources() if not name.startswith("pyproject.toml")])
def test_other_sources_are_found(copy: Path, name: str) -> None:
    """A package that leads to another repository, or a module that would be looked for there."""
    replace(copy / name, "github.com/cartera-dev/", "github.com/elsewhere/")
    assert any(each.startswith(name) for each in differences(copy))


LACKS: dict[str, Callable[[Path], object]] = {
    "pyproject.toml has": lambda root: replace(root / "pyproject.toml", version(), "0.0.9"),
    "CHANGELOG.md begins with": lambda root: replace(root / "CHANGELOG.md", DATED, "## [Unreleased]"),
    "the tag": lambda root: _git(root, "tag", f"v{version()}"),
    "not committed": lambda root: (root / "new").touch(),
}
"""What a release may lack, and how it comes to lack it."""


def _git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def _committed(root: Path) -> None:
    _git(root, "init")
    _git(root, "add", "--all", "--force")
    _git(root, "commit", "--message", "all")


@pytest.fixture
def ready(copy: Path) -> Path:
    """Sources out of which this version may be released."""
    changelog = copy / "CHANGELOG.md"
    text = changelog.read_text("utf-8")
    newest = re.findall(r"^## .*$", text, re.MULTILINE)[0]
    changelog.write_text(text.replace(newest, DATED, 1), "utf-8")
    _committed(copy)
    return copy


def test_nothing_is_lacking_where_all_is_there(ready: Path) -> None:
    assert (lacking(version(), ready), differences(ready)) == ([], [])


@pytest.mark.parametrize("lack", LACKS)
def test_what_a_release_lacks_is_found(ready: Path, lack: str) -> None:
    """And nothing besides."""
    LACKS[lack](ready)
    _git(ready, "commit", "--all", "--allow-empty", "--message", "changed")
    [found] = lacking(version(), ready)
    assert lack in found
