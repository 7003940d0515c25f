"""Notices: which tenants have come how far, as text that a database carries to the other replicas."""

import json
from collections.abc import Iterator

from cartera.store.store import Revisions

CHANNEL = "cartera"

RECONNECT_AFTER = 1.0
"""How long a listener waits before it tries to connect again, in seconds."""

TENANTS = 80
"""How many tenants one notice names at most: PostgreSQL carries less than 8,000 bytes."""


def notices_of(revisions: Revisions) -> Iterator[str]:
    """The notices that say this."""
    tenants = list(revisions.items())
    for first in range(0, len(tenants), TENANTS):
        yield json.dumps(dict(tenants[first : first + TENANTS]), separators=(",", ":"))


def revisions_of(notice: str) -> Revisions:
    """What a notice says."""
    revisions: Revisions = json.loads(notice)
    return revisions
