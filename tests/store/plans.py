"""How a database would find what reads ask it for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from cartera.store.reads import Reads, Snapshot

READS: dict[str, Callable[[Snapshot], Any]] = {
    "held": lambda snapshot: snapshot.held("x7"),
    "contact_history": lambda snapshot: snapshot.contact_history("x7", 10),
    "ownership_changes": lambda snapshot: snapshot.ownership_changes(limit=10),
    "ownership_changes of a contact": lambda snapshot: snapshot.ownership_changes(contact_id="x7", limit=10),
    "ownership_changes of a portfolio": lambda snapshot: snapshot.ownership_changes(
        portfolio_ids=["p7"], after=("x8",), limit=10
    ),
    "portfolio_reports": lambda snapshot: snapshot.portfolio_reports(after=("p2",), limit=5),
    "agent_reports": lambda snapshot: snapshot.agent_reports(after=("x2",), limit=5),
}

TENANT, PAGE_OF_PORTFOLIOS, PAGE_OF_AGENTS = "heads", "portfolios", "agents"

INDEXES: dict[str, list[str]] = {
    "held": [TENANT, "ix_interactions_not_ended"],
    "contact_history": [TENANT, "ix_interactions_contact"],
    "ownership_changes": [TENANT, "ownership_changes"],
    "ownership_changes of a contact": [TENANT, "ix_ownership_changes_contact"],
    "ownership_changes of a portfolio": [
        TENANT,
        "ix_ownership_changes_portfolio",
        "ix_ownership_changes_previous_portfolio",
    ],
    "portfolio_reports": [
        TENANT,
        PAGE_OF_PORTFOLIOS,
        "ix_portfolio_contacts_portfolio",
        "ix_interactions_not_ended",
        "ix_interactions_contact",
    ],
    "agent_reports": [
        TENANT,
        PAGE_OF_AGENTS,
        "portfolios",
        "ix_portfolio_contacts_portfolio",
        "ix_interactions_not_ended",
        "ix_interactions_agent",
    ],
}
"""Where each statement of a read must look first, whatever the database."""


def plans_of(reads: Reads, read: str, explain: str) -> list[str]:
    """The plan of each statement with which a read asks."""
    with asked(reads) as statements, reads.snapshot("t1") as snapshot:
        READS[read](snapshot)
    plans = []
    with reads._engine.connect() as connection:
        for statement, parameters in statements:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plans.append("\n".join(row[-1] for row in rows))
    return [plan for plan in plans if plan]


@contextmanager
def asked(reads: Reads) -> Iterator[list[tuple[str, Any]]]:
    """The statements that reads send meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(reads._engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(reads._engine, "before_cursor_execute", note)
