"""Alerts, as Prometheus itself reads them. Its checker isn't everywhere: `scripts/tools` fetches it."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.fixtures.tools import needed

pytestmark = pytest.mark.req("G4")

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yaml"
SCRAPED = ROOT / "deploy/compose/prometheus/prometheus.yaml"
MONITOR = ROOT / "deploy/kubernetes/monitoring/servicemonitor.yaml"
TESTS = ROOT / "tests/telemetry/alerts_test.yaml"


@pytest.fixture
def promtool():
    return shutil.which("promtool", path=ROOT / ".tools") or needed("promtool")


CHECKS = {
    "rules": ("check", "rules", RULES),
    "firing": ("test", "rules", TESTS),
    "compose": ("check", "config", "--syntax-only", SCRAPED),
}


@pytest.mark.parametrize("arguments", CHECKS.values(), ids=CHECKS)
def test_prometheus_takes_what_it_is_given(promtool, arguments):
    """The alerts are rules, and each fires when it is to, and not while nothing is wrong."""
    checked = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_replicas_are_scraped_as_the_job_that_alerts_ask_for():
    """With Compose by its name; on Kubernetes by a label of the Service, whose own name is another."""
    (job,) = yaml.safe_load(SCRAPED.read_text())["scrape_configs"]
    monitor = yaml.safe_load(MONITOR.read_text())
    label = monitor["spec"]["jobLabel"]
    services = yaml.safe_load_all((ROOT / "deploy/kubernetes/service/services.yaml").read_text())
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    (labels,) = [each["metadata"]["labels"] for each in services if wanted <= each["metadata"]["labels"].items()]
    assert job["job_name"] == labels[label] == "cartera"


def test_every_alert_is_tried():
    """One that is added is added to those that must fire."""
    alerts = {line.split()[-1] for line in RULES.read_text().splitlines() if "- alert:" in line}
    fired = {line.partition('alertname="')[2].partition('"')[0] for line in TESTS.read_text().splitlines()}
    assert alerts <= fired
