"""The verdict: each promise, how much was looked at, and where it was broken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

KEPT = 50
"""How many violations of a promise are told; the others are counted."""


class Violation(NamedTuple):
    """A broken promise."""

    promise: str
    tenant_id: str
    revision: int
    """Where in the log; zero is nowhere in it."""
    told: str

    def __str__(self) -> str:
        at = f" at {self.revision}" if self.revision else ""
        return f"{self.promise}: {self.tenant_id}{at}: {self.told}"


class Check:
    """One promise, and what was found of it."""

    def __init__(self, promise: str) -> None:
        self.promise = promise
        self.looked_at = 0
        self.violated = 0
        self.violations: list[Violation] = []

    def look(self, number: int = 1) -> None:
        """So many things more were looked at."""
        self.looked_at += number

    def violate(self, tenant_id: str, revision: int, told: str) -> None:
        self.violated += 1
        if len(self.violations) < KEPT:
            self.violations.append(Violation(self.promise, tenant_id, revision, told))

    def require(self, holds: object, tenant_id: str, revision: int, told: str) -> None:
        """Look at one thing, which must hold."""
        self.looked_at += 1
        if not holds:
            self.violate(tenant_id, revision, told)


class Verdict:
    """All promises of a run."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}

    def check(self, promise: str) -> Check:
        """The check of a promise; each name stands for one."""
        return self.checks.setdefault(promise, Check(promise))

    @property
    def violations(self) -> list[Violation]:
        """Those that are told, of all promises."""
        return [violation for check in self.checks.values() for violation in check.violations]

    @property
    def violated(self) -> int:
        """How many there are, told or not."""
        return sum(check.violated for check in self.checks.values())

    def lines(self) -> Iterator[str]:
        """What is to be said of it, for people."""
        for check in self.checks.values():
            yield f"{check.promise:16} {check.looked_at:>9} looked at, {check.violated} violated"
        yield from map(str, self.violations)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self._document(), indent=1) + "\n", encoding="utf-8")

    def _document(self) -> dict[str, Any]:
        return {
            "violated": self.violated,
            "promises": {
                check.promise: {
                    "looked_at": check.looked_at,
                    "violated": check.violated,
                    "violations": [violation._asdict() for violation in check.violations],
                }
                for check in self.checks.values()
            },
        }
