"""Requests: each is done at most once, an answered one exactly once, and all its answers are one (G2, G6)."""

from collections.abc import Mapping, Sequence

from chaos.judge.evidence import Attempt, Log
from chaos.judge.known import Known
from chaos.judge.operations import Operation
from chaos.judge.verdict import Check, Verdict

ALWAYS_CHANGES = frozenset(
    {
        "RouteInteraction",
        "Transfer",
        "AcceptOffer",
        "RejectOffer",
        "ClaimInteraction",
        "AssignInteraction",
        "CompleteInteraction",
        "FinishWrapUp",
        "CancelInteraction",
        "WriteNote",
        "ReportDelivery",
        "ExtendSession",
        "RemoveExclusiveAgent",
        "CreateContact",
        "DeleteContact",
    }
)
"""Where these are answered, something has changed; others may find that all is so already."""

Places = Mapping[str, Sequence[int]]
"""The revisions of the changes that each request caused."""


class Requests:
    """The requests of a tenant against its log."""

    def __init__(self, tenant_id: str, log: Log, places: Places, known: Known, verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._log = log
        self._places = places
        self._known = known
        self._verdict = verdict

    def judge(self, operations: Sequence[Operation]) -> None:
        mutations = [operation for operation in operations if operation.request_id]
        self._once(mutations)
        for operation in mutations:
            self._settled(operation)
            self._same_answer(operation)
            self._acknowledged(operation)
            self._refused(operation)
        for operation in operations:
            self._typed(operation)

    def _once(self, mutations: Sequence[Operation]) -> None:
        """Every request_id stands in the log at most once, and none that nobody sent."""
        check = self._verdict.check("once")
        asked = {operation.request_id for operation in mutations}
        for request_id, revisions in self._places.items():
            told = f"{request_id} caused the changes {', '.join(map(str, revisions))}"
            check.require(len(revisions) == 1, self._tenant_id, revisions[-1], told)
            if request_id not in asked:
                check.violate(self._tenant_id, revisions[0], f"{request_id} is the id of no call")

    def _settled(self, operation: Operation) -> None:
        """In the end every caller knows what became of its request."""
        told = f"nobody knows what became of it: {operation.attempts[-1]}"
        self._verdict.check("settled").require(operation.is_known, self._tenant_id, 0, told)

    def _same_answer(self, operation: Operation) -> None:
        """All copies and retries of a request that were answered got the same bytes."""
        answers = operation.answers
        told = f"{len({each.digest for each in answers})} different answers: {_all(answers)}"
        same = len({each.digest for each in answers}) <= 1
        self._check("same-answer").require(same, self._tenant_id, answers[0].revision if answers else 0, told)

    def _acknowledged(self, operation: Operation) -> None:
        """What was answered is in the log, at the revision that the answer said."""
        answers = operation.answers
        if not answers:
            return
        check, first = self._check("acknowledged"), answers[0]
        placed = self._places.get(operation.request_id, ())
        if placed:
            told = f"its change is at {placed[0]}, the answer said {first.revision}: {first}"
            check.require(placed[0] == first.revision, self._tenant_id, placed[0], told)
            return
        changed = first.method.name in ALWAYS_CHANGES
        told = f"its change is lost: {first}" if changed else f"the answer is of a revision that is not there: {first}"
        check.require(not changed and first.revision <= self._log.last, self._tenant_id, first.revision, told)

    def _refused(self, operation: Operation) -> None:
        """What was refused has changed nothing; a retry of what was done gets the first answer."""
        check = self._check("refused")
        placed = self._places.get(operation.request_id, ())
        done_at = placed[0] if placed else operation.answers[0].revision if operation.answers else None
        for refusal in operation.refusals:
            known = self._known.before(refusal.began)
            late = done_at is not None and known is not None and known.revision >= done_at
            told = (
                f"it was done at {done_at}, which was known from {known.by if known else ''}, then refused: {refusal}"
            )
            check.require(not late, self._tenant_id, done_at or 0, told)
        if operation.is_untouched and placed:
            check.violate(self._tenant_id, placed[0], f"it was only ever refused: {operation.attempts[-1]}")

    def _typed(self, operation: Operation) -> None:
        """No call meets a fault of the service, and none is told that its own id was another's."""
        check = self._check("typed")
        for attempt in operation.attempts:
            fault = attempt.reason in ("INTERNAL", "REQUEST_ID_REUSED", "MESSAGE_MALFORMED", "METHOD_NOT_IMPLEMENTED")
            check.require(not fault, self._tenant_id, 0, str(attempt))

    def _check(self, promise: str) -> Check:
        return self._verdict.check(promise)


def _all(attempts: Sequence[Attempt]) -> str:
    return "; ".join(map(str, attempts))
