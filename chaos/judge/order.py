"""The log is one sequence: no gap in its revisions, and time that never runs backwards."""

from datetime import datetime

from cartera.core.change import Change
from chaos.judge.verdict import Verdict


class Order:
    """What the log of a tenant is by itself."""

    def __init__(self, tenant_id: str, verdict: Verdict) -> None:
        self._tenant_id = tenant_id
        self._gap_free = verdict.check("gap-free")
        self._time = verdict.check("time")
        self._revision: int | None = None
        self._occurred_at: datetime | None = None

    def see(self, revision: int, change: Change) -> None:
        """The next change of the log, and the revision it is kept under."""
        self._number(revision, change)
        self._tell_time(change)

    def _number(self, revision: int, change: Change) -> None:
        tenant_id = self._tenant_id
        expected = revision if self._revision is None else self._revision + 1
        self._gap_free.require(revision == expected, tenant_id, revision, f"it follows {expected - 1}")
        if change.revision != revision:
            self._gap_free.violate(tenant_id, revision, f"the change kept there says that it is {change.revision}")
        self._revision = revision

    def _tell_time(self, change: Change) -> None:
        former = self._occurred_at or change.occurred_at
        told = f"it happened at {change.occurred_at}, the one before at {former}"
        self._time.require(change.occurred_at >= former, self._tenant_id, change.revision, told)
        self._occurred_at = max(former, change.occurred_at)
