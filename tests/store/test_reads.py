"""Reads: single records and pages, each snapshot at one revision."""

import pytest

from cartera.core.records import TABLES, Contact, ExclusiveAgent, Interaction, PortfolioContact, Tenant
from cartera.core.vocabulary import InteractionState
from cartera.store.open import open_reads
from cartera.store.reads import Reads
from cartera.store.store import Store, StoreUnavailable
from cartera.store.tables import key_of
from tests.store.examples import EMPTY, FULL, interaction, write


@pytest.mark.parametrize("records", [FULL, EMPTY], ids=["full", "empty"])
def test_every_record_is_read_as_it_was_written(store: Store, reads: Reads, records: list) -> None:
    store.append([write("t1", 0, *records), write("t2", 0)], {})
    with reads.snapshot("t1") as snapshot:
        found = [snapshot.get(type(record), key_of(record)) for record in records]
    assert {type(record) for record in found} == set(TABLES)
    assert repr(found) == repr(records)


@pytest.mark.req("G7")
def test_another_tenants_records_are_not_there(store: Store, reads: Reads) -> None:
    store.append([write("t1", 0, *FULL), write("t2", 0)], {})
    with reads.snapshot("t2") as snapshot:
        assert [snapshot.get(type(record), key_of(record)) for record in FULL] == [None] * len(FULL)
        assert [snapshot.page(each, limit=10).records for each in TABLES if each is not Tenant] == [[]] * (
            len(TABLES) - 1
        )
        assert snapshot.units_in_use("luis") == 0


def test_an_unknown_tenant_is_at_revision_zero(reads: Reads) -> None:
    with reads.snapshot("unknown") as snapshot:
        assert snapshot.revision == 0
        assert snapshot.get(Tenant, ()) is None


@pytest.mark.req("G5")
def test_a_snapshot_shows_one_revision_while_others_write(store: Store, reads: Reads) -> None:
    store.append([write("t1", 0, Contact("carla"))], {})
    with reads.snapshot("t1") as snapshot:
        assert snapshot.revision == 1
        store.append([write("t1", 1, Contact("carla", "changed"), Contact("dario"))], {})
        assert snapshot.get(Contact, ("carla",)) == Contact("carla")
        assert snapshot.page(Contact, limit=10).records == [Contact("carla")]
    with reads.snapshot("t1") as snapshot:
        assert snapshot.revision == 2
        assert snapshot.get(Contact, ("carla",)) == Contact("carla", "changed")


def pages(reads: Reads, record_type: type, limit: int, **options) -> list[list]:
    """All pages of a list."""
    found, after = [], None
    while True:
        with reads.snapshot("t1") as snapshot:
            page = snapshot.page(record_type, after=after, limit=limit, **options)
        found.append(page.records)
        if not page.more:
            return found
        after = key_of(page.records[-1])


def test_pages_hold_each_record_once_in_the_order_of_keys(store: Store, reads: Reads) -> None:
    names = ["b", "a", "B", "á", "Z", "_", "0", "日本", "a b", "a-b", "aa"]
    store.append([write("t1", 0, *map(Contact, names)), write("t2", 0, Contact("other"))], {})
    in_order = [Contact(name) for name in sorted(names)]
    assert pages(reads, Contact, 4) == [in_order[:4], in_order[4:8], in_order[8:]]
    assert pages(reads, Contact, 11) == [in_order]
    assert pages(reads, Contact, 12) == [in_order]


def test_pages_by_a_key_of_two_fields_break_anywhere(store: Store, reads: Reads) -> None:
    exclusive = [ExclusiveAgent(contact, campaign, "ana") for contact in "abc" for campaign in "xyz"]
    store.append([write("t1", 0, *reversed(exclusive))], {})
    assert pages(reads, ExclusiveAgent, 2) == [exclusive[first : first + 2] for first in range(0, 9, 2)]


@pytest.mark.req("T7")
def test_interactions_are_listed_in_the_order_of_their_arrival(store: Store, reads: Reads) -> None:
    chats = [interaction(f"i{(7 * number) % 10}", number) for number in range(10)]
    store.append([write("t1", 0, *chats)], {})
    assert pages(reads, Interaction, 4) == [chats[:4], chats[4:8], chats[8:]]
    newest = chats[::-1]
    assert pages(reads, Interaction, 4, newest_first=True) == [newest[:4], newest[4:8], newest[8:]]


@pytest.mark.req("T7")
def test_filters_hold_together_on_every_page(store: Store, reads: Reads) -> None:
    states = [InteractionState.QUEUED, InteractionState.ASSIGNED, InteractionState.COMPLETED]
    chats = [
        interaction(f"i{number}", number, state=states[number % 3], agent_id=f"agent {number % 2}")
        for number in range(24)
    ]
    store.append([write("t1", 0, *chats)], {})
    where = {"agent_id": "agent 1", "state": [InteractionState.ASSIGNED, InteractionState.COMPLETED]}
    expected = [chat for chat in chats if chat.agent_id == "agent 1" and chat.state in where["state"]]
    assert pages(reads, Interaction, 3, where=where) == [expected[:3], expected[3:6], expected[6:]]
    assert pages(reads, Interaction, 3, where={"state": []}) == [[]]


def test_the_contacts_of_a_portfolio_are_paged(store: Store, reads: Reads) -> None:
    places = [PortfolioContact(f"contact {number:02}", f"p{number % 2}") for number in range(10)]
    store.append([write("t1", 0, *places)], {})
    assert pages(reads, PortfolioContact, 3, where={"portfolio_id": "p1"}) == [places[1:7:2], places[7::2]]


@pytest.mark.req("C1")
def test_units_in_use_count_what_an_agent_holds(store: Store, reads: Reads) -> None:
    chats = [interaction(state.name, state, state=state, agent_id="ana") for state in InteractionState if state]
    more = interaction("more", 98, state=InteractionState.ASSIGNED, agent_id="ana")
    other = interaction("other", 99, state=InteractionState.ASSIGNED, agent_id="luis")
    store.append([write("t1", 0, *chats, more, other)], {})
    with reads.snapshot("t1") as snapshot:
        assert [snapshot.units_in_use(each) for each in ("ana", "luis", "eva")] == [2, 1, 0]


def test_without_a_database_reads_are_unavailable(tmp_path) -> None:
    for url in (f"sqlite:///{tmp_path / 'no directory' / 'cartera.db'}", "postgresql://nobody@127.0.0.1:1/none"):
        reads = open_reads(url)
        with pytest.raises(StoreUnavailable), reads.snapshot("t1"):
            pass
        reads.close()
