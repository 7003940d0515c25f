"""The judge finds each broken promise about calls, and none in a history in which all were kept."""

import pytest

from chaos.judge import PROMISES, judge
from tests.chaos.histories import History, Line, change_with


def answered(*names: str):
    """The calls of these methods that were answered."""

    def is_answered(call: Line) -> bool:
        validated = getattr(call["request"], "validate_only", False)
        return call["code"] == "OK" and call["name"] in names and not validated

    return is_answered


def refuse(code: str, reason: str):
    return lambda call: call.update(code=code, reason=reason)


@pytest.mark.req("G6")
def test_nothing_is_found_where_all_was_kept(history: History) -> None:
    """No promise is broken in a history to which nothing was done, and every promise has been looked at."""
    verdict = judge(history.directory)
    assert verdict.violations == []
    assert [promise for promise in PROMISES if not verdict.checks[promise].looked_at] == []


@pytest.mark.req("G2", "G6")
def test_a_lost_answer_is_found(history: History) -> None:
    """An answered request whose change isn't in the log is told of."""
    history.change_log(lambda changes: change_with(changes, "interaction_completed").ClearField("request_id"))
    assert "acknowledged" in history.violated()


@pytest.mark.req("G2")
def test_a_request_done_twice_is_found(history: History) -> None:
    """Two changes of one request_id are told of."""

    def falsify(changes) -> None:
        first, second = [change for change in changes if change.request_id][-2:]
        second.request_id = first.request_id

    history.change_log(falsify)
    assert "once" in history.violated()


@pytest.mark.req("G2")
def test_a_different_answer_to_a_retry_is_found(history: History) -> None:
    """A copy of a request that got other bytes is told of."""
    history.repeat_call(answered("CompleteInteraction"), lambda call: setattr(call["response"], "revision", 1))
    assert "same-answer" in history.violated()


@pytest.mark.req("G2")
def test_a_retry_that_is_refused_after_it_was_done_is_found(history: History) -> None:
    """A retry gets the first answer; a refusal then is told of."""
    history.repeat_call(answered("CompleteInteraction"), refuse("FAILED_PRECONDITION", "INTERACTION_ENDED"))
    assert history.violated() == {"refused"}


@pytest.mark.req("G2", "G6")
def test_a_refused_request_that_was_done_is_found(history: History) -> None:
    """A request that was only ever refused, and stands in the log, is told of."""
    calls = history.calls()
    done = next(call for call in calls if answered("CancelInteraction")(call))["request"].request_id
    for call in calls:
        if getattr(call["request"], "request_id", "") == done:
            refuse("FAILED_PRECONDITION", "INTERACTION_NOT_ASSIGNED")(call)
    history.write_calls(calls)
    assert "refused" in history.violated()


@pytest.mark.req("G2")
def test_an_open_outcome_is_found(history: History) -> None:
    """A request of which nobody knows in the end what became of it is told of."""
    calls = history.calls()
    last = next(call for call in reversed(calls) if answered("SetAgentStatus")(call))
    last.update(code="UNAVAILABLE", reason="")
    history.write_calls(calls)
    assert "settled" in history.violated()


@pytest.mark.req("G6")
def test_an_interaction_that_is_not_found_again_is_found(history: History) -> None:
    """What somebody was told of is there: a refusal that says otherwise is told of."""
    history.repeat_call(answered("GetInteraction", "WriteNote"), refuse("NOT_FOUND", "RESOURCE_NOT_FOUND"))
    assert "truthful" in history.violated()


@pytest.mark.req("G3")
def test_a_fault_of_the_service_is_found(history: History) -> None:
    """A call that failed by a fault of the service is told of."""
    history.change_call(answered("ListAgents"), refuse("INTERNAL", "INTERNAL"))
    assert history.violated() == {"typed"}


@pytest.mark.req("G6")
def test_an_old_answer_is_found(history: History) -> None:
    """A read that shows less than somebody had been told of before is told of."""
    history.repeat_call(answered("GetAgent", "ListAgents", "ListInteractions"), lambda call: None)
    assert "real-time" in history.violated()


@pytest.mark.req("G6")
def test_an_answer_of_other_than_the_log_is_found(history: History) -> None:
    """An answer that shows anything else than the log, folded to its revision, is told of."""
    history.change_call(answered("RouteInteraction"), lambda call: call["response"].interaction.tags.append("x"))
    assert "replay" in history.violated()


@pytest.mark.req("G6")
def test_a_read_of_other_than_the_log_is_found(history: History) -> None:
    """A read that shows anything else than the log, folded to its revision, is told of."""
    history.change_call(answered("ListAgents"), lambda call: call["response"].presences.pop())
    assert "reads" in history.violated()


@pytest.mark.req("G6")
def test_a_read_older_than_asked_for_is_found(history: History) -> None:
    """A read that shows less than its min_revision is told of."""

    def falsify(call: Line) -> None:
        call["request"].min_revision = call["response"].revision + 1

    history.change_call(answered("ListAgents", "ListInteractions"), falsify)
    assert history.violated() == {"min-revision"}


@pytest.mark.req("Z7")
def test_what_was_only_validated_leaves_nothing(history: History) -> None:
    """An answer to validate_only that shows an interaction begun is told of."""
    history.change_call(answered("RouteInteraction"), lambda call: setattr(call["request"], "validate_only", True))
    assert "validated" in history.violated()


@pytest.mark.req("G6")
def test_rows_that_differ_are_found(history: History) -> None:
    """What `cartera verify` found different is told of."""
    (history.directory / "verify.json").write_text('{"tenant-1": ["Interaction i4"]}')
    assert history.violated() == {"rows"}
