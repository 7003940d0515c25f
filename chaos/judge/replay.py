"""Replay: the log, folded from its beginning, gives every answer at the revision that the answer said (G6)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from google.protobuf.message import Message

from cartera.contract import fields_to_bytes
from cartera.core.audience import OPEN
from cartera.core.change import Change
from cartera.core.evolve import evolve_change
from cartera.core.records import Interaction
from cartera.core.state import State
from chaos.judge.answers import ANSWERS, Fields, Scene, interactions_of, names
from chaos.judge.evidence import Attempt, Evidence
from chaos.judge.reads import READS
from chaos.judge.verdict import Verdict


class Replay:
    """Folds a tenant's log, and holds each answer against the state at its revision."""

    def __init__(self, tenant_id: str, evidence: Evidence, attempts: Iterable[Attempt], verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._evidence = evidence
        self._replay = verdict.check("replay")
        self._reads = verdict.check("reads")
        self._validated = verdict.check("validated")
        self._state = State()
        self._open: set[str] = set()
        self._is_broken = False
        self._waiting = iter(sorted(filter(_is_comparable, attempts), key=lambda each: each.revision))
        self._next = next(self._waiting, None)

    def see(self, change: Change) -> None:
        """Fold the next change, and compare what shows the state behind it."""
        if self._is_broken or not self._fold(change):
            return
        self._follow_open(change)
        while self._next is not None and self._next.revision <= change.revision:
            if self._next.revision == change.revision:
                self._compare(self._next, change)
            self._next = next(self._waiting, None)

    def _fold(self, change: Change) -> bool:
        try:
            evolve_change(self._state, change)
            self._state.accept_changes()
        except Exception as fault:  # noqa: BLE001 - whatever a broken log leads to, it is the log's fault
            told = f"the log can't be folded from here on: {type(fault).__name__}: {fault}"
            self._replay.violate(self._tenant_id, change.revision, told)
            self._is_broken = True
        return not self._is_broken

    def _follow_open(self, change: Change) -> None:
        """Which interactions are open: lists mostly ask for those, and most have long ended."""
        for interaction_id in interactions_of(change):
            interaction = self._state.get(Interaction, interaction_id)
            if interaction is not None and interaction.state in OPEN:
                self._open.add(interaction_id)
            else:
                self._open.discard(interaction_id)

    def _compare(self, attempt: Attempt, change: Change) -> None:
        call = self._evidence.call(attempt)
        request = attempt.method.request.FromString(call.request)
        response = attempt.method.response.FromString(call.response)
        if getattr(request, "validate_only", False):
            self._look_at_validated(attempt, response)
        elif attempt.method.mutates:
            self._look_at_answer(attempt, change, request, response)
        else:
            self._look_at_read(attempt, change.occurred_at, request, response)

    def _look_at_answer(self, attempt: Attempt, change: Change, request: Message, response: Message) -> None:
        own = change if change.request_id == attempt.request_id else None
        scene = Scene(self._state, change.occurred_at, self._open, own)
        differing = self._differing(attempt, lambda: ANSWERS[attempt.method.name](scene, request), response)
        self._replay.require(not differing, self._tenant_id, attempt.revision, f"{differing}: {attempt}")
        joined = getattr(response, "joined", False)  # whose message it is stands in the answer only
        if own is not None and not joined and not names(own.events, request):
            self._replay.violate(self._tenant_id, attempt.revision, f"its change is about something else: {attempt}")

    def _look_at_read(self, attempt: Attempt, at: datetime, request: Message, response: Message) -> None:
        scene = Scene(self._state, at, self._open)
        differing = self._differing(attempt, lambda: READS[attempt.method.name](scene, request, response), response)
        self._reads.require(not differing, self._tenant_id, attempt.revision, f"{differing}: {attempt}")

    def _look_at_validated(self, attempt: Attempt, response: Message) -> None:
        """It shows what would be, and leaves nothing behind: what it would begin has no id."""
        shown = getattr(response, "interaction", None)
        begun = attempt.method.name == "RouteInteraction" and not getattr(response, "joined", False)
        told = f"it shows an interaction that nobody asked to begin: {attempt}"
        self._validated.require(not (begun and shown and shown.interaction_id), self._tenant_id, attempt.revision, told)

    def _differing(self, attempt: Attempt, expect: Callable[[], Fields], response: Message) -> str:
        """What differs between an answer and the state, in words; empty where nothing does."""
        try:
            fields: Fields = {"revision": attempt.revision, **expect()}
        except (StopIteration, AssertionError, KeyError) as fault:
            return f"its change is not what it asked for ({type(fault).__name__})"
        expected = attempt.method.response.FromString(fields_to_bytes(attempt.method.response, fields))
        if expected == response:
            return ""
        return "; ".join(_differences(expected, response)) or "it differs"


def _is_comparable(attempt: Attempt) -> bool:
    name = attempt.method.name
    return attempt.is_answered and (name in ANSWERS or name in READS)


def _differences(expected: Message, shown: Message, prefix: str = "") -> Iterator[str]:
    """The fields that differ, and how."""
    for field in expected.DESCRIPTOR.fields:
        ours, theirs = getattr(expected, field.name), getattr(shown, field.name)
        if ours == theirs and (not field.has_presence or expected.HasField(field.name) == shown.HasField(field.name)):
            continue
        if isinstance(ours, Message) and isinstance(theirs, Message) and ours.DESCRIPTOR.fields:
            yield from list(_differences(ours, theirs, f"{prefix}{field.name}."))[:5] or [f"{prefix}{field.name}"]
        else:
            yield f"{prefix}{field.name} is {_short(theirs)}, in the log {_short(ours)}"


def _short(value: object) -> str:
    text = " ".join(str(list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value).split())
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."


_SHORT = 80
