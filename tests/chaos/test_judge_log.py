"""The judge finds each broken promise about the log: its order, who holds what, lives and timers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cartera.routing.v1.event_pb2 import Change, Event
from tests.chaos.histories import History, change_with, event_of

Changes = list[Change]


def add_event(changes: Changes, after: Change, **event: object) -> None:
    """Have an event happen in the change after another."""
    changes[changes.index(after) + 1].events.append(Event(**event))


@pytest.mark.req("G6")
def test_a_gap_is_found(history: History) -> None:
    """A change that is missing from the log is told of."""
    history.change_log(lambda changes: changes.pop(len(changes) // 2))
    assert "gap-free" in history.violated()


@pytest.mark.req("W1", "G6")
def test_a_pruned_log_is_judged(history: History) -> None:
    """Nothing is found where the log's beginning was pruned: watchers were sent it."""
    history.write_log(history.log()[20:])
    assert history.violated() == set()


@pytest.mark.req("G6")
def test_time_that_runs_backwards_is_found(history: History) -> None:
    """A change that happened before the one before it is told of."""

    def falsify(changes: Changes) -> None:
        moment = changes[-1].occurred_at
        moment.FromDatetime(moment.ToDatetime() - timedelta(hours=1))

    history.change_log(falsify)
    assert "time" in history.violated()


@pytest.mark.req("C1", "G6")
def test_too_much_for_an_agent_is_found(history: History) -> None:
    """An agent who was given more than it has room for is told of."""

    def falsify(changes: Changes) -> None:
        for change in changes:
            for event in change.events:
                if event.HasField("agent_saved"):
                    event.agent_saved.agent.capacity = 1

    history.change_log(falsify)
    assert "capacity" in history.violated()


@pytest.mark.req("C1", "M9", "G6")
def test_two_holders_are_found(history: History) -> None:
    """An interaction that is given to a second agent while the first has it is told of."""

    def falsify(changes: Changes) -> None:
        given = change_with(changes, "interaction_assigned")
        again = Event()
        again.interaction_assigned.CopyFrom(event_of(given, "interaction_assigned"))
        again.interaction_assigned.agent_id = "nobody"
        given.events.append(again)

    history.change_log(falsify)
    assert "one-holder" in history.violated()


@pytest.mark.req("G2", "G6")
def test_a_second_end_is_found(history: History) -> None:
    """An interaction that ends twice is told of."""

    def falsify(changes: Changes) -> None:
        ended = change_with(changes, "interaction_cancelled")
        add_event(changes, ended, interaction_cancelled=event_of(ended, "interaction_cancelled"))

    history.change_log(falsify)
    assert "one-end" in history.violated()


@pytest.mark.req("G6")
def test_an_impossible_life_is_found(history: History) -> None:
    """An interaction that waits while an agent has it is told of."""

    def falsify(changes: Changes) -> None:
        given = change_with(changes, "interaction_assigned")
        assigned = event_of(given, "interaction_assigned")
        add_event(changes, given, interaction_queued={"interaction_id": assigned.interaction_id})

    history.change_log(falsify)
    assert "life" in history.violated()


def too_early(changes: Changes) -> None:
    """A wrap-up ends of itself, and was due an hour later."""
    ended = {
        event.interaction_wrap_up_ended.interaction_id
        for change in changes
        for event in change.events
        if not change.request_id and event.HasField("interaction_wrap_up_ended")
    }
    for change in changes:
        for event in change.events:
            if event.interaction_completed.interaction_id in ended:
                until = event.interaction_completed.wrap_up_until
                until.FromDatetime(until.ToDatetime() + timedelta(hours=1))


def twice(changes: Changes) -> None:
    """An offer rings out again."""
    missed = change_with(changes, "interaction_offer_missed")
    add_event(changes, missed, interaction_offer_missed=event_of(missed, "interaction_offer_missed"))


def never(changes: Changes) -> None:
    """An offer doesn't ring out, though the time comes."""
    for change in changes:
        kept = [event for event in change.events if not event.HasField("interaction_offer_missed")]
        del change.events[:]
        change.events.extend(kept)


def instead(changes: Changes) -> None:
    """Where an offer should ring out, something else happens to the interaction, and nothing afterwards would tell."""
    missed = change_with(changes, "interaction_offer_missed")
    offer = event_of(missed, "interaction_offer_missed")
    del missed.events[:]
    missed.events.add(interaction_assigned={"interaction_id": offer.interaction_id, "agent_id": offer.agent_id})
    del changes[changes.index(missed) + 1 :]


@pytest.mark.req("C9", "C10", "G6")
@pytest.mark.parametrize("falsify", [too_early, twice, never, instead])
def test_a_timer_out_of_order_is_found(history: History, falsify: Callable[[Changes], None]) -> None:
    """What falls due before its time, twice, or not at all is told of."""
    history.change_log(falsify)
    assert "timers" in history.violated()
