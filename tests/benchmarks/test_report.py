"""The benchmark's machinery, without its clock: what is asked for is measured, and the report has its shape."""

import json
from itertools import islice, pairwise

import pytest

from benchmarks import suite
from benchmarks.__main__ import main
from benchmarks.callers import Sample
from benchmarks.calls import Caller, Unassigned
from benchmarks.case import TARGETS, Target
from benchmarks.core import Centre, records
from benchmarks.document import BEGIN, END, REPLICAS_BEGIN, REPLICAS_END, document
from benchmarks.plan import QUICK
from benchmarks.pressure import Pace
from benchmarks.replicas import FIGURES, SPREAD, replicas_report
from benchmarks.report import write_json
from benchmarks.routing import FIRST_LOADS, NO_OP, Measured, Series, routing_cases
from benchmarks.waiting import AGENTS, in_one_queue
from cartera.core.vocabulary import AssignmentMethod
from cartera.routing.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    RouteInteractionRequest,
    RouteInteractionResponse,
    RoutingOutcome,
)

TINY = QUICK._replace(decisions=2, decision_runs=1, memory_agents=20, memory_waiting=20)
ASKED = {"name", "ratio", "unit", "against", "runs", "medians", "target_first", "target_goal"}


def sample(cpu: float) -> Sample:
    return Sample(routes=10, calls=20, seconds=1.0, latencies=[0.001] * 10, server_cpu=cpu, database_cpu=0.001)


@pytest.fixture
def measured() -> Measured:
    """Two runs, in which each database took twice and thrice what the no-op took."""
    no_op = [sample(0.01), sample(0.01)]
    databases = {"sqlite": [sample(0.02), sample(0.03)], "postgres": [sample(0.02), sample(0.03)]}
    series = Series({NO_OP: no_op, **databases})
    return Measured([(load, series) for load in FIRST_LOADS], {"sqlite": "3", "postgres": "18"})


def test_the_report_has_every_case_that_is_asked_for_in_its_shape(measured, monkeypatch, tmp_path):
    """Every case but the long ones is in a quick report, each with what a reader needs to judge it."""
    monkeypatch.setattr(suite, "measure_routing", lambda _plan, _names, _progress: measured)
    monkeypatch.setattr("benchmarks.core.AGENTS", (10, 100))
    monkeypatch.setattr("benchmarks.core.MANY", "10")
    monkeypatch.setattr("benchmarks.waiting.WAITING", (100, 200))
    monkeypatch.setattr("benchmarks.waiting.MANY", "200")
    monkeypatch.setattr("benchmarks.waiting.WORKGROUPS", 10)
    monkeypatch.setattr("benchmarks.waiting.AGENTS_IN_ALL", 50)

    cases, versions = suite.measure(TINY, [], lambda _: None)
    write_json(tmp_path / "deep" / "out.json", cases, TINY.name, versions)

    report = json.loads((tmp_path / "deep" / "out.json").read_text())
    assert {case["name"] for case in report["cases"]} == TARGETS.keys() - suite.LONG
    assert all(case.keys() >= ASKED for case in report["cases"])
    assert all(case["ratio"] > 0 and case["runs"] for case in report["cases"])
    assert report["environment"]["postgres"] == "18"


def test_a_ratio_is_the_median_of_the_ratios_within_each_run(measured):
    cases = {case.name: case for case in routing_cases(measured)}

    assert cases["route_cpu_ratio_sqlite"].runs == [2.0, 3.0]
    assert cases["route_cpu_ratio_sqlite"].ratio == 2.5
    assert cases["route_rps_ratio_sqlite"].ratio == 1.0
    assert cases["postgres_cpu_us_per_route"].ratio == pytest.approx(100)


def test_a_case_alone_is_measured_alone():
    cases, _ = suite.measure(TINY, ["memory_bytes_per_agent"], lambda _: None)

    assert [case.name for case in cases] == ["memory_bytes_per_agent"]


def test_targets_are_bounds_above_or_below():
    assert Target(1.8).is_met(1.8, 1.7)
    assert not Target(1.8).is_met(1.8, 1.9)
    assert Target(0.55, at_least=True).is_met(0.55, 0.6)
    assert Target().is_met(None, 1.0) is None


def test_the_joined_bytes_of_a_call_are_the_request():
    caller = Caller("run", 9)
    request = RouteInteractionRequest.FromString(next(caller.requests()))
    answer = RouteInteractionResponse(outcome=RoutingOutcome.ROUTING_OUTCOME_ASSIGNED)
    answer.interaction.interaction_id = "i7"
    completion = CompleteInteractionRequest.FromString(caller.completion(answer.SerializeToString(), 0))

    assert (request.tenant_id, request.contact_id, len(request.request_id)) == ("tenant-1", "contact-000009", 36)
    assert (completion.interaction_id, len(completion.request_id)) == ("i7", 36)


def test_people_come_at_random_the_same_every_time_and_as_many():
    """So that every server is asked the same, and the pace is the one that is meant."""
    evenly, at_random = (Pace("", [0], 100.0, 1.0, at_random=each) for each in (False, True))
    came = list(islice(at_random.due(), 10_001))

    assert list(islice(evenly.due(), 4)) == pytest.approx([0.0, 0.01, 0.02, 0.03])
    assert came == list(islice(at_random.due(), 10_001))
    assert came == sorted(came)
    assert came[-1] == pytest.approx(100, rel=0.05)
    assert len({round(after - before, 4) for before, after in pairwise(came)}) > 100


def test_an_interaction_that_waits_is_no_measurement():
    queued = RouteInteractionResponse(outcome=RoutingOutcome.ROUTING_OUTCOME_QUEUED)

    with pytest.raises(Unassigned, match="QUEUED"):
        Caller("run", 0).completion(queued.SerializeToString(), 0)


@pytest.mark.parametrize("method", [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD])
def test_the_core_is_level_after_each_interaction(method):
    centre = Centre(records(method, 10), 10)

    assert [centre.assigned() for _ in range(20)] == [2] * 20
    assert not any(centre.state.units_in_use(f"agent-{each:06d}") for each in range(10))


def test_the_core_is_level_after_each_claim():
    centre = Centre(records(AssignmentMethod.MANUAL, 10), 10)

    assert [centre.claimed() for _ in range(20)] == [3] * 20
    assert not any(centre.state.units_in_use(f"agent-{each:06d}") for each in range(10))


def test_the_core_is_level_while_others_wait():
    """Each completion hands on one that waits, and another comes to wait."""
    centre = Centre(in_one_queue(5), AGENTS)

    assert [centre.relieved() for _ in range(20)] == [2] * 20
    waiting = centre.state.waiting_in("workgroup")
    assert len(waiting) == 5


def test_the_command_line_names_every_case(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    shown = capsys.readouterr().out
    assert all(name in shown for name in TARGETS)


def test_the_document_takes_the_table_of_a_run(measured, tmp_path):
    """What stands around the table stays, and the table that was there goes."""
    write_json(tmp_path / "out.json", routing_cases(measured), "full", {})
    report = json.loads((tmp_path / "out.json").read_text())

    once = document(report, f"before\n{BEGIN}\nold\n{END}\nafter\n")

    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "old" not in once
    assert "| `route_cpu_ratio_sqlite` | 2.5 x | 2 to 3 | <= 1.8 | <= 1.25 |" in once
    assert document(report, once) == once


def test_the_document_takes_the_table_of_replicas():
    """Each figure beside its ratio to one replica, the median of the ratios within each run."""
    one, two = dict.fromkeys(FIGURES, 10.0), dict.fromkeys(FIGURES, 15.0)
    report = replicas_report({(SPREAD, 1): [one, one], (SPREAD, 2): [two, one]}, "full", "18")

    text = document(report, f"before\n{BEGIN}\nkept\n{END}\n{REPLICAS_BEGIN}\nold\n{REPLICAS_END}\nafter\n")

    assert "| tenants spread | 2 | 12.5 (1.25 x) |" in text
    assert "kept" in text
    assert "old" not in text
    assert document(report, text) == text
