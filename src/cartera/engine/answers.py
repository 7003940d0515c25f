"""The answers given lately, of all tenants: a retry mostly finds its answer here, and the database has the others."""

from collections import OrderedDict
from datetime import UTC, datetime

from cartera.store.store import Answer

BYTES = 32 * 1024 * 1024
"""How much memory answers take at most."""

EACH = 700
"""What an answer takes beside the bytes of the response."""


EVER = datetime.min.replace(tzinfo=UTC)
"""Before any answer."""


class Answers:
    """Answers by tenant and request id; beyond so many bytes the oldest go. What is here stands in the database too."""

    def __init__(self, most: int = BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._kept_since = EVER
        self._adopted: dict[tuple[str, str], Answer] = {}
        """What was just found in the database; of whatever age."""

    def get(self, tenant_id: str, request_id: str) -> Answer | None:
        """The answer to a request."""
        found = self._answers.get((tenant_id, request_id))
        if found is None or found.answered_at < self._kept_since:
            return self._adopted.get((tenant_id, request_id))
        return found

    def forget(self, before: datetime) -> None:
        """Know nothing any more of what was answered before a time: the database may have dropped it, and what one
        replica doesn't know no other shall.
        """
        self._kept_since = before
        self._adopted.clear()
        while self._answers and (oldest := next(iter(self._answers.values()))).answered_at < before:
            self._answers.popitem(last=False)
            self._bytes -= _size(oldest)

    def adopt(self, tenant_id: str, answer: Answer) -> None:
        """Keep an answer that the database has; until something is forgotten, however old it is."""
        self._adopted[tenant_id, answer.request_id] = answer
        self.add(tenant_id, answer)

    def add(self, tenant_id: str, answer: Answer) -> None:
        """Keep an answer, and let go of the oldest beyond the bound."""
        former = self._answers.pop((tenant_id, answer.request_id), None)
        self._answers[tenant_id, answer.request_id] = answer
        self._bytes += _size(answer) - (_size(former) if former else 0)
        while self._bytes > self._most and self._answers:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(answer: Answer) -> int:
    return EACH + len(answer.response)
