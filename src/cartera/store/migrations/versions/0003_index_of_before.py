"""The second step of 0002: takes away the index of open interactions that only code of before it used.

No version of before was released, so it may follow at once.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_index("ix_interactions_open", "interactions")
