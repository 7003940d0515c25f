"""The evidence: what callers wrote down and what the log has, indexed; the bytes stay in the files."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cartera.routing.v1.event_service_pb2 import WatchEventsRequest, WatchEventsResponse
from chaos.history import Call, Line, bytes_of, call_of, read_lines
from chaos.judge.filters import Filter
from chaos.methods import BY_PATH, Method

REFUSALS = frozenset(
    {
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
        "RESOURCE_EXHAUSTED",
        "UNIMPLEMENTED",
    }
)
"""Codes that say that nothing was done."""

NOT_BEGUN = frozenset({"DEADLINE_PASSED", "TENANT_QUEUE_FULL", "CALLER_QUEUE_FULL"})
"""Reasons that say so, and that the same may be asked again."""


class Attempt(NamedTuple):
    """One call, without its bytes."""

    journal: int
    """Which of the files it is in."""
    at: int
    """Where in it."""
    method: Method
    tenant_id: str
    request_id: str
    """Empty where the call changes nothing: reads, and what is only validated."""
    replica: str
    began: float
    ended: float
    code: str
    reason: str
    revision: int
    """That of the answer; zero where there was none."""
    digest: bytes
    """What the answer said, in short."""
    min_revision: int
    interaction_id: str
    """The interaction that the request names."""

    @property
    def is_answered(self) -> bool:
        return self.code == "OK"

    @property
    def is_refused(self) -> bool:
        """It was told that it was not done, which is not to say that it was not done by another attempt."""
        return (self.code in REFUSALS or self.reason in NOT_BEGUN) and not self.is_answered

    @property
    def is_final(self) -> bool:
        """The caller needn't ask again."""
        return self.is_answered or (self.is_refused and self.reason not in NOT_BEGUN)

    def __str__(self) -> str:
        told = " ".join(filter(None, (self.code or "no answer", self.reason)))
        name = f"{self.method.name}({self.request_id})" if self.request_id else self.method.name
        return f"{name} at {self.replica} {self.began:.4f}..{self.ended:.4f}: {told}"


class Evidence:
    """The calls of a run, by tenant, and its log."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._paths = sorted(directory.glob("calls-*.jsonl"))
        self._files: dict[int, BinaryIO] = {}
        self.attempts: dict[str, list[Attempt]] = defaultdict(list)
        for number, path in enumerate(self._paths):
            for at, line in read_lines(path):
                attempt = _attempt(number, at, call_of(line))
                self.attempts[attempt.tenant_id].append(attempt)
        logged = [path.stem.removeprefix("log-") for path in directory.glob("log-*.jsonl")]
        self.tenants = sorted({*self.attempts, *logged})

    def log(self, tenant_id: str) -> "Log":
        """A tenant's log. What has been pruned of it is as the watchers of the whole tenant were sent it."""
        log = Log(self.directory / f"log-{tenant_id}.jsonl")
        if log.first > 1:
            for path in sorted(self.directory.glob("watch-*.jsonl")):
                log.fill(path, tenant_id)
        return log

    def call(self, attempt: Attempt) -> Call:
        """The call with its bytes."""
        file = self._files.get(attempt.journal)
        if file is None:
            file = self._files[attempt.journal] = self._paths[attempt.journal].open("rb")
        file.seek(attempt.at)
        return call_of(json.loads(file.readline()))


class Logged(NamedTuple):
    """A change as it stands in the log."""

    revision: int
    payload: bytes


class Log:
    """A tenant's log, as it was copied from the database."""

    def __init__(self, path: Path) -> None:
        self._places: dict[int, tuple[Path, int]] = {}
        self._files: dict[Path, BinaryIO] = {}
        self._numbers: list[tuple[int, Path, int]] = []
        if path.exists():
            self._numbers = [(line["revision"], path, at) for at, line in read_lines(path)]
        for revision, _, at in self._numbers:
            self._places.setdefault(revision, (path, at))
        self.first = min(self._places, default=0)
        """The oldest that is kept."""
        self.last = max(self._places, default=0)

    def fill(self, path: Path, tenant_id: str) -> None:
        """Take from a watcher of the whole tenant what it was sent from before the oldest that is kept."""
        for at, line in read_lines(path):
            if "request" in line:
                request = WatchEventsRequest.FromString(bytes_of(line["request"]))
                if request.tenant_id != tenant_id or not Filter(request).passes_all:
                    return
            elif "step" in line:
                revision = _step_of(line).change.revision
                if 0 < revision < self.first and revision not in self._places:
                    self._places[revision] = (path, at)
                    self._numbers.append((revision, path, at))
        self._numbers.sort(key=lambda each: each[0])

    def __iter__(self) -> Iterator[Logged]:
        """The changes in the order in which they are kept."""
        for revision, path, at in self._numbers:
            yield Logged(revision, self._read(path, at))

    def payload(self, revision: int) -> bytes | None:
        """The change of a revision; None where there is none."""
        place = self._places.get(revision)
        return None if place is None else self._read(*place)

    def _read(self, path: Path, at: int) -> bytes:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = path.open("rb")
        file.seek(at)
        line = json.loads(file.readline())
        return bytes_of(line["payload"]) if "payload" in line else _step_of(line).change.SerializeToString()


def _step_of(line: Line) -> WatchEventsResponse:
    return WatchEventsResponse.FromString(bytes_of(line["step"]))


def _attempt(journal: int, at: int, call: Call) -> Attempt:
    method = BY_PATH[call.method]
    request = method.request.FromString(call.request)
    answered = call.code == "OK"
    return Attempt(
        journal=journal,
        at=at,
        method=method,
        tenant_id=sys.intern(getattr(request, "tenant_id", "")),
        request_id="" if getattr(request, "validate_only", False) else getattr(request, "request_id", ""),
        replica=sys.intern(call.replica),
        began=call.began,
        ended=call.ended,
        code=sys.intern(call.code),
        reason=sys.intern(call.reason),
        revision=getattr(method.response.FromString(call.response), "revision", 0) if answered else 0,
        digest=blake2b(call.response, digest_size=8).digest() if answered else b"",
        min_revision=getattr(request, "min_revision", 0),
        interaction_id=getattr(request, "interaction_id", ""),
    )
