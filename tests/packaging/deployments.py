"""What is in deploy/, taken apart: what each way of running the service gives to it."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
VARIABLE = re.compile(r"\bCARTERA_[A-Z_]+[A-Z]")


class Deployment(NamedTuple):
    """A way in which the service is run."""

    variables: dict[str, str]
    """Of its environment."""
    mounted: tuple[str, ...]
    """The secrets that it is given, as files or directories of them."""
    command: list[str]
    seconds: int
    """From SIGTERM to SIGKILL."""


class Repeated(dict[str, Any]):
    """Of a unit: a key that stands there several times has several values."""

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, list) and name in self:
            self[name].extend(value)
        else:
            super().__setitem__(name, value)


def files() -> Iterator[Path]:
    yield from sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)
    yield ROOT / "Dockerfile"


def read(path: str) -> Any:
    """The only document of a file below deploy/."""
    [document] = documents(path)
    return document


def documents(path: str) -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / path).read_text("utf-8")))


def unit() -> dict[str, dict[str, list[str]]]:
    """The systemd unit: sections, keys, values."""
    parser = ConfigParser(strict=False, interpolation=None, dict_type=Repeated, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] - names as they stand there
    parser.read(DEPLOY / "systemd" / "cartera.service")
    return {name: {key: parser[name][key].split("\n") for key in parser[name]} for name in parser.sections()}


def pod(path: str) -> Any:
    return read(path)["spec"]["template"]["spec"]


def in_compose() -> Deployment:
    service = read("compose/compose.yaml")["services"]["cartera"]
    return Deployment(
        variables={name: str(value) for name, value in service["environment"].items()},
        mounted=tuple(f"/run/secrets/{name}" for name in service["secrets"]),
        command=_command_of_image(),
        seconds=_seconds(service["stop_grace_period"]),
    )


def in_kubernetes() -> Deployment:
    found = pod("kubernetes/service/deployment.yaml")
    [container] = found["containers"]
    secrets = {volume["name"] for volume in found["volumes"] if "secret" in volume}
    return Deployment(
        variables=read("kubernetes/service/configuration.yaml")["data"],
        mounted=tuple(each["mountPath"] for each in container["volumeMounts"] if each["name"] in secrets),
        command=container["args"],
        seconds=found["terminationGracePeriodSeconds"],
    )


def in_systemd() -> Deployment:
    service = unit()["Service"]
    lines = (DEPLOY / "systemd" / "cartera.env.example").read_text("utf-8").splitlines()
    credentials = [each.partition(":")[0] for each in service["LoadCredential"]]
    return Deployment(
        variables=dict(each.split("=", 1) for each in [*lines, *service["Environment"]] if VARIABLE.match(each)),
        mounted=tuple(f"%d/{name}" for name in credentials),
        command=service["ExecStart"][0].split()[1:],
        seconds=int(service["TimeoutStopSec"][0]),
    )


DEPLOYMENTS = {"compose": in_compose, "kubernetes": in_kubernetes, "systemd": in_systemd}


def port_of(listen: str) -> int:
    return int(listen.rpartition(":")[2])


def _seconds(span: str) -> int:
    assert span.endswith("s")
    return int(span.removesuffix("s"))


def _command_of_image() -> list[str]:
    command: list[str] = yaml.safe_load(DOCKERFILE.rpartition("\nCMD ")[2])
    return command
