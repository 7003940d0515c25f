"""What pruning the log needs: checkpoints, what watchers still hold, and how far it is gone.

Only new tables: code of before goes on beside it, and neither prunes nor holds anything.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def words(name: str) -> sa.Column[str]:
    return sa.Column(name, WORDS, nullable=False)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, MOMENT, nullable=nullable)


def create(table: str, key: tuple[sa.Column[str] | sa.Column[int], ...], *columns: sa.Column[Any]) -> None:
    names = ["tenant_id", *(each.name for each in key)]
    primary_key = sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")
    op.create_table(table, words("tenant_id"), *key, *columns, primary_key)


def upgrade() -> None:
    create(
        "checkpoints",
        (number("revision"),),
        moment("taken_at"),
        moment("last_event_at"),
        words("writer"),
        moment("touched_at"),
        number("blocks"),
        number("records"),
        sa.Column("complete", sa.Boolean(), nullable=False),
    )
    payload = sa.Column("payload", sa.LargeBinary(), nullable=False)
    create("checkpoint_blocks", (number("revision"), number("number")), payload)
    create("holds", (words("holder"),), number("revision"), moment("expires_at"))
    create("retention", (), number("pruned_revision"), moment("answers_pruned_at", nullable=True))
