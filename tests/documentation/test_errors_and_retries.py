"""docs/errors-and-retries.md says of every reason what to do, and what it says of the client is so."""

import re
from datetime import timedelta

import pytest
from grpc import StatusCode

from cartera.client.channel import published_deadlines
from cartera.client.errors import CarteraError, Details
from cartera.client.position import RESUMABLE_REASONS
from cartera.client.retry import RetryPolicy, worth_another
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.errors import RETRY_AFTER, RULES, Detail
from tests.documentation.features import ROOT

PAGE = (ROOT / "docs" / "errors-and-retries.md").read_text("utf-8")
GROUP = re.compile(r"^### (.+?)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| ([A-Z_]+) \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"`([A-Z_]+)`")
LOST = "What to do after each lost connection"


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def groups() -> dict[str, list[tuple[str, str]]]:
    """The reasons of each group, with the code that stands beside them."""
    return {
        group: [(reason, code) for reasons, code, _ in ROW.findall(text) for reason in NAME.findall(reasons)]
        for group, text in GROUP.findall(section("What to do after each error"))
    }


def by_itself(reason: ErrorReason) -> bool:
    """Whether the client repeats a call that fails so, within the published deadline of one that routes."""
    rule = RULES[reason]
    error = CarteraError(Details(rule.code, "", reason.name))
    waits = RETRY_AFTER.get(reason, 1.0)
    if rule.detail is Detail.RETRY:
        error.retry_delay = timedelta(seconds=waits)
    return worth_another(error) and waits < published_deadlines()["cartera.routing.v1.RoutingService/RouteInteraction"]


@pytest.mark.req("G3")
def test_every_reason_says_what_to_do() -> None:
    """Each stands in one group, once, with the code that it is sent with."""
    listed = [entry for group in groups().values() for entry in group]
    assert len(listed) == len(dict(listed))
    assert dict(listed) == {reason.name: rule.code.name for reason, rule in RULES.items()}


@pytest.mark.req("G2", "G3")
def test_what_is_said_to_be_repeated_is_what_the_client_repeats() -> None:
    """And the two of that group that it doesn't, or not always, say so."""
    repeated = {reason for reason, _ in groups()["Repeat it"]} - {"DEADLINE_PASSED", "TOKEN_EXPIRED"}
    watches = {reason for reason, _ in groups()["Watches"]}
    assert repeated == {reason.name for reason in ErrorReason if by_itself(reason)} - watches


@pytest.mark.req("W1")
def test_what_is_said_to_be_resumed_is_what_the_client_resumes() -> None:
    """After these reasons, and no others, a watch goes on."""
    [said] = re.findall(r"It goes on after broken\s+connections, and after (.+?);", section(LOST), re.DOTALL)
    assert set(NAME.findall(said)) == set(RESUMABLE_REASONS)


@pytest.mark.req("G2")
def test_the_figures_are_those_of_the_client() -> None:
    """How often it calls, and the deadlines that are published."""
    said = " ".join(section("Repeat a call safely").split())
    assert RetryPolicy().attempts == 6
    assert "six times at most" in said
    assert sorted(set(published_deadlines().values())) == [10.0, 30.0, 120.0]
    assert all(f"{seconds} s" in said for seconds in (10, 30, 120))


@pytest.mark.req("G3")
def test_codes_without_a_reason_are_codes() -> None:
    """Of gRPC, and those that leave the outcome unknown say so."""
    [table] = [text for group, text in GROUP.findall(section("What to do after each error")) if "Without" in group]
    rows = re.findall(r"^\| ([A-Z_, ]+) \|", table, re.MULTILINE)
    named = {code for row in rows for code in row.split(", ")}
    assert named <= set(StatusCode.__members__)
