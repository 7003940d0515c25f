"""The history of a run: what callers and watchers did and were told, a line of JSON each.

Every line is written before anything follows from it, so that what a process knew is known after it was killed.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

Line = dict[str, Any]


class Call(NamedTuple):
    """One attempt at a call. Times are in seconds of CLOCK_MONOTONIC, which all processes of a machine share."""

    caller: str
    replica: str
    method: str
    """Its full gRPC path."""
    request: bytes
    began: float
    ended: float
    code: str
    """The name of the gRPC code; empty where the caller was cut off before the call ended."""
    reason: str = ""
    """The name of the ErrorReason; empty where the failure is the connection's."""
    response: bytes = b""


class Journal:
    """A file to which lines are added."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, line: Line) -> None:
        """Add a line; it has left the process when this returns."""
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


class CallJournal(Journal):
    """What one caller did."""

    def __init__(self, directory: Path, caller: str) -> None:
        super().__init__(directory / f"calls-{caller}.jsonl")

    def note(self, call: Call) -> None:
        self.write({**call._asdict(), "request": text_of(call.request), "response": text_of(call.response)})


class WatchJournal(Journal):
    """What one watcher was sent. Every stream has a number of its own."""

    def __init__(self, directory: Path, watcher: str) -> None:
        super().__init__(directory / f"watch-{watcher}.jsonl")

    def opened(self, stream: int, replica: str, start_after: int | None, request: bytes, at: float) -> None:
        begun = {"stream": stream, "replica": replica, "start_after": start_after, "request": text_of(request)}
        self.write({**begun, "at": at})

    def sent(self, stream: int, step: bytes, at: float) -> None:
        self.write({"stream": stream, "at": at, "step": text_of(step)})

    def ended(self, stream: int, code: str, reason: str, at: float) -> None:
        self.write({"stream": stream, "at": at, "ended": code, "reason": reason})


def read_lines(path: Path) -> Iterator[tuple[int, Line]]:
    """The lines of a file, each with the place where it begins. A last line that was cut off is left out."""
    at = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield at, json.loads(line)
            at += len(line)


def call_of(line: Line) -> Call:
    """The call that a line tells of."""
    return Call(**{**line, "request": bytes_of(line["request"]), "response": bytes_of(line["response"])})


def text_of(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


def bytes_of(text: str) -> bytes:
    return base64.b64decode(text)
