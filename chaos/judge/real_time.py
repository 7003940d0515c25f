"""Real time: what was answered before a call was made, the call and its answer come after (G6)."""

from collections.abc import Iterable, Sequence

from chaos.judge.known import Known, Told
from chaos.judge.operations import Operation
from chaos.judge.requests import Places
from chaos.judge.verdict import Verdict


def told_of(operations: Iterable[Operation]) -> Iterable[Told]:
    """The revisions that callers were told of. An answer given twice tells of an old revision the second time, which
    is no harm: only the highest counts.
    """
    for operation in operations:
        for answer in operation.answers:
            yield Told(answer.ended, answer.revision, answer)


def judge_real_time(
    tenant_id: str, operations: Sequence[Operation], places: Places, known: Known, verdict: Verdict
) -> None:
    """If A was answered before B was called, then revision(A) <= revision(B), and < where B changed something."""
    check = verdict.check("real-time")
    for operation in operations:
        placed = places.get(operation.request_id, ()) if operation.request_id else ()
        answers = operation.answers
        if not placed and not answers:
            continue
        revision = placed[0] if placed else answers[0].revision
        before = known.before(operation.began)
        least = 0 if before is None else before.revision + bool(placed)
        told = f"{before and before.revision} was told of by {before and before.by}, before {operation.attempts[0]}"
        check.require(revision >= least, tenant_id, revision, told)
