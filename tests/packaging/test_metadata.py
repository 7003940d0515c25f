"""What the package says of itself is what an index takes, and leads readers of it somewhere."""

import re
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from tests.packaging.test_distributions import ROOT
from tests.packaging.versions import SOURCES, version

RELATIVE = re.compile(r"\]\((?!https?://|#)[^)]+\)")


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def stated(request: pytest.FixtureRequest, distributions: Path) -> bytes:
    if request.param == "wheel":
        [path] = distributions.glob("cartera-*.whl")
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(f"cartera-{version()}.dist-info/METADATA")
    [path] = distributions.glob("cartera-*.tar.gz")
    with tarfile.open(path) as sdist:
        file = sdist.extractfile(f"cartera-{version()}/PKG-INFO")
        assert file is not None
        return file.read()


@pytest.fixture(scope="module")
def metadata(stated: bytes) -> Metadata:
    """Read as an index reads it: what it doesn't know, or can't read, is an error."""
    return Metadata.from_email(stated, validate=True)


def test_it_says_what_it_is(metadata: Metadata) -> None:
    assert (metadata.name, str(metadata.version)) == ("cartera", version())
    assert metadata.summary
    assert metadata.keywords
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.license_files == ["LICENSE"]


def test_it_says_for_which_pythons_it_is(metadata: Metadata) -> None:
    """By the field that installers read, and by classifiers, which people read."""
    assert str(metadata.requires_python) == ">=3.11"
    assert "Typing :: Typed" in (metadata.classifiers or [])
    assert "Programming Language :: Python :: 3 :: Only" in (metadata.classifiers or [])


def test_it_leads_to_the_sources(metadata: Metadata) -> None:
    urls = metadata.project_urls or {}
    assert {"Documentation", "Repository", "Changelog"} <= set(urls)
    assert all(url.startswith(f"https://{SOURCES}") for url in urls.values())


def test_its_readme_leads_somewhere(stated: bytes) -> None:
    """An index shows it without the files beside it: links are whole, and to the files of this version."""
    message = message_from_bytes(stated)
    assert message["Description-Content-Type"] == "text/markdown"
    shown = message.get_payload(decode=True).decode("utf-8")
    assert shown.startswith("# Cartera\n")
    assert RELATIVE.findall((ROOT / "README.md").read_text("utf-8"))
    assert RELATIVE.findall(shown) == []
    assert f"](https://{SOURCES}/blob/v{version()}/docs/routing.md)" in shown
