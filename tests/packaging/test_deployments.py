"""Whichever way the service is deployed, it gets what it knows, and what is beside it agrees with it."""

import re

import pytest
import yaml
from typer.testing import CliRunner

from cartera.command_line.main import application
from cartera.contract.messages import SERVICES
from cartera.rpc.health import LIVENESS
from cartera.settings import Settings, is_loopback, load_settings
from tests.packaging.deployments import (
    DEPLOYMENTS,
    DOCKERFILE,
    ROOT,
    VARIABLE,
    documents,
    files,
    pod,
    port_of,
    read,
)

OTHER_VARIABLES = {"CARTERA_VERSION"}
"""Of the image's tag, in the compose file."""

DATABASE_SECONDS = 15
"""What the end of the service may take beside its two settings: the longest statement, and closing connections."""

JOBS = ["kubernetes/migrate/job.yaml", "kubernetes/finish/job.yaml"]

every_deployment = pytest.mark.parametrize("deployment", [make() for make in DEPLOYMENTS.values()], ids=DEPLOYMENTS)


@pytest.fixture
def settings(deployment, monkeypatch, tmp_path) -> Settings:
    """What the service makes of it."""
    for name, value in deployment.variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "password").write_text("secret")
    monkeypatch.setenv("CARTERA_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    return load_settings()


def test_every_variable_is_a_setting():
    """A name that the service doesn't know would be passed over in silence."""
    known = {f"CARTERA_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    for path in files():
        named = set(VARIABLE.findall(path.read_text("utf-8")))
        assert named <= known, path.relative_to(ROOT)


@every_deployment
@pytest.mark.req("G7")
def test_other_machines_are_served_with_tls_and_authentication_alone(settings):
    """The settings are good, reach beyond the machine, and do without --insecure."""
    assert not is_loopback(settings.listen)
    assert not settings.insecure


@every_deployment
@pytest.mark.req("G4", "G6")
def test_the_service_ends_by_itself_before_it_is_killed(settings, deployment):
    """The drain, with what the database takes, is shorter than the time that there is."""
    assert settings.drain_seconds + settings.drain_grace_seconds + DATABASE_SECONDS < deployment.seconds


@every_deployment
def test_every_file_that_is_named_is_there(deployment):
    """What the settings name is mounted, or handed over; and nothing is that none names."""
    named = [value for name, value in deployment.variables.items() if name.endswith("_FILE")]
    assert named
    for name in named:
        assert any(name == each or name.startswith(f"{each}/") for each in deployment.mounted)
    for each in deployment.mounted:
        assert any(name == each or name.startswith(f"{each}/") for name in named)


@every_deployment
def test_no_secret_stands_there(deployment):
    """Neither passwords in URLs nor secrets in variables: in files, all of them."""
    for name, value in deployment.variables.items():
        assert not re.search(r"://[^/@]*:[^/@]*@", value)
        assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET", name)


def commands():
    """Each by what is typed."""
    found = [make().command for make in DEPLOYMENTS.values()]
    found += [pod(job)["containers"][0]["args"] for job in JOBS]
    found += [read("compose/compose.yaml")["services"][name]["command"] for name in ("migrate", "finish")]
    checked = DOCKERFILE.partition("HEALTHCHECK")[2].partition("CMD ")[2].partition("\n")[0]
    found.append(yaml.safe_load(checked)[1:])
    return {" ".join(each): each for each in found}


@pytest.mark.parametrize("command", commands().values(), ids=commands())
def test_every_command_is_one(command):
    """What is run is a command of the program, with options that it has."""
    assert CliRunner().invoke(application, [*command, "--help"]).exit_code == 0
    options = {each for each in command if each.startswith("--")}
    assert options <= set(CliRunner().invoke(application, [command[0], "--help"]).stdout.split())


def test_ports_agree():
    """Where the service listens is where the others look for it: image, Services, probes and Prometheus."""
    compose, kubernetes = (DEPLOYMENTS[name]().variables for name in ("compose", "kubernetes"))
    for variables in (compose, kubernetes):
        assert f"EXPOSE {port_of(variables['CARTERA_LISTEN'])}\n" in DOCKERFILE
    assert read("compose/compose.yaml")["services"]["cartera"]["ports"][0].endswith(":7733")
    [scraped] = read("compose/prometheus/prometheus.yaml")["scrape_configs"]
    assert scraped["dns_sd_configs"][0]["port"] == port_of(compose["CARTERA_METRICS_LISTEN"])

    [container] = pod("kubernetes/service/deployment.yaml")["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    listens = ("CARTERA_LISTEN", "CARTERA_HEALTH_LISTEN", "CARTERA_METRICS_LISTEN")
    assert list(ports.values()) == [port_of(kubernetes[name]) for name in listens]
    for service in documents("kubernetes/service/services.yaml"):
        for each in service["spec"]["ports"]:
            assert ports[each["targetPort"]] == each["port"]


@pytest.mark.req("G4")
def test_probes_ask_for_what_is_served():
    """At the port for health, for names that it knows; what kills a pod is asked whether it is alive, not ready."""
    [container] = pod("kubernetes/service/deployment.yaml")["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    probes = {name: container[f"{name}Probe"]["grpc"] for name in ("startup", "readiness", "liveness")}
    assert {probe["port"] for probe in probes.values()} == {ports["health"]}
    assert {probes[name]["service"] for name in ("startup", "liveness")} == {LIVENESS}
    assert probes["readiness"].get("service", "") in {"", *(service.full_name for service in SERVICES)}

    health = re.search(r"CARTERA_HEALTH_LISTEN=(\S+)", DOCKERFILE)
    assert health is not None
    assert f'"cartera", "health", "--address", "{health[1]}"' in DOCKERFILE
