"""Who has the wheel, or the sdist, has the contract: the protos are in it, whole, and compile by themselves."""

import os
import subprocess
import sysconfig
from importlib import resources
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.packaging.test_distributions import CONTRACT, ROOT

of_the_wheel = pytest.mark.skipif(
    "CARTERA_DISTRIBUTIONS" not in os.environ, reason="an editable installation leaves the protos where they are"
)


def compiled(directory: Path) -> set[str]:
    """The names of the files that come of compiling a directory of protos."""
    command = [f"{sysconfig.get_path('scripts')}/buf", "build", directory, "--output", "-#format=binpb"]
    built = subprocess.run(command, check=True, capture_output=True, cwd=directory)
    return {file.name for file in FileDescriptorSet.FromString(built.stdout).file}


@of_the_wheel
@pytest.mark.req("G1")
@pytest.mark.parametrize("name", CONTRACT)
def test_an_installed_package_has_the_protos(name: str) -> None:
    """As docs/integrating.md says where they are, to the byte."""
    installed = resources.files("cartera").joinpath("protos", name)
    assert installed.read_bytes() == (ROOT / "protos" / name).read_bytes()


@of_the_wheel
@pytest.mark.req("G1")
def test_the_installed_protos_compile() -> None:
    """Nothing that they import is missing, but for what comes with every compiler."""
    with resources.as_file(resources.files("cartera").joinpath("protos")) as directory:
        assert set(CONTRACT) <= compiled(directory)


@pytest.mark.req("G1")
def test_the_protos_of_the_sdist_compile(distributions: Path, tmp_path: Path) -> None:
    [path] = distributions.glob("cartera-*.tar.gz")
    subprocess.run(["tar", "-xzf", path, "-C", tmp_path], check=True)
    [unpacked] = tmp_path.iterdir()
    assert set(CONTRACT) <= compiled(unpacked / "protos")
