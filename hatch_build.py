"""The build hook: turns protos/ into Python before the package is put together.

It runs for the wheel and for an editable install alike. What it writes is not committed:

- protos/cartera/routing/v1/x.proto becomes x_pb2.py, x_pb2_grpc.py and their type stubs below src/;
- vendored protos (protos/buf/...) become modules below cartera.routing, so that installing cartera puts no
  package named `buf` beside other people's. Only the import is moved: the descriptors keep their names;
- service_config.json is copied into the package, where the client reads it.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OWN_PACKAGE = "cartera"
HOME_OF_VENDORED = "cartera.routing"
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


class ContractBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002, hatchling's interface
        root = Path(self.root)
        generate(root / "protos", root / "src")
        shutil.copyfile(root / "service_config.json", root / "src" / OWN_PACKAGE / "service_config.json")


def generate(protos: Path, source: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        compiled = Path(directory)
        compile_protos(protos, compiled)
        modules = {destination(path, compiled): path.read_text("utf-8") for path in generated_below(compiled)}
    vendored = sorted({name.parts[0] for name in relative_protos(protos)} - {OWN_PACKAGE})
    wanted = {
        source / path: move_imports(text, vendored)
        for path, text in modules.items()
        if not serves_nothing(path, modules)
    }
    remove_stale(source / OWN_PACKAGE, wanted.keys())
    for path, text in wanted.items():
        replace(path, text)


def compile_protos(protos: Path, compiled: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"--proto_path={protos}",
        f"--plugin=protoc-gen-mypy={plugin('protoc-gen-mypy')}",
        f"--plugin=protoc-gen-mypy_grpc={plugin('protoc-gen-mypy_grpc')}",
        f"--python_out={compiled}",
        f"--grpc_python_out={compiled}",
        f"--mypy_out=quiet:{compiled}",
        f"--mypy_grpc_out=quiet:{compiled}",
        *map(str, relative_protos(protos)),
    ]
    finished = subprocess.run(command, cwd=protos, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise SystemExit(f"protoc refuses the contract:\n{finished.stdout}{finished.stderr}")


def plugin(name: str) -> str:
    # Without build isolation the environment's scripts need not be on PATH.
    path = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is missing: it comes with the build requirement mypy-protobuf")
    return path


def relative_protos(protos: Path) -> list[Path]:
    return sorted(path.relative_to(protos) for path in protos.rglob("*.proto"))


def generated_below(directory: Path) -> list[Path]:
    return sorted(path for pattern in GENERATED for path in directory.rglob(pattern))


def destination(path: Path, compiled: Path) -> Path:
    relative = path.relative_to(compiled)
    return relative if relative.parts[0] == OWN_PACKAGE else Path(*HOME_OF_VENDORED.split("."), relative)


def serves_nothing(path: Path, modules: dict[Path, str]) -> bool:
    """The gRPC plugin writes a module for every proto, also for one without a service."""
    return path.stem.endswith("_pb2_grpc") and "\nclass " not in modules[path.with_suffix(".py")]


def move_imports(text: str, vendored: list[str]) -> str:
    if not vendored:
        return text
    names = "|".join(map(re.escape, vendored))
    return re.sub(rf"^(from|import) (?=(?:{names})\b)", rf"\1 {HOME_OF_VENDORED}.", text, flags=re.MULTILINE)


def remove_stale(package: Path, wanted: Collection[Path]) -> None:
    for path in generated_below(package):
        if path not in wanted:
            path.unlink()


def replace(path: Path, text: str) -> None:
    """Never leaves half a module for a process that imports it at this moment."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)
