"""The agenda: when something falls due next, of the tenants in memory."""

from datetime import datetime
from heapq import heapify, heappop, heappush

SPARE = 1_000
"""How many entries that hold no more are kept, beside as many as there are others, before they are cleared out."""


class Agenda:
    """One time for each tenant, the earliest first."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, str]] = []
        self._due_at: dict[str, datetime] = {}

    def __contains__(self, tenant_id: str) -> bool:
        return tenant_id in self._due_at

    def note(self, tenant_id: str, due_at: datetime | None) -> None:
        """Take in when something of a tenant falls due next; None where nothing does."""
        if due_at is None:
            self.forget(tenant_id)
        elif due_at != self._due_at.get(tenant_id):
            self._due_at[tenant_id] = due_at
            heappush(self._entries, (due_at, tenant_id))
            self._clear_out()

    def note_sooner(self, tenant_id: str, due_at: datetime) -> None:
        """Take in that something of a tenant falls due, perhaps sooner than is known."""
        known = self._due_at.get(tenant_id)
        if known is None or due_at < known:
            self.note(tenant_id, due_at)

    def forget(self, tenant_id: str) -> None:
        """Strike a tenant off."""
        self._due_at.pop(tenant_id, None)

    def take_due(self, now: datetime, limit: int) -> list[str]:
        """Strike off the tenants of whom something has fallen due, the longest due first, and name them."""
        due: list[str] = []
        while len(due) < limit and (first := self.next_due_at()) and first <= now:
            _, tenant_id = heappop(self._entries)
            self.forget(tenant_id)
            due.append(tenant_id)
        return due

    def next_due_at(self) -> datetime | None:
        """When something falls due next."""
        while self._entries and self._due_at.get(self._entries[0][1]) != self._entries[0][0]:
            heappop(self._entries)  # it is due at another time by now
        return self._entries[0][0] if self._entries else None

    def _clear_out(self) -> None:
        """A deadline that is set and lifted with every call would leave an entry each time, until its hour comes."""
        if len(self._entries) > 2 * len(self._due_at) + SPARE:
            self._entries = [(due_at, tenant_id) for tenant_id, due_at in self._due_at.items()]
            heapify(self._entries)
