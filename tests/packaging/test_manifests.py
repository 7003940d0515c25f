"""What is in deploy/ is what its tools take: by their own schemas and checks, without a network."""

import os
import subprocess
import sysconfig
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.fixtures.tools import needed
from tests.packaging.deployments import DEPLOY, DOCKERFILE, documents, pod, read, unit

KUBERNETES = "1.32"
"""The oldest that is still served by those who offer clusters."""

MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").rglob("*.yaml") if path.name != "kustomization.yaml")
KUSTOMIZATIONS = sorted((DEPLOY / "kubernetes").rglob("kustomization.yaml"))
FOREIGN = {"ServiceMonitor"}
"""Kinds that Kubernetes itself doesn't have."""

PODS = ["service/deployment.yaml", "migrate/job.yaml", "finish/job.yaml"]

DIRECTIVES = {
    "Unit": "After Description StartLimitIntervalSec Wants",
    "Service": """
        AmbientCapabilities CapabilityBoundingSet DynamicUser Environment EnvironmentFile ExecStart KillMode KillSignal
        LimitNOFILE LoadCredential LockPersonality MemoryDenyWriteExecute MemoryMax NoNewPrivileges PrivateDevices
        PrivateTmp PrivateUsers ProcSubset ProtectClock ProtectControlGroups ProtectHome ProtectHostname
        ProtectKernelLogs ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem RemoveIPC Restart
        RestartSec RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID StateDirectory
        StateDirectoryMode SystemCallArchitectures SystemCallErrorNumber SystemCallFilter TasksMax TimeoutStartSec
        TimeoutStopSec Type UMask WorkingDirectory
    """,
    "Install": "WantedBy",
}
"""As systemd writes them: it passes over what it doesn't know."""

MOST_EXPOSED = 20
"""Tenths, of what `systemd-analyze security` finds open; 100 is a service without any fence."""


def named(path: Path) -> str:
    return path.relative_to(DEPLOY).as_posix()


def test_the_compose_file_is_one() -> None:
    check = Path(sysconfig.get_path("scripts"), "check-jsonschema")
    file = DEPLOY / "compose" / "compose.yaml"
    ran = subprocess.run([check, "--builtin-schema", "vendor.compose-spec", file], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_the_compose_file_mounts_what_is_there() -> None:
    """Every file of the project that a container is given exists, and every volume, network and secret is declared."""
    compose = read("compose/compose.yaml")
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (DEPLOY / "compose" / source).exists() if source.startswith(".") else source in compose["volumes"]
        assert set(service.get("networks", ())) <= set(compose["networks"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])


@pytest.mark.parametrize("path", MANIFESTS, ids=named)
def test_manifests_are_of_kubernetes(path: Path) -> None:
    for document in documents(named(path)):
        if document["kind"] not in FOREIGN:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=named)
def test_a_kustomization_has_all_that_is_beside_it(path: Path) -> None:
    """And the same image as the others, in the version that the image says."""
    kustomization = yaml.safe_load(path.read_text("utf-8"))
    assert set(kustomization["resources"]) == {each.name for each in path.parent.glob("*.yaml")} - {path.name}
    for image in kustomization.get("images", ()):
        assert image["newName"] == "registry.example.org/cartera"
        assert f"\nARG VERSION={image['newTag']}\n" in DOCKERFILE


@pytest.mark.parametrize("path", PODS)
def test_pods_may_do_nothing_that_they_need_not(path: str) -> None:
    """Not root but the user of the image, nothing to write on, no capabilities, no account of the cluster."""
    found = pod(f"kubernetes/{path}")
    [container] = found["containers"]
    assert found["automountServiceAccountToken"] is False
    assert found["enableServiceLinks"] is False
    assert found["securityContext"]["runAsNonRoot"]
    assert f"\nUSER {found['securityContext']['runAsUser']}\n" in DOCKERFILE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


@pytest.mark.req("G5")
def test_what_belongs_to_the_pods_selects_them() -> None:
    """Services, the disruption budget and the network policy mean the pods of the Deployment."""
    deployment = read("kubernetes/service/deployment.yaml")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == labels
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    services = documents("kubernetes/service/services.yaml")
    assert [service["spec"]["selector"] for service in services] == [labels, labels]
    assert read("kubernetes/service/disruption.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert read("kubernetes/service/network.yaml")["spec"]["podSelector"]["matchLabels"] == labels
    watched = read("kubernetes/monitoring/servicemonitor.yaml")["spec"]["selector"]["matchLabels"].items()
    assert [watched <= service["metadata"]["labels"].items() for service in services] == [True, False]


def test_the_unit_has_directives_that_systemd_knows() -> None:
    assert {section: set(keys) for section, keys in unit().items()} == {
        section: set(keys.split()) for section, keys in DIRECTIVES.items()
    }


def test_systemd_takes_the_unit_and_finds_little_open(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "cartera.service").read_text("utf-8")
    (tmp_path / "cartera.service").write_text(text.replace("/opt/cartera/bin/cartera", "/bin/true"))
    for command in (["verify"], ["security", "--offline=true", f"--threshold={MOST_EXPOSED}"]):
        ran = subprocess.run(
            [needed("systemd-analyze"), *command, tmp_path / "cartera.service"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "SYSTEMD_PAGER": ""},
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
