"""An attempt: one tenant's share of a batch, decided on the state in memory and not yet written."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from cartera.contract import encode_change
from cartera.core.caller import TIME
from cartera.core.change import Change
from cartera.core.commands import Tick
from cartera.core.events import Event
from cartera.core.handle import handle
from cartera.core.record_tables import Mark
from cartera.core.records import SYSTEM, Actor, Key, Record
from cartera.core.rejection import Rejected
from cartera.core.state import State
from cartera.engine.errors import RequestIdReused
from cartera.engine.shard import Shard
from cartera.engine.submission import Delivery, Outcome, Submission
from cartera.engine.work import Work
from cartera.store.store import Answer, LoggedChange, Write

_LOG = structlog.get_logger()


class Attempt:
    """Decides a tenant's works in order, and holds what is to be written and answered."""

    def __init__(self, shard: Shard, works: Sequence[Work]) -> None:
        self.shard = shard
        self.works = works
        self.deliveries: list[Delivery] = []
        self.late: list[timedelta] = []
        """How long after its time was done what fell due."""
        self._changes: list[Change] = []
        self._answers: dict[str, Answer] = {}
        self._mark = shard.state.mark()
        self._tries_each = False
        """Whether each change is encoded as soon as it is decided, too."""

    def decide(self, clock_now: datetime) -> None:
        """Decide every work on the state as the works before it left it."""
        self._mark = self.shard.state.mark()
        self.deliveries, self.late, self._changes, self._answers = [], [], [], {}
        now = self.shard.time(clock_now)
        for work in self.works:
            self._fall_due(now)
            work.reply = self._reply(work, now)

    def encode(self, clock_now: datetime) -> None:
        """Make what is to be logged of all that was decided. That takes less time than with decisions in between
        (docs/performance.md).
        """
        try:
            self.deliveries = self._encoded()
        except Exception:  # noqa: BLE001 - a fault of one command is its own caller's, so it is found out which
            self.rollback()
            self._tries_each = True
            self.decide(clock_now)
            self.deliveries = self._encoded()

    def _encoded(self) -> list[Delivery]:
        return [Delivery(encode_change(change), change) for change in self._changes]

    def _fall_due(self, now: datetime) -> None:
        """What fell due comes before the command that came after it, and is a change of its own."""
        due_at = self.shard.next_due_at()
        if due_at is None or due_at > now:
            return
        mark = self.shard.state.mark()
        try:
            self._log_change(handle(self.shard.state, Tick(), TIME, now), SYSTEM, "", now)
            self.late.append(now - due_at)
        except Exception:  # noqa: BLE001 - it is its own tenant's, not that of those beside it nor of its own calls
            self.shard.state.rollback(mark)
            _LOG.exception("timer failed", tenant_id=self.shard.tenant_id)

    def _reply(self, work: Work, now: datetime) -> Any:
        state = self.shard.state
        if work.question is not None:
            return _answer(work.question, state, now)
        if work.submission is None:
            return bool(self._changes)
        answered = self.shard.answer(work.request_id) or self._answers.get(work.request_id)
        if answered:
            return repeated(work.submission, answered)
        mark = state.mark()
        try:
            return self._handle(work.submission, now, mark)
        except Rejected as rejected:
            return rejected
        except Exception as fault:  # noqa: BLE001 - a fault of one command is its own caller's
            state.rollback(mark)
            _LOG.exception(
                "command failed",
                tenant_id=work.tenant_id,
                command=type(work.submission.command).__name__,
                correlation_id=work.origin and work.origin.correlation_id,
            )
            return fault

    def _handle(self, submission: Submission, now: datetime, mark: Mark) -> bytes:
        state = self.shard.state
        events = handle(state, submission.command, submission.caller, now)
        if submission.validate_only:
            response = submission.respond(state, Outcome(mark.revision, now, events))
            state.rollback(mark)
            return response
        revision = state.revision + bool(events)
        response = submission.respond(state, Outcome(revision, now, events))
        if events:
            self._log_change(events, submission.caller.actor, submission.request_id, now, submission.why)
        if submission.request_id:
            answer = Answer(submission.request_id, submission.fingerprint, response, revision, now)
            self._answers[submission.request_id] = answer
        return response

    def _log_change(
        self, events: tuple[Event, ...], actor: Actor, request_id: str, now: datetime, why: str = ""
    ) -> None:
        state = self.shard.state
        if not events:
            return
        state.revision += 1
        state.last_event_at = now
        change = Change(state.revision, now, actor, request_id, events, why)
        if self._tries_each:
            encode_change(change)
        self._changes.append(change)

    @property
    def base_revision(self) -> int:
        """The revision that was decided on."""
        return self._mark.revision

    def request_ids(self) -> list[str]:
        """The request ids of the attempt."""
        return [work.request_id for work in self.works if work.request_id]

    def unproven(self) -> list[str]:
        """The request ids that were refused, and that the database may know to have been answered before."""
        return [work.request_id for work in self.works if work.request_id and isinstance(work.reply, Rejected)]

    def prove(self, answers: dict[str, Answer]) -> None:
        """Answer those that were answered before."""
        for work in self.works:
            if isinstance(work.reply, Rejected) and work.submission and work.request_id in answers:
                work.reply = repeated(work.submission, answers[work.request_id])

    def write(self) -> Write | None:
        """What is to be written; None where there is nothing."""
        if not self.deliveries and not self._answers:
            return None
        upserts, deletes = _split(self.shard.state.changes())
        state = self.shard.state
        assert state.last_event_at is not None, "a tenant that has anything to write has a change"
        return Write(
            tenant_id=self.shard.tenant_id,
            base_revision=self.base_revision,
            revision=state.revision,
            last_event_at=state.last_event_at,
            next_due_at=self.shard.next_due_at(),
            changes=[
                LoggedChange(each.change.revision, each.change.occurred_at, each.payload) for each in self.deliveries
            ],
            upserts=upserts,
            deletes=deletes,
            answers=list(self._answers.values()),
        )

    def accept(self, contacts_kept: int) -> None:
        """It is written: the state stays as it is."""
        self.shard.state.accept_changes()
        self.shard.state.forget(contacts_kept)
        self.shard.remember(self._answers.values())

    def rollback(self) -> None:
        """It is not written: the state is as it was before."""
        self.shard.state.rollback(self._mark)


def _answer(question: Callable[[State, datetime], Any], state: State, now: datetime) -> Any:
    try:
        return question(state, now)
    except Exception as fault:  # noqa: BLE001 - a fault of one question is its own caller's
        return fault


def repeated(submission: Submission, answer: Answer) -> bytes | Exception:
    """The reply to a request whose id was answered before (G2)."""
    return answer.response if answer.fingerprint == submission.fingerprint else RequestIdReused()


def _split(
    changes: dict[type, dict[Key, Record | None]],
) -> tuple[dict[type, list[Record]], dict[type, list[Key]]]:
    """The records to write, and the keys of those to delete."""
    upserts: dict[type, list[Record]] = {}
    deletes: dict[type, list[Key]] = {}
    for record_type, records in changes.items():
        for key, record in records.items():
            if record is None:
                deletes.setdefault(record_type, []).append(key)
            else:
                upserts.setdefault(record_type, []).append(record)
    return upserts, deletes
