"""The contract's own rules: buf's style, and nothing that breaks a client of the last release."""

import io
import shutil
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.fixtures.tools import unable

ROOT = Path(__file__).parents[2]


def buf(*arguments: str, directory: Path = ROOT) -> str:
    """What buf complains about, nothing when it is content."""
    command = [f"{sysconfig.get_path('scripts')}/buf", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False).stdout


def git(*arguments: str) -> bytes | None:
    finished = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return finished.stdout if finished.returncode == 0 else None


def copy_of_the_contract(directory: Path) -> Path:
    shutil.copy(ROOT / "buf.yaml", directory)
    shutil.copytree(ROOT / "protos", directory / "protos")
    return directory


@pytest.fixture
def earlier_contract(tmp_path: Path) -> Path:
    """The last release's protos. Before the first release, those of the last commit; out of an archive there are none.

    Until then the check tells of a break while it is being made, and says nothing on a clean checkout.
    """
    if shutil.which("git") is None or git("rev-parse", "--verify", "HEAD") is None:
        unable("no git history here to compare with")
    released = git("describe", "--tags", "--abbrev=0", "--match", "v*")
    revision = released.decode().strip() if released else "HEAD"
    archive = git("archive", "--format=zip", revision, "protos", "buf.yaml")
    if archive is None:
        unable(f"{revision} has no protos")
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(tmp_path)
    return tmp_path


@pytest.mark.req("G1")
def test_buf_lint_is_content() -> None:
    assert buf("lint") == ""


@pytest.mark.req("G1")
def test_the_contract_breaks_no_earlier_client(earlier_contract: Path) -> None:
    assert buf("breaking", "--against", str(earlier_contract)) == ""


@pytest.mark.req("G1")
def test_a_removed_field_counts_as_a_break(tmp_path: Path) -> None:
    changed = copy_of_the_contract(tmp_path)
    proto = changed / "protos/cartera/routing/v1/trial.proto"
    proto.write_text('syntax = "proto3"; package cartera.routing.v1; message Trial { string name = 1; }')
    before = changed / "before.binpb"
    buf("build", "--output", str(before), directory=changed)
    proto.write_text('syntax = "proto3"; package cartera.routing.v1; message Trial {}')
    complaints = buf("breaking", "--against", str(before), directory=changed)
    assert 'Previously present field "1" with name "name" on message "Trial" was deleted' in complaints


@pytest.mark.req("G1")
def test_an_uncommented_field_is_refused(tmp_path: Path) -> None:
    changed = copy_of_the_contract(tmp_path)
    proto = changed / "protos/cartera/routing/v1/trial.proto"
    proto.write_text(
        'syntax = "proto3";\npackage cartera.routing.v1;\n// A trial.\nmessage Trial { string name = 1; }\n'
    )
    assert 'Field "name" should have a non-empty comment' in buf("lint", directory=changed)
