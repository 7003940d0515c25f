"""Every metric of the service: its name, what it means, and its labels. The table in docs/operations.md is this one."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Prometheus' kinds of metrics."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, eq=False, slots=True)
class Metric:
    """A metric. Its name is the one under which it is asked for."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """Of a histogram."""


OTHER = "_other"
"""What stands in a label for all that have none of their own. No id begins like this."""

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATE = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_LONG = (1.0, 10.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 14400.0)
_SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)

_METHOD = ("service", "method")
_WORKGROUP = ("tenant", "workgroup")

BUILD = Metric("cartera_build_info", Kind.GAUGE, "1, with the version that runs.", ("version", "python"))

CALLS = Metric("cartera_rpc_calls_total", Kind.COUNTER, "Calls that ended.", (*_METHOD, "code"))
REFUSED = Metric("cartera_rpc_errors_total", Kind.COUNTER, "Calls answered with an error, by its reason.", ("reason",))
CALL_SECONDS = Metric(
    "cartera_rpc_duration_seconds", Kind.HISTOGRAM, "How long calls took, without streams.", _METHOD, _QUICK
)
STREAM_SECONDS = Metric(
    "cartera_rpc_stream_duration_seconds", Kind.HISTOGRAM, "How long streams lasted.", _METHOD, _LONG
)
IN_FLIGHT = Metric("cartera_rpc_calls_in_flight", Kind.GAUGE, "Calls being answered or waiting, without streams.")
STREAMS = Metric("cartera_rpc_streams", Kind.GAUGE, "Open streams.", _METHOD)

BATCH_SECONDS = Metric(
    "cartera_batch_duration_seconds",
    Kind.HISTOGRAM,
    "How long batches took, from the first decision to the last answer.",
    (),
    _QUICK,
)
BATCH_SIZE = Metric(
    "cartera_batch_commands", Kind.HISTOGRAM, "Commands, questions and timers in one batch.", (), _SIZES
)
BATCHES_FAILED = Metric(
    "cartera_batches_failed_total", Kind.COUNTER, "Batches that failed, their callers told to retry."
)
COMMIT_SECONDS = Metric("cartera_commit_duration_seconds", Kind.HISTOGRAM, "How long writing a batch took.", (), _QUICK)
RACES = Metric(
    "cartera_races_lost_total", Kind.COUNTER, "Tenants of a batch that were decided again: another replica was first."
)
COMMANDS_WAITING = Metric("cartera_commands_waiting", Kind.GAUGE, "Commands and questions that wait for their batch.")
TIMERS = Metric("cartera_timer_lateness_seconds", Kind.HISTOGRAM, "How late was done what fell due.", (), _LATE)

FEED_LAG = Metric(
    "cartera_feed_lag_seconds",
    Kind.HISTOGRAM,
    "From when a change was made until a watcher who keeps up had taken it.",
    (),
    _QUICK,
)
WATCHERS = Metric("cartera_watchers", Kind.GAUGE, "Streams that follow a tenant: its events, or its monitoring table.")

LOADED = Metric("cartera_tenants_loaded_total", Kind.COUNTER, "Tenants read into memory, and why.", ("reason",))
LOAD_SECONDS = Metric("cartera_tenant_load_seconds", Kind.HISTOGRAM, "How long reading some tenants took.", (), _QUICK)
DROPPED = Metric("cartera_tenants_dropped_total", Kind.COUNTER, "Tenants that left memory, and why.", ("reason",))
TENANTS = Metric("cartera_tenants_in_memory", Kind.GAUGE, "Tenants in memory: called, or for a timer.", ("reason",))
RECORDS = Metric("cartera_records_in_memory", Kind.GAUGE, "Records in memory, of all tenants.")

DATABASE = Metric("cartera_database_up", Kind.GAUGE, "1 while the database answers and finishes commits, else 0.")
PRUNED = Metric("cartera_retention_rows_total", Kind.COUNTER, "Rows dropped after their time.", ("kind",))

WAITING = Metric(
    "cartera_workgroup_waiting",
    Kind.GAUGE,
    "Interactions that nobody has answered yet: kept for an owner, queued, unassigned or offered.",
    _WORKGROUP,
)
OLDEST_WAIT = Metric(
    "cartera_workgroup_oldest_wait_seconds",
    Kind.GAUGE,
    "How long the one of them has waited that waits longest.",
    _WORKGROUP,
)
AGENTS = Metric("cartera_agents", Kind.GAUGE, "Agents by status: online, paused or offline.", ("tenant", "status"))

METRICS = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
