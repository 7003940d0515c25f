"""Business hours: when something is open by the clock on the wall, through changes of the clock and holidays (C12)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cartera.core.hours import LOOK_AHEAD, is_open, next_opening
from cartera.core.records import BusinessHours, Holiday, HoursCondition, OpeningHours
from cartera.core.vocabulary import DayOfWeek

pytestmark = pytest.mark.req("C12")

BOGOTA, NEW_YORK, MADRID = "America/Bogota", "America/New_York", "Europe/Madrid"
WEEKDAYS = tuple(DayOfWeek)[1:6]


def at(zone, text, *, fold=0):
    """The moment at which the clock of a zone shows a time; with fold, the second time that it does."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def hours(zone, *spans, days=WEEKDAYS, holidays=()):
    opening = tuple(OpeningHours(day, *span.split("-")) for day in days for span in spans)
    return BusinessHours(zone, opening, tuple(Holiday(each) for each in holidays))


def every_day(zone, *spans):
    return hours(zone, *spans, days=tuple(DayOfWeek)[1:])


OFFICE = hours(BOGOTA, "08:00-12:30", "14:00-18:00", holidays=("2026-07-20",))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-07-17 07:59:59", False),
        ("2026-07-17 08:00", True),
        ("2026-07-17 12:29:59", True),
        ("2026-07-17 12:30", False),
        ("2026-07-17 14:00", True),
        ("2026-07-17 18:00", False),
        ("2026-07-18 10:00", False),
        ("2026-07-20 10:00", False),
        ("2026-07-21 10:00", True),
    ],
    ids=["early", "opens", "last second", "noon", "after noon", "closes", "Saturday", "holiday", "day after"],
)
def test_open(moment, expected):
    """It is open from when it opens until when it closes, on the days that are named and are no holidays."""
    assert is_open(OFFICE, at(BOGOTA, moment)) is expected


def test_day_and_holiday_are_those_of_the_zone():
    """A day begins and ends by the clock of its zone, wherever who calls is."""
    only_friday = hours(BOGOTA, "00:00-24:00", days=(DayOfWeek.FRIDAY,), holidays=("2026-07-24",))
    assert is_open(only_friday, datetime(2026, 7, 18, 4, 59, tzinfo=UTC))
    assert not is_open(only_friday, datetime(2026, 7, 17, 4, 59, tzinfo=UTC))
    assert not is_open(only_friday, datetime(2026, 7, 25, 4, 59, tzinfo=UTC))
    assert not is_open(only_friday, datetime(2026, 7, 18, 5, tzinfo=UTC))


def test_end_of_the_day():
    """What closes at 24:00 and opens at 00:00 is not closed in between."""
    night = every_day(MADRID, "22:00-24:00", "00:00-06:00")
    assert is_open(night, at(MADRID, "2026-03-02 23:59:59.999999"))
    assert is_open(night, at(MADRID, "2026-03-03 00:00"))
    assert not is_open(night, at(MADRID, "2026-03-03 06:00"))


@pytest.mark.req("Z2")
def test_hours_of_a_condition():
    """The hours of a trigger's condition are read the same way."""
    condition = HoursCondition(MADRID, (OpeningHours(DayOfWeek.MONDAY, "09:00", "10:00"),))
    assert is_open(condition, at(MADRID, "2026-03-02 09:30"))
    assert not is_open(condition, at(MADRID, "2026-03-03 09:30"))


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-07-17 06:00", "2026-07-17 08:00"),
        ("2026-07-17 08:00", "2026-07-17 08:00"),
        ("2026-07-17 10:10", "2026-07-17 10:10"),
        ("2026-07-17 12:30", "2026-07-17 14:00"),
        ("2026-07-16 18:00", "2026-07-17 08:00"),
        ("2026-07-17 18:00", "2026-07-21 08:00"),
        ("2026-07-20 08:00", "2026-07-21 08:00"),
    ],
    ids=["morning", "opens now", "open now", "noon", "evening", "over weekend and holiday", "on the holiday"],
)
def test_next_opening(moment, opening):
    """The next opening is the first time from now on at which it is open."""
    assert next_opening(OFFICE, at(BOGOTA, moment)) == at(BOGOTA, opening)


CLOCK_CHANGES = [
    ("the day is an hour shorter", NEW_YORK, "09:00-17:00", ("2026-03-07 18:00", 0), ("2026-03-08 09:00", 0)),
    ("the day is an hour longer", NEW_YORK, "09:00-17:00", ("2026-10-31 18:00", 0), ("2026-11-01 09:00", 0)),
    ("opens in the hour that is left out", NEW_YORK, "02:30-05:00", ("2026-03-08 01:00", 0), ("2026-03-08 03:00", 0)),
    ("only open in the hour left out", NEW_YORK, "02:10-02:50", ("2026-03-08 01:00", 0), ("2026-03-09 02:10", 0)),
    ("opens in the hour that comes twice", NEW_YORK, "01:30-05:00", ("2026-11-01 01:00", 0), ("2026-11-01 01:30", 0)),
    ("comes a second time", NEW_YORK, "01:10-01:20", ("2026-11-01 01:30", 0), ("2026-11-01 01:10", 1)),
    ("open again when put back", NEW_YORK, "00:30-01:45", ("2026-11-01 01:50", 0), ("2026-11-01 01:00", 1)),
    ("closed after the second time", NEW_YORK, "01:10-01:20", ("2026-11-01 01:30", 1), ("2026-11-02 01:10", 0)),
    ("spring in Madrid", MADRID, "02:15-08:00", ("2026-03-29 01:59", 0), ("2026-03-29 03:00", 0)),
    ("autumn in Madrid", MADRID, "02:15-08:00", ("2026-10-25 02:14", 0), ("2026-10-25 02:15", 0)),
    ("no summer time in Bogotá", BOGOTA, "02:15-08:00", ("2026-03-29 01:59", 0), ("2026-03-29 02:15", 0)),
    ("midnight is left out", "Africa/Cairo", "00:30-08:00", ("2026-04-23 23:50", 0), ("2026-04-24 01:00", 0)),
    ("midnight comes twice", "America/Havana", "00:10-00:20", ("2026-11-01 00:30", 0), ("2026-11-01 00:10", 1)),
]


@pytest.mark.parametrize(
    ("zone", "span", "moment", "opening"), [case[1:] for case in CLOCK_CHANGES], ids=[case[0] for case in CLOCK_CHANGES]
)
def test_clock_is_changed(zone, span, moment, opening):
    """Where the clock is put forward or back, what counts is what it shows."""
    (closed, closed_fold), (opens, opens_fold) = moment, opening
    found = next_opening(every_day(zone, span), at(zone, closed, fold=closed_fold))
    assert found == at(zone, opens, fold=opens_fold)


def test_hour_that_comes_twice():
    """An hour that the clock goes through twice is open both times."""
    assert [
        is_open(every_day(MADRID, "02:00-03:00"), at(MADRID, "2026-10-25 02:30", fold=fold)) for fold in (0, 1)
    ] == [
        True,
        True,
    ]


def test_never_opens():
    """What has no hours, or only holidays for more than a year, opens never."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    days = [(start + timedelta(days=each)).date().isoformat() for each in range(LOOK_AHEAD.days + 1)]
    assert next_opening(BusinessHours(BOGOTA), start) is None
    assert next_opening(hours(BOGOTA, "09:00-18:00", holidays=days), start) is None
    assert next_opening(hours(BOGOTA, "09:00-18:00", holidays=days[:300]), start) is not None


clock = st.integers(0, 24 * 12 - 1).map(lambda each: f"{each // 12:02}:{each % 12 * 5:02}")
spans = st.tuples(clock, st.one_of(clock, st.just("24:00"))).filter(lambda span: span[0] < span[1])
openings = st.lists(st.tuples(st.sampled_from(tuple(DayOfWeek)[1:]), spans), min_size=1, max_size=4)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001, UTC it is


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([BOGOTA, NEW_YORK, MADRID, "Africa/Cairo", "Australia/Lord_Howe"]), openings, moments)
@example(NEW_YORK, [(DayOfWeek.SUNDAY, ("02:30", "03:30"))], datetime(2026, 3, 8, 6, tzinfo=UTC))
def test_law_of_the_next_opening(zone, opening, moment):
    """At the next opening it is open, and at no time from now until then."""
    found = BusinessHours(zone, tuple(OpeningHours(day, *span) for day, span in opening))
    opens = next_opening(found, moment)
    assert opens is not None
    assert is_open(found, opens)
    steps = range(0, (opens - moment) // timedelta(minutes=1), 5)
    assert not any(is_open(found, moment + timedelta(minutes=step)) for step in steps)
