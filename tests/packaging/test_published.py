"""What scripts/release-check has built for other languages holds what it should, and no more."""

import os
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.packaging.versions import ROOT, version

GENERATED = ("routing_service", "event_service", "error_reason")
"""Of the code that is made from protos/, some."""


class Published(NamedTuple):
    """A distribution, and what has to be in it."""

    file: str
    files: list[str]
    licence: str


GO = f"go-client-{version()}"
DISTRIBUTIONS = [
    Published(
        f"cartera-client-{version()}.tgz",
        [
            *(f"package/dist/{name}" for name in ("index.js", "index.d.ts", "service_config.json")),
            *(f"package/dist/generated/cartera/routing/v1/{name}_pb.js" for name in GENERATED),
            "package/README.md",
        ],
        "package/LICENSE",
    ),
    Published(
        f"cartera-client-{version()}.jar",
        [
            "dev/cartera/client/CarteraChannel.class",
            "dev/cartera/client/service_config.json",
            "dev/cartera/routing/v1/RoutingServiceGrpc.class",
        ],
        "META-INF/LICENSE",
    ),
    Published(
        f"{GO}.tar.gz",
        [
            *(f"{GO}/cartera/routing/v1/{name}.pb.go" for name in GENERATED),
            f"{GO}/cartera/service_config.json",
            f"{GO}/go.mod",
            f"{GO}/go.sum",
            f"{GO}/README.md",
        ],
        f"{GO}/LICENSE",
    ),
]
FOREIGN = ("node_modules/", "/bin/", "/target/", ".gitignore", ".tsbuildinfo")


def contents(path: Path) -> dict[str, bytes]:
    if path.suffix == ".jar":
        with zipfile.ZipFile(path) as jar:
            return {name: jar.read(name) for name in jar.namelist()}
    with tarfile.open(path) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}


@pytest.fixture(scope="module")
def built() -> Path:
    directory = Path(os.environ.get("CARTERA_DISTRIBUTIONS", ROOT / "none"))
    if not (directory / f"cartera-client-{version()}.pom").exists():
        pytest.skip("scripts/release-check builds these")
    return directory


@pytest.mark.req("G1")
@pytest.mark.parametrize("published", DISTRIBUTIONS, ids=lambda published: published.file)
def test_it_holds_what_users_need(built: Path, published: Published) -> None:
    """The library, the code generated from the contract, the service config, the licence; and nothing of a build."""
    found = contents(built / published.file)
    assert set(published.files) <= set(found)
    assert found[published.licence] == (ROOT / "LICENSE").read_bytes()
    assert [name for name in found if any(part in name for part in FOREIGN)] == []


def test_maven_central_gets_sources_and_documentation(built: Path) -> None:
    """It takes no library without."""
    for kind in ("sources", "javadoc"):
        assert contents(built / f"cartera-client-{version()}-{kind}.jar")


@pytest.mark.req("G1")
def test_the_service_config_is_the_published_one(built: Path) -> None:
    """In every language."""
    published = (ROOT / "service_config.json").read_bytes()
    for each in DISTRIBUTIONS:
        found = contents(built / each.file)
        assert [found[name] for name in found if name.endswith("service_config.json")] == [published]
