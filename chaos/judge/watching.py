"""Watching: every watcher was sent every change once, whole, in order, and behind what it had (W1).

Each of the six promises has a check of its own: ordered, unique, reliable, atomic, resumable, bookmarked.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import WatchEventsRequest, WatchEventsResponse
from chaos.history import Line, bytes_of, read_lines
from chaos.judge.disturbances import Disturbances
from chaos.judge.evidence import Log
from chaos.judge.filters import Filter
from chaos.judge.known import Told
from chaos.judge.verdict import Verdict

QUIET_SECONDS = 10.0
"""On a quiet stream a mark comes at least so often."""

SLACK_SECONDS = 3.0
"""For the mark's way, on a machine that has other things to do."""


class Ended(NamedTuple):
    """How a stream ended."""

    code: str
    reason: str


class Stream:
    """One stream of one watcher, as it is read."""

    def __init__(self, name: str, request: WatchEventsRequest, log: Log, verdict: Verdict) -> None:
        self._name = name
        self._tenant_id = request.tenant_id
        self._log = log
        self._verdict = verdict
        self._filter = Filter(request)
        resumes = request.HasField("start_after_revision")
        self._start = request.start_after_revision if resumes else None
        self.reached: int | None = self._start
        """Up to where all that passes has been sent."""
        self._marked = 0
        self._sent: int | None = None
        self._is_first = True

    def take(self, step: WatchEventsResponse) -> int:
        """The next step. Returns the revision it tells of."""
        if step.HasField("change"):
            self._take_change(step.change)
            return step.change.revision
        self._take_bookmark(step.bookmark.revision)
        return step.bookmark.revision

    def end(self, ended: Ended) -> None:
        """A stream may end at any time, but not by a fault, nor because what it had been sent never was."""
        self._require("typed", ended.reason != "INTERNAL", self.reached or 0, f"it ended with {ended.reason}")
        future = ended.reason == "REVISION_IN_THE_FUTURE"
        kept = self._start is not None and self._log.first <= self._start + 1
        early = ended.reason == "REVISION_PRUNED" and kept
        told = f"it was to resume after {self._start}, and was told {ended.reason}"
        self._require("resumable", not future and not early, self._start or 0, told)

    def _take_change(self, change: Change) -> None:
        if self._is_in_order(change.revision):
            self._nothing_left_out(change.revision)
            self._is_whole(change)
            self.reached = self._sent = change.revision
        self._is_first = False

    def _is_in_order(self, revision: int) -> bool:
        """Whether a change comes behind all that came; what is wrong otherwise has a name for each case."""
        behind = self.reached is None or revision > self.reached
        sent = self._sent is not None and revision <= self._sent
        before = self._start is not None and revision <= self._start
        self._require("resumable", not before, revision, f"it resumed after {self._start}, and was sent {revision}")
        self._require("unique", not (sent and revision == self._sent), revision, "it was sent twice")
        self._require("ordered", not (sent and revision != self._sent), revision, f"it came after {self._sent}")
        early = not behind and not sent and not before
        self._require("bookmarked", not early, revision, f"it came after the mark of {self._marked}")
        return behind

    def _nothing_left_out(self, revision: int) -> None:
        if self.reached is None:
            return
        left_out = next(self._passing(self.reached + 1, revision), None)
        promise = "resumable" if self._is_first and self._start is not None else "reliable"
        told = f"it was left out: after {self.reached} came {revision}"
        self._require(promise, left_out is None, left_out or revision, told)

    def _is_whole(self, change: Change) -> None:
        """It is the change that is in the log: all of it, or all that passes."""
        payload = self._log.payload(change.revision)
        self._require("reliable", payload is not None, change.revision, "it was sent, and is not in the log")
        if payload is None:
            return
        kept = Change.FromString(payload)
        if not self._filter.passes_all:
            passing = self._filter.kept(kept)
            del kept.events[:]
            kept.events.extend(passing)
        self._require("atomic", kept == change, change.revision, f"{len(change.events)} events of {len(kept.events)}")

    def _take_bookmark(self, revision: int) -> None:
        reached = self.reached
        told = f"the mark of {revision} came after {reached}"
        self._require("ordered", reached is None or revision >= reached, revision, told)
        left_out = None if reached is None else next(self._passing(reached + 1, revision + 1), None)
        told = f"the mark of {revision} says that all up to it was sent, and {left_out} was not"
        self._require("bookmarked", left_out is None, left_out or revision, told)
        there = revision <= self._log.last
        self._require(
            "bookmarked", there, revision, f"the mark is of what is not there: the log ends at {self._log.last}"
        )
        self.reached = revision if reached is None else max(reached, revision)
        self._marked = max(self._marked, revision)
        self._is_first = self._is_first and revision == self._start

    def _passing(self, first: int, end: int) -> Iterator[int]:
        """The revisions from the first to before the end that have anything that passes."""
        for revision in range(first, end):
            payload = self._log.payload(revision)
            if payload is not None and (self._filter.passes_all or self._filter.kept(Change.FromString(payload))):
                yield revision

    def _require(self, promise: str, holds: object, revision: int, told: str) -> None:
        self._verdict.check(promise).require(holds, self._tenant_id, revision, f"{self._name}: {told}")


class Watching:
    """All streams of one watcher."""

    def __init__(self, path: Path, logs: dict[str, Log], disturbances: Disturbances, verdict: Verdict) -> None:
        self._path = path
        self._name = path.stem.removeprefix("watch-")
        self._logs = logs
        self._disturbances = disturbances
        self._verdict = verdict
        self._last_at = 0.0
        self.tenant_id = ""
        self.reached = 0
        self.told: list[Told] = []
        """When it was told of which revisions."""

    def judge(self) -> None:
        stream: Stream | None = None
        for _, line in read_lines(self._path):
            if "request" in line:
                stream = self._open(line)
            elif stream is not None:
                self._follow(stream, line)
            self._last_at = line["at"]

    def _open(self, line: Line) -> Stream:
        request = WatchEventsRequest.FromString(bytes_of(line["request"]))
        self.tenant_id = request.tenant_id
        log = self._logs[request.tenant_id]
        return Stream(f"{self._name} #{line['stream']} at {line['replica']}", request, log, self._verdict)

    def _follow(self, stream: Stream, line: Line) -> None:
        self._is_marked_in_time(line)
        if "step" not in line:
            stream.end(Ended(line["ended"], line["reason"]))
            return
        revision = stream.take(WatchEventsResponse.FromString(bytes_of(line["step"])))
        self.reached = max(self.reached, revision)
        if not self.told or revision > self.told[-1].revision:
            self.told.append(Told(line["at"], revision, self._name))

    def _is_marked_in_time(self, line: dict[str, Any]) -> None:
        """On a quiet stream a mark comes at least every 10 s, unless something is done to the service meanwhile."""
        quiet = line["at"] - self._last_at
        if self._disturbances.disturb(self._last_at, line["at"]):
            return
        told = f"{self._name} #{line['stream']}: nothing came for {quiet:.1f} s"
        in_time = quiet <= QUIET_SECONDS + SLACK_SECONDS
        self._verdict.check("bookmarked").require(in_time, self.tenant_id, self.reached, told)

    def judge_end(self, highest: int) -> None:
        """In the end it has been sent all that anybody was told of."""
        told = f"{self._name} came to {self.reached}, and callers were told of {highest}"
        self._verdict.check("reliable").require(self.reached >= highest, self.tenant_id, highest, told)
