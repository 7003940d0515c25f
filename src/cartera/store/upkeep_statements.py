"""The statements of upkeep. Each names its tenant; only the look around goes through all of them, in order."""

import re
from functools import cache
from typing import NamedTuple

LOOK = """
    SELECT heads.tenant_id, heads.revision, heads.last_event_at,
        coalesce(retention.pruned_revision, 0), retention.answers_pruned_at,
        (SELECT revision FROM changes WHERE changes.tenant_id = heads.tenant_id ORDER BY revision LIMIT 1),
        (SELECT occurred_at FROM changes WHERE changes.tenant_id = heads.tenant_id ORDER BY revision LIMIT 1)
    FROM heads LEFT JOIN retention ON retention.tenant_id = heads.tenant_id
    WHERE heads.tenant_id > :after ORDER BY heads.tenant_id LIMIT :limit
"""

CHECKPOINTS = """
    SELECT revision, taken_at, last_event_at, writer, touched_at, blocks, records, complete
    FROM checkpoints WHERE tenant_id = :tenant_id ORDER BY revision
"""

BLOCK = """
    SELECT payload FROM checkpoint_blocks WHERE tenant_id = :tenant_id AND revision = :revision AND number = :number
"""

DROP_ABANDONED = """
    DELETE FROM checkpoints
    WHERE tenant_id = :tenant_id AND NOT complete AND touched_at < {now_and_minus_patience}
"""

BEGIN = """
    INSERT INTO checkpoints
        (tenant_id, revision, taken_at, last_event_at, writer, touched_at, blocks, records, complete)
    SELECT :tenant_id, :revision, :taken_at, :last_event_at, :writer, {now}, 0, 0, false
    WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE tenant_id = :tenant_id AND NOT complete)
    ON CONFLICT (tenant_id, revision) DO NOTHING
"""

TOUCH = """
    UPDATE checkpoints
    SET touched_at = {now}, blocks = blocks + 1, records = records + :records
    WHERE tenant_id = :tenant_id AND revision = :revision AND writer = :writer AND NOT complete
"""

ADD_BLOCK = """
    INSERT INTO checkpoint_blocks (tenant_id, revision, number, payload)
    VALUES (:tenant_id, :revision, :number, :payload)
"""

FINISH = """
    UPDATE checkpoints SET complete = true
    WHERE tenant_id = :tenant_id AND revision = :revision AND writer = :writer AND NOT complete
"""

DROP_CHECKPOINTS = "DELETE FROM checkpoints WHERE tenant_id = :tenant_id AND complete AND revision < :revision"

LEFT_BLOCKS = """
    SELECT revision, number FROM checkpoint_blocks
    WHERE tenant_id = :tenant_id
        AND revision NOT IN (SELECT revision FROM checkpoints WHERE checkpoints.tenant_id = :tenant_id)
    ORDER BY revision, number LIMIT :limit
"""

DROP_BLOCKS = """
    DELETE FROM checkpoint_blocks
    WHERE tenant_id = :tenant_id AND revision = :revision AND number BETWEEN :first AND :last
"""

ANNOUNCE = """
    INSERT INTO retention (tenant_id, pruned_revision) VALUES (:tenant_id, :revision)
    ON CONFLICT (tenant_id) DO UPDATE SET pruned_revision = excluded.pruned_revision
    WHERE retention.pruned_revision < excluded.pruned_revision
"""

PRUNED = "SELECT pruned_revision FROM retention WHERE tenant_id = :tenant_id"

PRUNE_CHANGES = "DELETE FROM changes WHERE tenant_id = :tenant_id AND revision > :after AND revision <= :until"

OLDEST = "SELECT revision FROM changes WHERE tenant_id = :tenant_id ORDER BY revision LIMIT 1"

HELD = "SELECT min(revision) FROM holds WHERE tenant_id = :tenant_id AND expires_at > {now}"

HOLD = """
    INSERT INTO holds (tenant_id, holder, revision, expires_at)
    VALUES (:tenant_id, :holder, :revision, {now_and_lease})
    ON CONFLICT (tenant_id, holder) DO UPDATE SET revision = excluded.revision, expires_at = excluded.expires_at
"""

RELEASE = "DELETE FROM holds WHERE tenant_id = :tenant_id AND holder = :holder"

DROP_LAPSED = "DELETE FROM holds WHERE tenant_id = :tenant_id AND expires_at <= {now_and_minus_patience}"

PAGE_OF_ANSWERS = """
    SELECT request_id FROM answers WHERE tenant_id = :tenant_id AND request_id > :after
    ORDER BY request_id LIMIT 1 OFFSET :rows
"""

PRUNE_ANSWERS = """
    DELETE FROM answers
    WHERE tenant_id = :tenant_id AND request_id > :after AND request_id <= :until AND answered_at < :before
"""

PRUNE_LAST_ANSWERS = """
    DELETE FROM answers WHERE tenant_id = :tenant_id AND request_id > :after AND answered_at < :before
"""

ANSWERS_PRUNED = """
    INSERT INTO retention (tenant_id, pruned_revision, answers_pruned_at) VALUES (:tenant_id, 0, :at)
    ON CONFLICT (tenant_id) DO UPDATE SET answers_pruned_at = excluded.answers_pruned_at
"""


class Wording(NamedTuple):
    """What a database has its own words for. The time is the database's: clocks of replicas are apart."""

    now: str
    seconds_later: str
    """What is added to it, with the name of a parameter in seconds to fill in."""
    parameter: str
    """How a parameter is written."""


SQLITE_WORDING = Wording(
    "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", "+ CAST(:{} * 1000000 AS INTEGER)", r":\1"
)
POSTGRES_WORDING = Wording("clock_timestamp()", "+ make_interval(secs => :{})", r"%(\1)s")


@cache
def worded(statement: str, wording: Wording) -> str:
    """The statement as a database takes it."""
    text = statement.format(
        now=wording.now,
        now_and_lease=f"{wording.now} {wording.seconds_later.format('lease')}",
        now_and_minus_patience=f"{wording.now} {wording.seconds_later.format('minus_patience')}",
    )
    return re.sub(r":([a-z_]+)", wording.parameter, text)
