"""A recorded history, and ways to falsify it."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cartera.bootstrap import Service
from cartera.engine.verify import verify
from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import WatchEventsResponse
from cartera.settings import Settings
from cartera.store.open import open_store
from chaos.history import Journal, bytes_of, text_of
from chaos.judge import judge
from chaos.methods import BY_PATH
from chaos.traffic import Traffic

TENANT = "tenant-1"

HAPPENED = {
    ("interaction_assigned", True),
    ("interaction_cancelled", True),
    ("interaction_completed", True),
    ("interaction_offer_missed", False),
    ("interaction_wrap_up_ended", False),
}
"""The events, by request or not, that must be in the history so that it can be falsified."""

SAID = {"GetInteraction", "ListAgents", "ListInteractions", "INTERACTION_ENDED"}
"""The methods and reasons that must be."""

Line = dict[str, Any]

LONGEST = 120.0
"""Within how many seconds everything has happened; it is a few."""


async def record(directory: Path) -> None:
    """Traffic on a service that runs beside it, with nothing done to either."""
    url = f"sqlite:///{directory / 'cartera.db'}"
    service = Service(Settings(listen="127.0.0.1:0", database_url=url, log_level="error", drain_seconds=0))
    port = await service.start()
    traffic = Traffic([f"127.0.0.1:{port}"], directory, seed=7, callers=8, watchers=5, tenants=1, copies=True)
    await traffic.prepare()
    stop = asyncio.Event()
    running = asyncio.create_task(traffic.run(stop))
    async with asyncio.timeout(LONGEST):
        while not _has_all(directory, url):  # noqa: ASYNC110 - the files tell of it
            await asyncio.sleep(0.1)
    stop.set()
    await running
    await traffic.settle()
    await service.stop()
    _copy_log(url, directory)


def _has_all(directory: Path, url: str) -> bool:
    """Whether everything has happened that any test falsifies, and everything that is to be looked at."""
    lines = [line for path in directory.glob("calls-*.jsonl") for line in path.read_text().splitlines()]
    calls = [_opened(json.loads(line)) for line in lines]
    said = {said for call in calls for said in (call["name"], call["reason"])}
    validated = any(call["code"] == "OK" and getattr(call["request"], "validate_only", False) for call in calls)
    logged = [Change.FromString(change.payload) for change in open_store(url).changes_since(TENANT, 0, 10_000)]
    kinds = {(event.WhichOneof("kind"), bool(change.request_id)) for change in logged for event in change.events}
    return validated and said >= SAID and kinds >= HAPPENED


def _copy_log(url: str, directory: Path) -> None:
    store = open_store(url)
    with Journal(directory / f"log-{TENANT}.jsonl") as journal:
        revision = 0
        while logged := store.changes_since(TENANT, revision, 1000):
            for change in logged:
                journal.write({"revision": change.revision, "payload": text_of(change.payload)})
            revision = logged[-1].revision
    differences = {TENANT: [str(each) for each in verify(store, TENANT)]}
    (directory / "verify.json").write_text(json.dumps(differences))


class History:
    """A copy of the recorded history, to be falsified."""

    def __init__(self, recorded: Path, directory: Path) -> None:
        self.directory = directory
        for path in [*recorded.glob("*.jsonl"), recorded / "verify.json"]:
            shutil.copy(path, directory)

    def violated(self) -> set[str]:
        """The promises that the judge finds broken."""
        return {violation.promise for violation in judge(self.directory).violations}

    def log(self) -> list[Change]:
        return [Change.FromString(bytes_of(line["payload"])) for line in self._lines(self._log_path)]

    def write_log(self, changes: list[Change]) -> None:
        lines = [{"revision": each.revision, "payload": text_of(each.SerializeToString())} for each in changes]
        _write(self._log_path, lines)

    def change_log(self, falsify: Callable[[list[Change]], object]) -> None:
        """Falsify the changes of the log, in place."""
        changes = self.log()
        falsify(changes)
        self.write_log(changes)

    @property
    def _log_path(self) -> Path:
        return self.directory / f"log-{TENANT}.jsonl"

    def calls(self) -> list[Line]:
        """All calls, in the order in which they ended, each with what it asked and what it was told."""
        lines = [line for path in self._call_paths() for line in self._lines(path)]
        return [_opened(line) for line in sorted(lines, key=lambda line: line["ended"])]

    def write_calls(self, calls: list[Line]) -> None:
        """All calls, as those of one caller."""
        for path in self._call_paths():
            path.unlink()
        _write(self.directory / "calls-000.jsonl", [_closed(call) for call in calls])

    def change_call(self, chosen: Callable[[Line], bool], falsify: Callable[[Line], object]) -> None:
        """Falsify the first call that is chosen."""
        calls = self.calls()
        falsify(next(call for call in calls if chosen(call)))
        self.write_calls(calls)

    def repeat_call(self, chosen: Callable[[Line], bool], falsify: Callable[[Line], object]) -> None:
        """Have the first call that is chosen made a second time, at the end, and falsify that."""
        calls = self.calls()
        again = _opened(_closed(next(call for call in calls if chosen(call))))
        again["began"], again["ended"] = calls[-1]["ended"] + 1, calls[-1]["ended"] + 2
        falsify(again)
        self.write_calls([*calls, again])

    def change_watch(self, habit: str, falsify: Callable[[list[Line]], object]) -> None:
        """Falsify what a watcher was sent."""
        (path,) = self.directory.glob(f"watch-*-{habit}.jsonl")
        lines = list(self._lines(path))
        for line in lines:
            if "step" in line:
                line["step"] = WatchEventsResponse.FromString(bytes_of(line["step"]))
        falsify(lines)
        for line in lines:
            if "step" in line:
                line["step"] = text_of(line["step"].SerializeToString())
        _write(path, lines)

    def _call_paths(self) -> list[Path]:
        return sorted(self.directory.glob("calls-*.jsonl"))

    @staticmethod
    def _lines(path: Path) -> Iterator[Line]:
        yield from map(json.loads, path.read_text().splitlines())


def change_with(changes: list[Change], *kinds: str) -> Change:
    """The first change that has events of all these kinds."""
    return next(each for each in changes if set(kinds) <= {event.WhichOneof("kind") for event in each.events})


def event_of(change: Change, kind: str) -> Any:
    """The first event of a kind in a change."""
    return next(getattr(event, kind) for event in change.events if event.WhichOneof("kind") == kind)


def _opened(line: Line) -> Line:
    method = BY_PATH[line["method"]]
    asked, told = method.request.FromString(bytes_of(line["request"])), bytes_of(line["response"])
    return {**line, "request": asked, "response": method.response.FromString(told), "name": method.name}


def _closed(call: Line) -> Line:
    told = text_of(call["response"].SerializeToString()) if call["code"] == "OK" else ""
    line = {**call, "request": text_of(call["request"].SerializeToString(deterministic=True)), "response": told}
    del line["name"]
    return line


def _write(path: Path, lines: list[Line]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
