"""The judge finds each broken promise of the feed, by its name (W1)."""

import pytest

from tests.chaos.histories import History, Line


def changes_among(lines: list[Line]) -> list[int]:
    """Where the changes stand among the lines."""
    return [place for place, line in enumerate(lines) if "step" in line and line["step"].HasField("change")]


@pytest.mark.req("W1")
def test_a_wrong_order_is_found(history: History) -> None:
    """Two changes that came in the wrong order are told of."""

    def falsify(lines: list[Line]) -> None:
        one, other = changes_among(lines)[10:12]
        lines[one]["step"], lines[other]["step"] = lines[other]["step"], lines[one]["step"]

    history.change_watch("whole", falsify)
    assert "ordered" in history.violated()


@pytest.mark.req("W1")
def test_a_change_that_came_twice_is_found(history: History) -> None:
    """A change that came twice on a stream is told of."""
    history.change_watch("whole", lambda lines: lines.insert(20, dict(lines[19])))
    assert history.violated() == {"unique"}


@pytest.mark.req("W1")
@pytest.mark.parametrize("habit", ["whole", "of-agents", "of-kinds"])
def test_a_change_that_never_came_is_found(history: History, habit: str) -> None:
    """A change that a watcher should have been sent, and was not, is told of, with filters and without."""
    history.change_watch(habit, lambda lines: lines.pop(changes_among(lines)[5]))
    assert history.violated() <= {"reliable", "bookmarked", "resumable"}
    assert history.violated() != set()


@pytest.mark.req("W1")
def test_a_feed_that_stops_is_found(history: History) -> None:
    """A watcher who was never sent the end is told of."""
    history.change_watch("whole", lambda lines: lines.__delitem__(slice(-8, -1)))
    assert history.violated() == {"reliable"}


@pytest.mark.req("W1")
def test_half_a_change_is_found(history: History) -> None:
    """A change of which an event is missing is told of."""

    def falsify(lines: list[Line]) -> None:
        whole = (lines[place]["step"].change for place in changes_among(lines))
        next(change for change in whole if len(change.events) > 1).events.pop()

    history.change_watch("whole", falsify)
    assert history.violated() == {"atomic"}


@pytest.mark.req("W1")
def test_an_inclusive_resumption_is_found(history: History) -> None:
    """A stream that was to resume after a revision, and begins with it, is told of."""

    def falsify(lines: list[Line]) -> None:
        opened = [place for place, line in enumerate(lines) if line.get("start_after")]
        resumed = next(place for place in opened if place - 2 in changes_among(lines))
        lines.insert(resumed + 1, {**lines[resumed - 2], "stream": lines[resumed]["stream"]})

    history.change_watch("leaving", falsify)
    assert "resumable" in history.violated()


@pytest.mark.req("W1")
def test_a_resumption_that_is_refused_is_found(history: History) -> None:
    """A watcher who is told that what it was sent lies in the future is told of."""
    history.change_watch("whole", lambda lines: lines[-1].update(ended="OUT_OF_RANGE", reason="REVISION_IN_THE_FUTURE"))
    assert history.violated() == {"resumable"}


@pytest.mark.req("W1", "G3")
def test_a_stream_that_a_fault_ended_is_found(history: History) -> None:
    """A stream that ended by a fault of the service is told of."""
    history.change_watch("whole", lambda lines: lines[-1].update(ended="INTERNAL", reason="INTERNAL"))
    assert history.violated() == {"typed"}


@pytest.mark.req("W1")
def test_an_early_bookmark_is_found(history: History) -> None:
    """A mark that comes before what it says was sent is told of."""

    def falsify(lines: list[Line]) -> None:
        mark = next(line for line in lines if "step" in line and line["step"].HasField("bookmark"))
        mark["step"].bookmark.revision += 3

    history.change_watch("whole", falsify)
    assert history.violated() == {"bookmarked"}


@pytest.mark.req("W1")
def test_a_stream_that_is_quiet_too_long_is_found(history: History) -> None:
    """More than 10 s without a mark are told of, unless something was done to the service then."""

    def falsify(lines: list[Line]) -> None:
        for line in lines[20:]:
            line["at"] += 20

    history.change_watch("whole", falsify)
    assert history.violated() == {"bookmarked"}
    (history.directory / "faults.jsonl").write_text('{"fault": "pause", "began": 0, "ended": 1e9}\n')
    assert history.violated() == set()
