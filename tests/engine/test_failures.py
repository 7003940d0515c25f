"""What the engine does when a commit fails, or when nobody knows whether it did."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from cartera.core.commands import CreateResource
from cartera.core.records import Contact
from cartera.engine import batch
from cartera.engine.errors import DatabaseUnavailable
from cartera.engine.retention import RetentionLimits
from cartera.engine.verify import verify
from cartera.store.open import open_store
from cartera.store.store import OutcomeUnknown, Store, StoreRefused, StoreUnavailable, Write
from tests.engine.floor import TENANT, replica


class FailingStore:
    """A store whose next append fails, before or after it has written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.before: Exception | None = None
        self.after: Exception | None = None

    def append(self, writes: Sequence[Write], checks: Any) -> set[str]:
        failure, self.before = self.before, None
        if failure:
            raise failure
        won = self._store.append(writes, checks)
        failure, self.after = self.after, None
        if failure:
            raise failure
        return won

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def store(database_url: str) -> FailingStore:
    return FailingStore(open_store(database_url))


@pytest.mark.req("G6")
async def test_what_was_not_written_is_not_remembered(database_url: str, store: FailingStore) -> None:
    """A commit fails: the caller gets a retryable error, and the retry is decided on what the database has."""
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        store.before = StoreUnavailable("gone")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        with pytest.raises(DatabaseUnavailable):
            await engine.route("caller", **asked)
        assert await engine.held_by("ana") == 0
        await engine.route("caller", **asked)
        assert await engine.held_by("ana") == 1
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G2", "G6")
async def test_an_unknown_outcome_is_found_out_by_the_retry(database_url: str, store: FailingStore) -> None:
    """A commit succeeds and the connection is lost before that is known: the retry gets the answer, not a second
    interaction.
    """
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        store.after = OutcomeUnknown("lost")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        with pytest.raises(DatabaseUnavailable):
            await engine.route("caller", **asked)
        first = await engine.route("caller", **asked)
        assert await engine.held_by("ana") == 1
        assert await engine.interaction(first) is not None
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G6")
async def test_what_the_database_refuses_is_its_own_callers(postgres_url: str) -> None:
    """A text that PostgreSQL can't hold is stopped at the edge; should one come through, the calls beside it are
    carried out all the same.
    """
    async with replica(postgres_url) as engine:
        await engine.prepare("ana")
        results = await asyncio.gather(
            engine.route(),
            engine.do(CreateResource(Contact("broken", "\0"))),
            engine.route(),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [str, StoreRefused, str]
        assert await engine.held_by("ana") == 2
    assert verify(open_store(postgres_url), TENANT) == []


class GoesWrong(FailingStore):
    """A store that fails one append after the other, each in its own way, and then works."""

    def __init__(self, store: Store, *failures: Exception) -> None:
        super().__init__(store)
        self.failures = list(failures)

    def append(self, writes: Sequence[Write], checks: Any) -> set[str]:
        if writes and self.failures:
            raise self.failures.pop(0)
        return self._store.append(writes, checks)


@pytest.mark.req("G6")
@pytest.mark.parametrize("second", [StoreUnavailable("away"), OutcomeUnknown("lost"), MemoryError("full")], ids=repr)
async def test_nobody_is_answered_with_what_a_refused_batch_would_have_been(
    database_url: str, second: Exception
) -> None:
    """The database refuses a batch, whose calls are then run one by one; that breaks off. Who has not been run again by
    then is told to retry: nothing of the batch was written.
    """
    store = GoesWrong(open_store(database_url))
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        store.failures = [StoreRefused("no"), StoreRefused("no"), second]
        asked = [{"request_id": f"r{number}", "fingerprint": b"same"} for number in range(5)]
        answers = await asyncio.gather(*(engine.route("", **each) for each in asked), return_exceptions=True)
        assert [isinstance(each, Exception) for each in answers] == [True] * 5
        assert [type(each) for each in answers[2:]] == [DatabaseUnavailable] * 3
        assert not list(store.find_answers({TENANT: [each["request_id"] for each in asked]}))
        await engine.route("", **asked[4])
        assert await engine.held_by("ana") == 1
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G2", "G6")
async def test_a_request_answered_before_leaves_no_half_of_its_batch(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the tenant is held, one of a batch turns out to have been answered in another life: all of what the batch
    had written so far is taken back, and the others of it are done once.
    """
    asked = {"request_id": "r1", "fingerprint": b"same"}
    async with replica(database_url) as before:
        await before.prepare("ana")
        first = await before.route("caller", **asked)
    monkeypatch.setattr(batch, "PATIENCE", 0)  # hold at once, as after lost races
    async with replica(database_url) as engine:
        _, again = await asyncio.gather(engine.route(), engine.route("caller", **asked))
        assert again == first
        assert await engine.held_by("ana") == 2
        await engine.route()
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G2")
async def test_answers_that_are_kept_for_ever_are_not_all_kept_in_memory(database_url: str) -> None:
    """Those of another life that were asked for again stay within the bound as well."""
    asked = [{"request_id": f"r{number}", "fingerprint": b"same"} for number in range(5)]
    for_ever = RetentionLimits(answers_kept=timedelta(0))
    async with replica(database_url, retention=for_ever) as before:
        await before.prepare("ana")
        first = [await before.route("caller", **each) for each in asked]
    async with replica(database_url, retention=for_ever) as engine:
        assert [await engine.route("caller", **each) for each in asked] == first
        assert len(engine.engine._committer._shards._answers._adopted) <= 1


class LostAtTheEnd(FailingStore):
    """A store whose next hold fails at its end, as if the connection was lost in the commit: nothing was written."""

    @contextmanager
    def holding(self, tenant_ids: Collection[str], **options: Any) -> Iterator[None]:
        try:
            with self._store.holding(tenant_ids, **options):
                yield
                if tenant_ids and self.after:
                    raise LookupError  # noqa: TRY301 - from inside, so that it is rolled back
        except LookupError:
            failure, self.after = self.after, None
            raise failure from None  # type: ignore[misc]

    def append(self, writes: Sequence[Write], checks: Any) -> set[str]:
        return self._store.append(writes, checks)


@pytest.mark.req("G2", "G6")
async def test_what_was_held_is_not_answered_before_it_is_committed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit at the end of a hold fails: a retry is not answered with what was never written."""
    monkeypatch.setattr(batch, "PATIENCE", 0)  # hold at once, as after lost races
    store = LostAtTheEnd(open_store(database_url))
    async with replica(database_url, store=store) as engine:
        await engine.prepare("ana")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        store.after = OutcomeUnknown("lost")
        with pytest.raises(DatabaseUnavailable):
            await engine.route("caller", **asked)
        await engine.route("caller", **asked)
        assert await engine.held_by("ana") == 1
        assert list(store.find_answers({TENANT: ["r1"]}))
    assert verify(open_store(database_url), TENANT) == []
