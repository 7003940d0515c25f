"""Upkeep: checkpoints in blocks, pruning in small steps, and what watchers hold."""

import re
import zlib
from datetime import timedelta

import pytest

from cartera.core.records import Agent, Interaction, Record
from cartera.store import upkeep, upkeep_statements
from cartera.store.blocks import blocks_of, decode_block, encode_block
from cartera.store.kept import Begun, CheckpointBlock, Kept
from cartera.store.store import Store
from cartera.store.upkeep import CheckpointGone
from tests.store.examples import EMPTY, FULL, LATER, NOW, answer, interaction, write

BEGUN = Begun(1, LATER, NOW, "one")


def put_checkpoint(store: Store, begun: Begun, records: list[Record]) -> bool:
    if not store.begin_checkpoint("t1", begun):
        return False
    for number, block in enumerate(blocks_of(records, 2)):
        assert store.add_block("t1", begun, CheckpointBlock(begun.revision, number, encode_block(block)), len(block))
    return store.finish_checkpoint("t1", begun)


@pytest.mark.req("G6")
@pytest.mark.parametrize("records", [FULL, EMPTY], ids=["full", "empty"])
def test_every_record_comes_back_from_a_checkpoint_as_it_went_in(store: Store, records: list[Record]) -> None:
    """To the letter, in blocks of whatever size."""
    assert put_checkpoint(store, BEGUN, records)
    assert list(map(repr, store.checkpoint_records("t1", 1))) == list(map(repr, records))
    assert store.checkpoints("t2") == []


@pytest.mark.req("G8")
def test_a_block_is_read_by_code_that_knows_more_or_less() -> None:
    """What is new has its default, what is unknown is left out."""
    assert decode_block(zlib.compress(b'["agents",["agent_id","unknown"]]\n["ana"]\n[7]')) == [Agent("ana")]
    assert decode_block(zlib.compress(b'["unknown",["agent_id"]]\n["ana"]')) == []


@pytest.mark.req("G6")
def test_one_writes_a_checkpoint_at_a_time_and_who_seems_dead_is_replaced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was taken for dead can't go on: its blocks would be mixed with the other's."""
    assert store.begin_checkpoint("t1", BEGUN)
    other = BEGUN._replace(writer="two")
    assert not store.begin_checkpoint("t1", other)
    store.drop_abandoned("t1")
    assert not store.begin_checkpoint("t1", other)
    monkeypatch.setattr(upkeep, "PATIENCE", -1.0)
    store.drop_abandoned("t1")
    assert store.begin_checkpoint("t1", other)
    block = CheckpointBlock(1, 0, encode_block([Agent("ana")]))
    assert not store.add_block("t1", BEGUN, block, 1)
    assert not store.finish_checkpoint("t1", BEGUN)
    assert store.add_block("t1", other, block, 1)
    with pytest.raises(CheckpointGone):
        list(store.checkpoint_records("t1", 1))
    assert store.finish_checkpoint("t1", other)
    assert list(store.checkpoint_records("t1", 1)) == [Agent("ana")]


def test_blocks_of_checkpoints_that_are_no_more_go_in_steps(store: Store) -> None:
    records = [interaction(f"i{number}", number) for number in range(5)]
    for revision in (1, 2, 3):
        assert put_checkpoint(store, BEGUN._replace(revision=revision), records)
    store.drop_checkpoints("t1", 3)
    assert [each.revision for each in store.checkpoints("t1")] == [3]
    dropped = []
    while number := store.drop_blocks("t1", 2):
        dropped.append(number)
    assert dropped == [2, 1, 2, 1]
    assert [type(each) for each in store.checkpoint_records("t1", 3)] == [Interaction] * 5


@pytest.mark.req("W1")
def test_what_is_held_is_the_least_and_lapses(store: Store) -> None:
    assert store.held_revision("t1") is None
    store.hold("t1", "one", 7, 60)
    store.hold("t1", "two", 5, 60)
    store.hold("t1", "gone", 2, -1)
    store.hold("t2", "one", 1, 60)
    assert store.held_revision("t1") == 5
    store.hold("t1", "two", 9, 60)
    assert store.held_revision("t1") == 7
    store.release("t1", "one")
    assert store.held_revision("t1") == 9


@pytest.mark.req("W1")
def test_changes_go_and_the_oldest_that_is_kept_is_known(store: Store) -> None:
    """Also where none is kept, and from when pruning is announced on."""
    for revision in range(4):
        store.append([write("t1", revision, Agent("ana"))], {})
    assert store.look("", 10) == [Kept("t1", 4, NOW, 0, None, 1, NOW)]
    assert store.oldest_revision("t1") == 1
    store.announce_pruning("t1", 3)
    store.announce_pruning("t1", 2)
    assert store.oldest_revision("t1") == 4
    assert store.prune_changes("t1", 0, 3) == 3
    assert [each.revision for each in store.changes_since("t1", 0, 10)] == [4]
    assert store.look("", 10) == [Kept("t1", 4, NOW, 3, None, 4, NOW)]
    store.announce_pruning("t1", 4)
    store.prune_changes("t1", 3, 4)
    assert store.oldest_revision("t1") == 5
    assert store.look("", 10) == [Kept("t1", 4, NOW, 4, None, None, None)]
    assert store.look("t1", 10) == []


@pytest.mark.req("G2")
def test_answers_go_by_age_in_steps(store: Store) -> None:
    """Each step looks at so many of one tenant."""
    young = [answer(f"r{number}", 1)._replace(answered_at=LATER) for number in (1, 4)]
    old = [answer(f"r{number}", 1)._replace(answered_at=NOW) for number in (0, 2, 3)]
    store.append([write("t1", 0, Agent("ana"), answers=[*young, *old]), write("t2", 0, answers=[old[0]])], {})
    before = LATER - timedelta(seconds=1)
    assert store.prune_answers("t1", "", 2, before) == ("r1", 1)
    assert store.prune_answers("t1", "r1", 2, before) == ("r3", 2)
    assert store.prune_answers("t1", "r3", 2, before) == ("", 0)
    wanted = {"t1": [f"r{number}" for number in range(5)], "t2": ["r0"]}
    assert sorted(store.find_answers(wanted)) == [("t1", "r1"), ("t1", "r4"), ("t2", "r0")]
    store.note_answers_pruned("t1", LATER)
    assert [each.answers_pruned_at for each in store.look("", 10)] == [LATER, None]


def test_every_statement_names_its_tenant() -> None:
    """So the tables can be sharded by it."""
    statements = [each for name, each in vars(upkeep_statements).items() if name.isupper() and isinstance(each, str)]
    statements.remove(upkeep_statements.LOOK)  # it goes through all tenants, in the order of their ids
    assert len(statements) > 15
    for statement in statements:
        assert re.search(r"\(tenant_id, |WHERE tenant_id = :tenant_id\b|\n\s+\(tenant_id, ", statement), statement
