"""The version stands in pyproject.toml. Whatever else names it says the same, and so does the place of the sources.

python -m tests.packaging.versions             says where another one stands
python -m tests.packaging.versions VERSION     and what a release of this version still lacks
"""

import json
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCES = "github.com/cartera-dev/cartera"
"""Where the sources are, as a Go module is named."""

RELEASED = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$")
COMING = re.compile(r"^What will be (\d+\.\d+\.\d+)\.$")

Place = tuple[str, str]
"""A file, with what stands there."""


def version(root: Path = ROOT) -> str:
    declared = _toml(root / "pyproject.toml")["project"]["version"]
    assert isinstance(declared, str)
    return declared


def places(root: Path = ROOT) -> Iterator[Place]:
    """All places but pyproject.toml that name the version."""
    locked = _toml(root / "uv.lock")["package"]
    yield "uv.lock", next(package["version"] for package in locked if package["name"] == "cartera")
    yield "CHANGELOG.md", changelog(root)
    for path, before in IMAGES.items():
        yield path, re.findall(rf"{re.escape(before)}(\d[\w.]*)", (root / path).read_text("utf-8"))[0]
    for file in manifests(root, "package.json"):
        yield _named(file, root), json.loads(file.read_text("utf-8"))["version"]
        yield from _of_lock(file.with_name("package-lock.json"), root)
    for file in manifests(root, "pom.xml"):
        yield _named(file, root), _pom(file, "version")


IMAGES = {
    "Dockerfile": "ARG VERSION=",
    "deploy/compose/compose.yaml": "image: cartera:${CARTERA_VERSION:-",
    "deploy/kubernetes/finish/kustomization.yaml": "newTag: ",
    "deploy/kubernetes/migrate/kustomization.yaml": "newTag: ",
    "deploy/kubernetes/service/kustomization.yaml": "newTag: ",
}
"""Where an image is named, and what its version stands behind."""


def changelog(root: Path) -> str:
    """The version of the newest entry: the one that was released, or the one that is to come."""
    lines = (root / "CHANGELOG.md").read_text("utf-8").splitlines()
    newest = next(number for number, line in enumerate(lines) if line.startswith("## "))
    said = RELEASED.match(lines[newest]) or next(filter(None, map(COMING.match, lines[newest + 1 :])), None)
    return said[1] if said else lines[newest]


def sources(root: Path = ROOT) -> Iterator[Place]:
    """All places that name the sources, as a Go module does."""
    for file in manifests(root, "go.mod"):
        [module] = re.findall(r"^module (\S+)$", file.read_text("utf-8"), re.MULTILINE)
        yield _named(file, root), module.removesuffix(f"/{_named(file.parent, root)}")
    for file in manifests(root, "package.json"):
        repository = json.loads(file.read_text("utf-8")).get("repository")
        if repository:
            yield _named(file, root), _repository(repository["url"])
    for file in manifests(root, "pom.xml"):
        yield _named(file, root), _repository(_pom(file, "scm", "url"))
    for name, url in _toml(root / "pyproject.toml")["project"].get("urls", {}).items():
        yield f"pyproject.toml, {name}", "/".join(_repository(url).split("/")[:3])


def manifests(root: Path, name: str) -> list[Path]:
    """The files of this name that belong to what is published, or runs beside it."""
    found = (file for folder in ("clients", "gateways") for file in (root / folder).glob(f"*/{name}"))
    return sorted(found)


def differences(root: Path = ROOT) -> list[str]:
    """What doesn't say what pyproject.toml says, or names other sources."""
    wanted = version(root)
    found = [f"{place} has {said}, not {wanted}" for place, said in places(root) if said != wanted]
    found += [f"{place} has {said}, not {SOURCES}" for place, said in sources(root) if said != SOURCES]
    return found


def lacking(released: str, root: Path = ROOT) -> list[str]:
    """What a release of this version still lacks."""
    found = [] if version(root) == released else [f"pyproject.toml has {version(root)}, not {released}"]
    newest = re.findall(r"^## .*$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    if not RELEASED.match(newest):
        found.append(f"CHANGELOG.md begins with {newest!r}: it wants the version and the day")
    if int(released.partition(".")[0]) > 1:
        found.append("from 2 on a Go module bears its major version in its path")
    if _git(root, "tag", "--list", f"v{released}"):
        found.append(f"the tag v{released} is there already")
    if _git(root, "status", "--porcelain"):
        found.append("there are changes that are not committed")
    return found


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _of_lock(file: Path, root: Path) -> Iterator[Place]:
    """A lock names the package itself, and those of the project that it takes from their folders."""
    packages = json.loads(file.read_text("utf-8"))["packages"]
    for path, package in packages.items():
        if not path or path.startswith("../"):
            yield f"{_named(file, root)}, {path or 'itself'}", package["version"]


def _pom(file: Path, *path: str) -> str:
    project = ET.parse(file).getroot()  # noqa: S314, our own file
    namespace = project.tag.partition("}")[0] + "}"
    return project.findtext("/".join(namespace + name for name in path), default="none")


def _repository(url: str) -> str:
    return re.sub(r"^(?:git\+)?https://|\.git$", "", url)


def _named(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def main(arguments: Iterable[str]) -> None:
    found = differences()
    for released in arguments:
        found += lacking(released)
    if found:
        sys.exit("\n".join(found))
    sys.stdout.write(f"{version()} everywhere\n")


if __name__ == "__main__":
    main(sys.argv[1:])
