"""Appending: a tenant's write goes in whole, at the revision it was decided on, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cartera.core.records import Agent, Contact, ExclusiveAgent, PortfolioContact
from cartera.store.open import open_store
from cartera.store.store import DuplicateRequest, Head, Store, StoreRefused
from tests.store.examples import EMPTY, FULL, LATER, NOW, answer, by_type, write

RACES = 40


def records_of(store: Store, tenant_id: str) -> dict[type, list]:
    with store.all_records(tenant_id) as (_, records):
        return by_type(records)


def log_of(store: Store, tenant_id: str) -> list[int]:
    return [change.revision for change in store.changes_since(tenant_id, 0, 1_000)]


def test_a_first_write_creates_the_tenant(store: Store) -> None:
    assert store.append([write("t1", 0, Agent("ana"), due_at=LATER)], {}) == {"t1"}
    assert store.heads(["t1"]) == {"t1": Head("t1", 1, NOW, LATER)}
    assert records_of(store, "t1") == {Agent: [Agent("ana")]}


def test_a_write_on_the_present_revision_wins_and_moves_the_head(store: Store) -> None:
    store.append([write("t1", 0, Agent("ana"), due_at=LATER)], {})
    assert store.append([write("t1", 1, Agent("ana", "Ana"), Agent("luis"))], {}) == {"t1"}
    assert store.heads(["t1"]) == {"t1": Head("t1", 2, NOW, None)}
    assert records_of(store, "t1") == {Agent: [Agent("ana", "Ana"), Agent("luis")]}
    assert log_of(store, "t1") == [1, 2]


@pytest.mark.parametrize("base_revision", [0, 1, 3])
def test_a_write_on_another_revision_leaves_nothing(store: Store, base_revision: int) -> None:
    store.append([write("t1", 0, Agent("ana"))], {})
    store.append([write("t1", 1, Agent("luis"))], {})
    lost = write("t1", base_revision, Agent("ana", "changed"), Agent("eva"), answers=[answer("r9", 9)])
    assert store.append([lost._replace(deletes={Agent: [("luis",)]})], {}) == set()
    assert records_of(store, "t1") == {Agent: [Agent("ana"), Agent("luis")]}
    assert log_of(store, "t1") == [1, 2]
    assert store.find_answers({"t1": ["r9"]}) == {}
    assert store.heads(["t1"])["t1"].revision == 2


def test_a_tenant_that_loses_takes_nothing_from_one_that_wins(store: Store) -> None:
    store.append([write("t1", 0), write("t2", 0)], {})
    won = store.append(
        [
            write("t1", 0, Agent("ana"), answers=[answer("r1", 1)]),
            write("t2", 1, Agent("ana"), answers=[answer("r1", 2)]),
        ],
        {},
    )
    assert won == {"t2"}
    assert records_of(store, "t1") == {}
    assert records_of(store, "t2") == {Agent: [Agent("ana")]}
    assert list(store.find_answers({"t1": ["r1"], "t2": ["r1"]})) == [("t2", "r1")]


def test_a_batch_creates_and_moves_tenants_at_once(store: Store) -> None:
    store.append([write("old", 0)], {})
    assert store.append([write("old", 1, *FULL), write("new", 0, *EMPTY)], {}) == {"old", "new"}
    assert records_of(store, "old") == by_type(FULL)
    assert records_of(store, "new") == by_type(EMPTY)


@pytest.mark.parametrize("kinds", [(FULL, FULL), (EMPTY, EMPTY), (FULL, EMPTY, FULL), (EMPTY, FULL, FULL)])
def test_rows_that_are_alike_and_rows_that_are_not_go_in_as_they_are(store: Store, kinds: tuple[list, ...]) -> None:
    tenants = {f"t{number}": records for number, records in enumerate(kinds)}
    store.append([write(tenant_id, 0, *records) for tenant_id, records in tenants.items()], {})
    assert {each: records_of(store, each) for each in tenants} == {each: by_type(tenants[each]) for each in tenants}


def test_a_write_of_several_revisions_has_each_in_the_log(store: Store) -> None:
    first = write("t1", 0)
    third = write("t1", 2)
    store.append([first._replace(revision=3, changes=[*first.changes, *write("t1", 1).changes, *third.changes])], {})
    assert store.changes_since("t1", 1, 10) == [*write("t1", 1).changes, *third.changes]
    assert store.changes_since("t1", 0, 2) == [*first.changes, *write("t1", 1).changes]
    assert store.heads(["t1"])["t1"].revision == 3


def test_deleted_records_are_gone_and_others_stay(store: Store) -> None:
    exclusive = [ExclusiveAgent("carla", campaign, "ana") for campaign in ("spring", "summer")]
    store.append([write("t1", 0, *FULL, *exclusive[1:]), write("t2", 0, *FULL)], {})
    deletes = {ExclusiveAgent: [("carla", "spring")], Agent: [("ana",), ("never there",)]}
    store.append([write("t1", 1, deletes=deletes)], {})
    left = records_of(store, "t1")
    assert left[ExclusiveAgent] == exclusive[1:]
    assert Agent not in left
    assert records_of(store, "t2") == by_type(FULL)


def test_many_rows_of_one_type_go_in_together(store: Store) -> None:
    contacts = [Contact(f"contact {number:04}") for number in range(1_000)]
    store.append([write("t1", 0, *contacts)], {})
    assert records_of(store, "t1") == {Contact: contacts}


def test_checks_say_whose_head_has_not_moved(store: Store) -> None:
    store.append([write("t1", 0), write("t2", 0)], {})
    checks = {"t1": 1, "t2": 0, "unknown": 0, "also unknown": 1}
    assert store.append([], checks) == {"t1", "unknown"}
    assert store.append([write("t3", 0)], checks) == {"t1", "unknown", "t3"}


def test_nothing_to_do_is_done(store: Store) -> None:
    assert store.append([], {}) == set()


@pytest.mark.req("G2")
def test_a_request_id_that_is_there_rolls_back_the_whole_batch(store: Store) -> None:
    store.append([write("t1", 0, answers=[answer("r1", 1)]), write("t2", 0)], {})
    with pytest.raises(DuplicateRequest):
        store.append([write("t2", 1, Agent("ana")), write("t1", 1, Agent("ana"), answers=[answer("r1", 2)])], {})
    assert {head.revision for head in store.heads(["t1", "t2"]).values()} == {1}
    assert records_of(store, "t1") == records_of(store, "t2") == {}
    assert store.find_answers({"t1": ["r1"]}) == {("t1", "r1"): answer("r1", 1)}
    assert store.append([write("t1", 1, Agent("ana"))], {}) == {"t1"}


@pytest.mark.req("G2")
def test_tenants_have_request_ids_of_their_own(store: Store) -> None:
    assert store.append([write(each, 0, answers=[answer("r1", 1)]) for each in ("t1", "t2")], {}) == {"t1", "t2"}


@pytest.mark.req("G2")
def test_a_repeated_request_of_a_tenant_that_lost_is_no_duplicate(store: Store) -> None:
    store.append([write("t1", 0, answers=[answer("r1", 1)])], {})
    assert store.append([write("t1", 0, answers=[answer("r1", 1)])], {}) == set()


@pytest.mark.req("P1")
def test_a_contact_that_moves_has_one_portfolio(store: Store) -> None:
    store.append([write("t1", 0, PortfolioContact("carla", "p1"))], {})
    store.append([write("t1", 1, PortfolioContact("carla", "p2"))], {})
    assert records_of(store, "t1") == {PortfolioContact: [PortfolioContact("carla", "p2")]}


@pytest.mark.req("G5", "G6")
def test_two_writers_of_one_tenant_lose_no_update(url: str, store: Store) -> None:
    store.append([write("t1", 0)], {})

    def race(name: str) -> None:
        racer = open_store(url)
        for number in range(RACES):
            while not racer.append([write("t1", racer.heads(["t1"])["t1"].revision, Agent(f"{name} {number:02}"))], {}):
                pass
        racer.close()

    with ThreadPoolExecutor() as threads:
        list(threads.map(race, ["a", "b"]))
    assert log_of(store, "t1") == list(range(1, 2 * RACES + 2))
    assert len(records_of(store, "t1")[Agent]) == 2 * RACES


@pytest.mark.req("G5", "G6")
def test_of_two_that_create_a_tenant_at_once_one_wins(store: Store, replica: Store) -> None:
    together = Barrier(2)

    def create(racer: Store) -> list[bool]:
        outcomes = []
        for number in range(RACES):
            together.wait(timeout=30)
            outcomes.append(bool(racer.append([write(f"t{number:02}", 0, answers=[answer("r1", 1)])], {})))
        return outcomes

    with ThreadPoolExecutor() as threads:
        one, other = threads.map(create, [store, replica])
    assert [sum(pair) for pair in zip(one, other, strict=True)] == [1] * RACES


def test_what_the_schema_lacks_is_refused(make_empty_database) -> None:
    store = open_store(make_empty_database())
    with pytest.raises(StoreRefused):
        store.append([write("t1", 0)], {})
    store.close()
