"""Times between Python and protobuf.

By hand: protobuf's own conversions take three times as long, and every event has a few.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400


def timestamp_parts(moment: datetime) -> tuple[int, int]:
    """Seconds and nanos."""
    since = moment - EPOCH
    return since.days * _DAY + since.seconds, since.microseconds * 1000


def moment_of(timestamp: Any) -> datetime:
    return EPOCH + timedelta(0, timestamp.seconds, timestamp.nanos // 1000)


def duration_parts(span: timedelta) -> tuple[int, int]:
    """Seconds and nanos. Protobuf wants them of one sign; a timedelta has microseconds of 0 or more."""
    seconds, microseconds = span.days * _DAY + span.seconds, span.microseconds
    if seconds < 0 and microseconds:
        seconds, microseconds = seconds + 1, microseconds - 1_000_000
    return seconds, microseconds * 1000


def span_of(duration: Any) -> timedelta:
    # Through an integer: nanos may be negative, and are cut toward zero.
    return timedelta(0, duration.seconds, int(duration.nanos / 1000))
