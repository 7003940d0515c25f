"""Metrics: what a service has done, as Prometheus reads it."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
import yaml
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from cartera.engine import gate as gates
from cartera.settings import SettingsError, load_settings
from cartera.telemetry.catalogue import METRICS, OTHER, Kind
from tests.telemetry.conftest import observed

# One service for all of them, in their order.
pytestmark = [pytest.mark.req("G4"), pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATIONS = ROOT / "docs/operations.md"

CALL = {"campaign_id": "ventas", "channel": 2}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(settings):
    async with observed(settings) as service:
        yield service


async def test_calls_are_counted_by_method_and_code(seen):
    """Each call with what came of it, an error with its reason; a call that was quick is in a quick bucket."""
    await seen.acme.RouteInteraction(**CALL, contact_id="c0")
    with pytest.raises(grpc.aio.AioRpcError):
        await seen.acme.GetAgent(agent_id="nobody")
    route = {"service": "RoutingService", "method": "RouteInteraction"}
    assert await seen.value("cartera_rpc_calls_total", **route, code="OK") == 1
    assert await seen.value("cartera_rpc_duration_seconds_bucket", **route, le="+Inf") == 1
    assert await seen.value("cartera_rpc_errors_total", reason="RESOURCE_NOT_FOUND") == 1
    assert await seen.value("cartera_rpc_errors_total", reason="INTERNAL") == 0
    assert await seen.value("cartera_rpc_calls_in_flight") == 0


async def test_a_call_that_leaves_before_anything_is_done_for_it_is_counted(seen, monkeypatch):
    """Many call, and one of those who wait for each other is gone."""
    monkeypatch.setattr(gates, "LONGEST", 3600.0)
    gate, came = seen.service.engine.gate, asyncio.Event()
    gate.close()
    monkeypatch.setattr(gate, "open", lambda: None)
    monkeypatch.setattr(gate, "_came", came.set)
    call = seen.acme.RouteInteraction(**CALL, contact_id="gone")
    await asyncio.wait_for(came.wait(), 10)
    call.cancel()
    gone = {"service": "RoutingService", "method": "RouteInteraction", "code": "CANCELLED"}
    await seen.until(1, "cartera_rpc_calls_total", **gone)
    assert await seen.value("cartera_rpc_calls_in_flight") == 0
    monkeypatch.undo()
    gate.open()


async def test_streams_are_shown_while_they_are_open(seen):
    """A watcher is there until it leaves, which is no failure; what it was given was timed."""
    watch = {"service": "EventService", "method": "WatchEvents"}
    stream = seen.acme.WatchEvents()
    await stream.read()
    route = await seen.acme.RouteInteraction(**CALL, contact_id="c1")
    while (await stream.read()).change.revision < route.revision:
        pass
    assert await seen.value("cartera_rpc_streams", **watch) == 1
    assert await seen.value("cartera_watchers") == 1
    stream.cancel()
    await seen.until(0, "cartera_rpc_streams", **watch)
    assert await seen.value("cartera_rpc_calls_total", **watch, code="CANCELLED") == 1
    assert await seen.value("cartera_watchers") == 0
    assert await seen.value("cartera_feed_lag_seconds_count") >= 1


async def test_the_floor_is_shown_with_bounded_labels(seen):
    """Of three workgroups two have labels of their own, those where it is waited longest; the rest are together."""
    await seen.acme.CreateWorkgroup(workgroup={"workgroup_id": "late", "method": 3})
    await seen.acme.SetAgentStatus(agent_id="carla", status=1)
    await seen.acme.RouteInteraction(campaign_id="ayuda", contact_id="c2", channel=2)
    seen.clock.move(timedelta(seconds=90))
    metrics = await seen.metrics()
    waiting = {
        (dict(labels)["tenant"], dict(labels)["workgroup"]): value
        for (name, labels), value in metrics.items()
        if name == "cartera_workgroup_waiting"
    }
    assert waiting == {("acme", "sales"): 2, ("acme", "support"): 1, (OTHER, OTHER): 0}
    assert await seen.value("cartera_workgroup_oldest_wait_seconds", tenant="acme", workgroup="support") == 90
    assert await seen.value("cartera_agents", tenant="acme", status="online") == 1
    assert await seen.value("cartera_agents", tenant="acme", status="offline") == 2


async def test_what_falls_due_says_how_late_it_was(seen):
    """A session that ended half an hour ago, and is ended now."""
    before = await seen.value("cartera_timer_lateness_seconds_sum")
    seen.clock.move(timedelta(hours=12, minutes=30))
    await seen.service.engine.sweep()
    assert await seen.value("cartera_timer_lateness_seconds_sum") - before >= 1800


async def test_every_metric_of_the_catalogue_is_there_with_its_labels(seen):
    """Nothing is promised that isn't shown, and nothing is shown that isn't promised."""
    families = {}
    for family in text_string_to_metric_families((await seen.ask())[2]):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        families[name] = (family.type, {frozenset(each.labels.keys() - {"le"}) for each in family.samples})
    promised = {metric.name: (str(metric.kind), {frozenset(metric.labels)}) for metric in METRICS}
    assert promised == {name: found for name, found in families.items() if name.startswith("cartera_")}
    assert {"process_cpu_seconds_total", "process_resident_memory_bytes", "python_info"} <= families.keys()


async def test_both_formats_say_the_same(seen):
    """The text that every Prometheus reads, and OpenMetrics where it is asked for."""
    _, kind, text = await seen.ask(accept="application/openmetrics-text;version=1.0.0")
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    found = {each.name for family in openmetrics(text) for each in family.samples if each.name.startswith("cartera_")}
    assert found == {name for name, _ in await seen.metrics() if name.startswith("cartera_")}


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "GET", 404), ("/metrics", "POST", 405), ("/metrics?x=1", "GET", 200), ("/metrics", "HEAD", 200)],
)
async def test_other_requests_are_answered_too(seen, path, method, status):
    """What isn't a question for metrics is told where they are."""
    assert (await seen.ask(path, method))[0] == status


async def test_channelz_is_served_where_it_is_asked_for(seen):
    """At a port of its own: the service's server is among those that it shows."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{seen.service.telemetry.admin_port}") as channel:
        servers = await _servers(channelz_pb2_grpc.ChannelzStub(channel))
    assert max(server.data.calls_started for server in servers) >= 1
    async with grpc.aio.insecure_channel(seen.service.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channelz_pb2_grpc.ChannelzStub(channel).GetServers(channelz_pb2.GetServersRequest())
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def _servers(stub):
    """All of this process: the tests before have left some."""
    servers, is_end = [], False
    while not is_end:
        first = servers[-1].ref.server_id + 1 if servers else 0
        page = await stub.GetServers(channelz_pb2.GetServersRequest(start_server_id=first))
        servers, is_end = [*servers, *page.server], page.end
    return servers


async def test_channelz_stays_on_this_machine():
    """It shows everybody's connections to whoever asks."""
    with pytest.raises(SettingsError, match="loopback"):
        load_settings(admin_listen="0.0.0.0:7734", insecure=True)


# What is written about them

_FUNCTIONS = re.compile(r"cartera_[a-z_]+|process_[a-z_]+")
_SELECTOR = re.compile(r"((?:cartera|process)_[a-z_]+)\{([^}]*)\}")
_BY = re.compile(r"by \(([^)]*)\)")
_SERIES = {
    name: {*metric.labels, *more}
    for metric in METRICS
    for name, more in (
        [(metric.name + suffix, {"le"} if suffix == "_bucket" else set()) for suffix in ("_bucket", "_count", "_sum")]
        if metric.kind is Kind.HISTOGRAM
        else [(metric.name, set())]
    )
}
_SCRAPED = {"job", "instance", "le"}
_OF_PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def problems_of(expression):
    """What an expression asks for that no service shows."""
    for name in _FUNCTIONS.findall(expression):
        if name not in _SERIES and name not in _OF_PROCESS:
            yield name
    for name, matchers in _SELECTOR.findall(expression):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            if label not in _SERIES.get(name, set()) | _SCRAPED:
                yield f"{name}{{{label}}}"
    known = _SCRAPED.union(*_SERIES.values(), {"alertname"})
    for labels in _BY.findall(expression):
        yield from (label for label in re.split(r"[, ]+", labels) if label and label not in known)


def alerts():
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels():
    return [each for each in json.loads((DEPLOY / "grafana/cartera.json").read_text())["panels"] if "targets" in each]


async def test_alerts_and_panels_ask_for_what_there_is():
    """Every metric and every label in an alert or on the dashboard is one that a service shows."""
    expressions = [rule["expr"] for rule in alerts()]
    expressions += [target["expr"] for panel in panels() for target in panel["targets"]]
    assert len(expressions) > 40
    assert [problem for expression in expressions for problem in problems_of(expression)] == []
    assert list(problems_of('sum by (colour) (cartera_no{job="x"}) / cartera_agents{shape="round"}')) == [
        "cartera_no",
        "cartera_agents{shape}",
        "colour",
    ]


async def test_every_alert_says_what_it_is_and_where_to_read_on():
    """A summary, a description, how bad it is, and a section of the operators' guide that is there."""
    headings = {line.lstrip("# ").lower() for line in OPERATIONS.read_text().splitlines() if line.startswith("#")}
    for rule in alerts():
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}, rule["alert"]
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (page, anchor) == ("docs/operations.md", rule["alert"].lower())
        assert anchor in headings, rule["alert"]


async def test_panels_have_ids_and_places_of_their_own():
    """None lies over another, and each says what it shows."""
    placed = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(set(placed)) == len(placed)
    assert len({panel["id"] for panel in panels()}) == len(panels())
    assert all(panel["description"] for panel in panels())


async def test_the_guide_lists_every_metric():
    """With its labels and what it means, as the catalogue has them."""
    rows = [line for line in OPERATIONS.read_text().splitlines() if line.startswith("| `cartera_")]
    assert rows == [row_of(metric) for metric in METRICS]


def row_of(metric):
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |".replace("|  |", "| |")
