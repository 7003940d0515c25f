"""Loading: what routing needs in memory, in one snapshot, and the rest by id."""

from datetime import timedelta

import pytest

from cartera.core.records import (
    TABLES,
    Contact,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    OwnershipChange,
    PortfolioContact,
)
from cartera.core.references import CONTACT_REFERENCES
from cartera.core.vocabulary import InteractionState
from cartera.store.store import Head, Loaded, Store
from tests.store.examples import EMPTY, FULL, NOW, answer, by_type, interaction, write

ENDED = {InteractionState.COMPLETED, InteractionState.CANCELLED, InteractionState.EXPIRED}


def of_contact(contact_id: str) -> list:
    return [
        Contact(contact_id),
        ContactActivity(contact_id, "luis", NOW),
        PortfolioContact(contact_id, "p1"),
        ExclusiveAgent(contact_id, "spring", "ana"),
        ExclusiveAgent(contact_id, "summer", "luis"),
    ]


def in_order(loaded: Loaded | None) -> dict[type, list]:
    assert loaded is not None
    return {record_type: sorted(records) for record_type, records in by_type(loaded.records).items()}


def test_an_unknown_tenant_is_none(store: Store) -> None:
    store.append([write("t1", 0, *FULL)], {})
    assert store.load_tenant("t2") is None
    assert store.heads(["t2"]) == {}
    assert store.heads([]) == {}
    assert store.changes_since("t2", 0, 10) == []
    with store.all_records("t2") as (head, records):
        assert head is None
        assert list(records) == []


@pytest.mark.parametrize("records", [FULL, EMPTY], ids=["full", "empty"])
def test_every_record_comes_back_as_it_went_in(store: Store, records: list) -> None:
    assert {type(record) for record in records} == set(TABLES)
    store.append([write("t1", 0, *records), write("t2", 0, *EMPTY)], {})
    with store.all_records("t1") as (head, found):
        assert head == Head("t1", 1, NOW, None)
        # As text too, where an enumeration differs from its number and a time from the same time in another zone.
        assert sorted(map(repr, found)) == sorted(map(repr, records))


def test_a_tenant_loads_with_its_head_and_all_that_is_neither_of_a_contact_nor_history(store: Store) -> None:
    store.append([write("t1", 0, *FULL), write("t2", 0, *EMPTY)], {})
    loaded = store.load_tenant("t1")
    assert loaded is not None
    assert loaded.head == Head("t1", 1, NOW, None)
    apart = {Contact, ContactActivity, PortfolioContact, ExclusiveAgent, Interaction, OwnershipChange}
    assert in_order(loaded) == by_type(record for record in FULL if type(record) not in apart)


def test_open_interactions_load_and_ended_ones_do_not(store: Store) -> None:
    states = [state for state in InteractionState if state]
    every = [interaction(state.name, state, state=state, contact_id=state.name) for state in states]
    store.append([write("t1", 0, *every)], {})
    assert in_order(store.load_tenant("t1")) == {Interaction: sorted(each for each in every if each.state not in ENDED)}


def test_the_contacts_of_open_interactions_load_and_others_do_not(store: Store) -> None:
    chats = [
        interaction("i1", 1, contact_id="open"),
        interaction("i2", 2, contact_id="ended", state=InteractionState.COMPLETED),
        interaction("i3", 3, contact_id="not in the list"),
    ]
    contacts = [record for each in ("open", "ended", "idle") for record in of_contact(each)]
    store.append([write("t1", 0, *chats, *contacts), write("t2", 0, *of_contact("open"))], {})
    expected = by_type([chats[0], chats[2], *of_contact("open")])
    assert in_order(store.load_tenant("t1")) == expected


@pytest.mark.req("G5")
def test_many_tenants_load_at_once_as_each_does_alone(store: Store) -> None:
    chat = interaction("i1", 1, contact_id="carla")
    ended = interaction("i2", 2, contact_id="dario", state=InteractionState.COMPLETED)
    contacts = [*of_contact("carla"), *of_contact("dario")]
    store.append([write("t1", 0, *FULL), write("t2", 0, chat, ended, *contacts), write("t3", 0, *EMPTY)], {})
    loaded = store.load_tenants(["t1", "t2", "t3", "t4"])
    assert loaded == {each: store.load_tenant(each) for each in ("t1", "t2", "t3")}
    assert in_order(loaded["t2"]) == by_type([chat, *of_contact("carla")])
    assert store.load_tenants([]) == {}


def test_contacts_load_by_id_for_many_tenants_at_once(store: Store) -> None:
    store.append([write(each, 0, *of_contact("carla"), *of_contact("dario")) for each in ("t1", "t2")], {})
    found = store.load_contacts({"t1": ["carla", "nobody"], "t2": {"dario", "carla"}, "t3": ["carla"], "t4": []})
    assert {tenant_id: sorted(map(repr, records)) for tenant_id, records in found.items()} == {
        "t1": sorted(map(repr, of_contact("carla"))),
        "t2": sorted(map(repr, of_contact("carla") + of_contact("dario"))),
        "t3": [],
        "t4": [],
    }
    assert store.load_contacts({}) == {}


def test_interactions_load_by_id_ended_or_not(store: Store) -> None:
    ended = interaction("i2", 2, state=InteractionState.CANCELLED, ended_at=NOW)
    store.append([write("t1", 0, interaction("i1", 1), ended), write("t2", 0, interaction("i1", 7))], {})
    assert store.load_interactions({"t1": ["i2"], "t2": ["i1", "i2"]}) == {"t1": [ended], "t2": [interaction("i1", 7)]}


@pytest.mark.parametrize(
    ("record_type", "field", "value"),
    [(record_type, field, "named") for each in CONTACT_REFERENCES.values() for record_type, field in each],
)
def test_contacts_that_name_something_are_found(store: Store, record_type: type, field: str, value: str) -> None:
    [full] = by_type(FULL)[record_type]
    naming = [full._replace(**{"contact_id": each, field: value}) for each in ("one", "other")]
    store.append([write("t1", 0, full, *naming), write("t2", 0, full)], {})
    assert sorted(store.contacts_naming("t1", record_type, field, value, 10)) == ["one", "other"]
    assert len(store.contacts_naming("t1", record_type, field, value, 1)) == 1
    assert store.contacts_naming("t2", record_type, field, value, 10) == []


@pytest.mark.req("G2")
def test_answers_are_found_by_tenant_and_request_id(store: Store) -> None:
    store.append(
        [write(each, 0, answers=[answer("r1", 1, each.encode()), answer("r2", 1)]) for each in ("t1", "t2")], {}
    )
    found = store.find_answers({"t1": ["r1", "r3"], "t2": ["r1", "r2"], "t3": ["r1"]})
    assert found == {
        ("t1", "r1"): answer("r1", 1, b"t1"),
        ("t2", "r1"): answer("r1", 1, b"t2"),
        ("t2", "r2"): answer("r2", 1),
    }
    assert store.find_answers({}) == {}


def test_due_tenants_come_longest_due_first(store: Store) -> None:
    seconds_due = {"a": 5, "b": 20, "c": -1, "d": 0, "e": None}
    store.append(
        [
            write(each, 0, due_at=None if seconds is None else NOW - timedelta(seconds=seconds))
            for each, seconds in seconds_due.items()
        ],
        {},
    )
    assert [head.tenant_id for head in store.due_tenants(NOW, 10)] == ["b", "a", "d"]
    assert [head.tenant_id for head in store.due_tenants(NOW, 2)] == ["b", "a"]
    assert store.due_tenants(NOW, 1) == [Head("b", 1, NOW, NOW - timedelta(seconds=20))]


def test_tenant_ids_come_in_order(store: Store) -> None:
    store.append([write(each, 0) for each in ("b", "á", "a", "B", "_")], {})
    assert store.tenant_ids() == sorted(["b", "á", "a", "B", "_"])


def test_all_records_show_one_revision_while_others_write(store: Store, replica: Store) -> None:
    contacts = [Contact(f"contact {number:04}") for number in range(3_000)]
    store.append([write("t1", 0, *contacts)], {})
    with store.all_records("t1") as (head, records):
        assert next(records) == contacts[0]
        replica.append([write("t1", 1, Contact("contact 0001", "changed"), deletes={Contact: [("contact 2999",)]})], {})
        assert head is not None
        assert head.revision == 1
        assert list(records) == contacts[1:]
    with store.all_records("t1") as (head, records):
        assert head is not None
        assert head.revision == 2
        assert list(records) == [contacts[0], Contact("contact 0001", "changed"), *contacts[2:-1]]
