"""What a user downloads holds the contract, the code generated from it and the published service config."""

import os
import re
import sys
import tarfile
import zipfile
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

import cartera

ROOT = Path(__file__).parents[2]
CONTRACT = sorted(path.relative_to(ROOT / "protos").as_posix() for path in ROOT.glob("protos/**/*.proto"))
WITH_SERVICE = [
    name for name in CONTRACT if re.search(r"^service ", (ROOT / "protos" / name).read_text(), re.MULTILINE)
]


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> set[str]:
    [path] = distributions.glob("cartera-*.whl")
    return set(zipfile.ZipFile(path).namelist())


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> set[str]:
    [path] = distributions.glob("cartera-*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def generated(name: str, ending: str) -> str:
    home = "" if name.startswith("cartera/") else "cartera/routing/"
    return home + name.removesuffix(".proto") + ending


@pytest.mark.req("G1")
@pytest.mark.parametrize("name", CONTRACT)
def test_the_wheel_ships_every_proto(wheel: set[str], name: str) -> None:
    assert f"cartera/protos/{name}" in wheel


@pytest.mark.req("G1")
@pytest.mark.parametrize("name", CONTRACT)
def test_the_wheel_holds_messages_and_their_type_stubs(wheel: set[str], name: str) -> None:
    assert {generated(name, "_pb2.py"), generated(name, "_pb2.pyi")} <= wheel


@pytest.mark.req("G1")
@pytest.mark.parametrize("name", WITH_SERVICE)
def test_the_wheel_holds_services_and_their_type_stubs(wheel: set[str], name: str) -> None:
    assert {generated(name, "_pb2_grpc.py"), generated(name, "_pb2_grpc.pyi")} <= wheel


def test_the_wheel_holds_no_generated_module_whose_proto_is_gone(wheel: set[str]) -> None:
    expected = {generated(name, "_pb2.py") for name in CONTRACT}
    assert {name for name in wheel if name.endswith("_pb2.py")} == expected


def test_the_wheel_installs_one_top_level_package(wheel: set[str]) -> None:
    assert {name.partition("/")[0] for name in wheel if ".dist-info/" not in name} == {"cartera"}


def test_the_wheel_says_that_it_is_typed(wheel: set[str]) -> None:
    assert "cartera/py.typed" in wheel


def test_the_wheel_holds_the_licence(wheel: set[str]) -> None:
    assert f"cartera-{version('cartera')}.dist-info/licenses/LICENSE" in wheel


@pytest.mark.req("G1")
def test_the_sdist_ships_what_the_wheel_is_built_from(sdist: set[str]) -> None:
    needed = {f"protos/{name}" for name in CONTRACT}
    needed |= {"hatch_build.py", "service_config.json", "pyproject.toml", "uv.lock", "LICENSE", "README.md"}
    assert needed <= sdist


def test_the_sdist_holds_no_generated_code(sdist: set[str]) -> None:
    assert [name for name in sdist if "_pb2" in name] == []


def test_the_installed_service_config_is_the_published_one() -> None:
    installed = resources.files("cartera").joinpath("service_config.json").read_text("utf-8")
    assert installed == (ROOT / "service_config.json").read_text("utf-8")


def test_the_package_knows_its_version() -> None:
    assert cartera.__version__ == version("cartera")


@pytest.mark.skipif("CARTERA_DISTRIBUTIONS" not in os.environ, reason="run against the editable installation")
def test_it_is_the_installed_wheel_that_is_tested() -> None:
    assert Path(cartera.__file__).is_relative_to(Path(sys.prefix).resolve())
