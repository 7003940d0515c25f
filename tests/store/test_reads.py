"""Reads: single records and pages, each snapshot at one revision."""

from typing import Any

import pytest

from cartera.core.records import (
    TABLES,
    Agent,
    Contact,
    ExclusiveAgent,
    Interaction,
    OwnershipChange,
    Portfolio,
    PortfolioContact,
    Tenant,
)
from cartera.core.vocabulary import Channel, InteractionState
from cartera.store.open import open_reads
from cartera.store.reads import Page, Reads
from cartera.store.reports import AgentReport, PortfolioReport
from cartera.store.store import Store, StoreUnavailable
from cartera.store.tables import key_of
from tests.store.examples import EMPTY, FULL, interaction, ownership_change, write


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
        assert snapshot.held("luis") == {}
        assert snapshot.contact_history("carla", 10) == []
        assert snapshot.ownership_changes(limit=10).records == []
        assert snapshot.portfolio_reports(limit=10).records == []
        assert snapshot.agent_reports(limit=10).records == []


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


@pytest.mark.req("C1", "C2")
def test_held_counts_what_takes_a_slot_of_an_agent_by_channel(store: Store, reads: Reads) -> None:
    chats = [interaction(state.name, state, state=state, agent_id="ana") for state in InteractionState if state]
    call = interaction("call", 98, state=InteractionState.ASSIGNED, agent_id="ana", channel=Channel.VOICE)
    other = interaction("other", 99, state=InteractionState.ASSIGNED, agent_id="luis")
    store.append([write("t1", 0, *chats, call, other)], {})
    with reads.snapshot("t1") as snapshot:
        assert snapshot.held("ana") == {Channel.CHAT: 3, Channel.VOICE: 1}  # OFFERED, ASSIGNED and WRAP_UP
        assert snapshot.held("luis") == {Channel.CHAT: 1}
        assert snapshot.held("eva") == {}


@pytest.mark.req("T6")
def test_a_contacts_history_is_its_last_interactions_the_newest_first(store: Store, reads: Reads) -> None:
    states = [InteractionState.COMPLETED, InteractionState.EXPIRED, InteractionState.QUEUED]
    chats = [
        interaction(f"i{number}", number, contact_id=f"contact {number % 2}", state=states[number % 3])
        for number in range(20)
    ]
    store.append([write("t1", 0, *chats), write("t2", 0, *chats)], {})
    with reads.snapshot("t1") as snapshot:
        assert snapshot.contact_history("contact 1", 4) == [chats[19], chats[17], chats[15], chats[13]]
        assert snapshot.contact_history("contact 1", 100) == chats[19::-2]
        assert snapshot.contact_history("nobody", 4) == []


def ownership_pages(reads: Reads, limit: int, **of: Any) -> list[list[str]]:
    """The ids on all pages of a history of ownership."""
    found, after = [], None
    while True:
        with reads.snapshot("t1") as snapshot:
            page = snapshot.ownership_changes(after=after, limit=limit, **of)
        found.append([change.change_id for change in page.records])
        if not page.more:
            return found
        after = key_of(page.records[-1])


@pytest.mark.req("P9")
def test_ownership_is_told_by_contact_or_portfolio_the_newest_first(store: Store, reads: Reads) -> None:
    changes = [
        ownership_change("1", "carla", "p1"),
        ownership_change("2", "dario", "p2"),
        ownership_change("3", "carla", "p2")._replace(previous_portfolio_id="p1"),
        ownership_change("4", "", "p1"),
        ownership_change("5", "dario", "p1")._replace(previous_portfolio_id="p2"),
        ownership_change("6", "dario", "p1")._replace(previous_portfolio_id="p1"),
    ]
    store.append([write("t1", 0, *changes), write("t2", 0, *changes)], {})
    assert ownership_pages(reads, 4) == [["6", "5", "4", "3"], ["2", "1"]]
    assert ownership_pages(reads, 1, contact_id="carla") == [["3"], ["1"]]
    assert ownership_pages(reads, 2, portfolio_ids=["p1"]) == [["6", "5"], ["4", "3"], ["1"]]
    assert ownership_pages(reads, 5, portfolio_ids=["p1"]) == [["6", "5", "4", "3", "1"]]
    assert ownership_pages(reads, 2, portfolio_ids=["p2"]) == [["5", "3"], ["2"]]
    assert ownership_pages(reads, 5, portfolio_ids=["p2"], contact_id="carla") == [["3"]]
    assert ownership_pages(reads, 5, portfolio_ids=["p3"]) == [[]]
    with reads.snapshot("t1") as snapshot:
        assert snapshot.get(OwnershipChange, ("3",)) == changes[2]


@pytest.fixture
def reported(store: Store) -> None:
    """Four contacts in two of three portfolios, and one in none; each has three interactions that ended and some
    that didn't.
    """
    of_portfolio = {"p1": ["carla", "dario"], "p2": ["elena", "fabio"]}
    open_of_contact = {"carla": 2, "dario": 1, "elena": 1, "gaston": 5}
    ended = [
        interaction(f"{contact} {state.name}", 10 * number + state, contact_id=contact, state=state, agent_id="ana")
        for number, contact in enumerate([*open_of_contact, "fabio"])
        for state in (InteractionState.COMPLETED, InteractionState.CANCELLED, InteractionState.EXPIRED)
    ]
    open_ones = [
        interaction(f"{contact} {number}", 1_000 + 10 * place + number, contact_id=contact)
        for place, (contact, wanted) in enumerate(open_of_contact.items())
        for number in range(wanted)
    ]
    held = [
        each._replace(state=state, agent_id=agent_id)
        for each, agent_id, state in zip(
            open_ones,
            ["ana", "luis", "luis"],
            [InteractionState.OFFERED, InteractionState.ASSIGNED, InteractionState.WRAP_UP],
            strict=False,
        )
    ]
    records = [
        *map(Agent, ["ana", "eva", "luis"]),
        Portfolio("p1", owner_agent_ids=("ana", "luis")),
        Portfolio("p2", owner_agent_ids=("ana",), owner_workgroup_ids=("sales",)),
        Portfolio("p3", owner_agent_ids=("eva",), backup_agent_ids=("luis",)),
        *(PortfolioContact(contact, each) for each, contacts in of_portfolio.items() for contact in contacts),
        *ended,
        *held,
        *open_ones[len(held) :],
    ]
    store.append([write("t1", 0, *records), write("t2", 0, *records)], {})


@pytest.mark.req("P7")
@pytest.mark.usefixtures("reported")
def test_a_portfolios_report_counts_its_contacts_and_their_interactions(reads: Reads) -> None:
    p1, p2, p3 = PortfolioReport("p1", 2, 3, 9), PortfolioReport("p2", 2, 1, 7), PortfolioReport("p3", 0, 0, 0)
    with reads.snapshot("t1") as snapshot:
        assert snapshot.portfolio_reports(limit=2) == Page([p1, p2], more=True)
        assert snapshot.portfolio_reports(after=("p2",), limit=2) == Page([p3], more=False)


@pytest.mark.req("P7")
@pytest.mark.usefixtures("reported")
def test_an_agents_report_counts_the_contacts_it_owns_and_what_it_holds_or_held(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, eva, luis = AgentReport("ana", 4, 1, 16), AgentReport("eva", 0, 0, 0), AgentReport("luis", 2, 2, 2)
    with reads.snapshot("t1") as snapshot:
        assert snapshot.agent_reports(limit=2) == Page([ana, eva], more=True)
        assert snapshot.agent_reports(after=("eva",), limit=2) == Page([luis], more=False)
        monkeypatch.setattr("cartera.store.reads.BLOCK", 1)
        assert snapshot.agent_reports(limit=3).records == [ana, eva, luis]


def test_without_a_database_reads_are_unavailable(tmp_path) -> None:
    for url in (f"sqlite:///{tmp_path / 'no directory' / 'cartera.db'}", "postgresql://nobody@127.0.0.1:1/none"):
        reads = open_reads(url)
        with pytest.raises(StoreUnavailable), reads.snapshot("t1"):
            pass
        reads.close()
