"""The tables of the first version.

A migration doesn't change once it is released, so this doesn't use the tables of the code.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NESTED = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
IS_OPEN = sa.text("state BETWEEN 1 AND 5")


def upgrade() -> None:
    op.create_table(
        "heads",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at", MOMENT, nullable=True),
        sa.Column("next_due_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_heads"),
    )
    op.create_index("ix_heads_due", "heads", ["next_due_at"])
    op.create_table(
        "changes",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "revision", name="pk_changes"),
    )
    op.create_table(
        "answers",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("request_id", WORDS, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "request_id", name="pk_answers"),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("session_limit", sa.BigInteger(), nullable=True),
        sa.Column("session_alert", sa.BigInteger(), nullable=True),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenants"),
    )
    op.create_table(
        "agents",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("agent_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("channels", NESTED, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "agent_id", name="pk_agents"),
    )
    op.create_table(
        "agent_presences",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("agent_id", WORDS, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("reason_code", WORDS, nullable=False),
        sa.Column("channels", NESTED, nullable=False),
        sa.Column("status_since", MOMENT, nullable=True),
        sa.Column("session_started_at", MOMENT, nullable=True),
        sa.Column("session_ends_at", MOMENT, nullable=True),
        sa.Column("session_alert_at", MOMENT, nullable=True),
        sa.Column("last_assigned_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "agent_id", name="pk_agent_presences"),
    )
    op.create_table(
        "workgroups",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("workgroup_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("member_ids", NESTED, nullable=False),
        sa.Column("supervisor_ids", NESTED, nullable=False),
        sa.Column("method", sa.SmallInteger(), nullable=False),
        sa.Column("portfolio_mode", sa.SmallInteger(), nullable=False),
        sa.Column("owner_wait", sa.BigInteger(), nullable=True),
        sa.Column("queue_when_nobody_online", sa.Boolean(), nullable=False),
        sa.Column("ageing_interval", sa.BigInteger(), nullable=True),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "workgroup_id", name="pk_workgroups"),
    )
    op.create_table(
        "workgroup_activities",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("workgroup_id", WORDS, nullable=False),
        sa.Column("turn_agent_id", WORDS, nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("mean_handling", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "workgroup_id", name="pk_workgroup_activities"),
    )
    op.create_table(
        "campaigns",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("campaign_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("project", WORDS, nullable=False),
        sa.Column("client", WORDS, nullable=False),
        sa.Column("addresses", NESTED, nullable=False),
        sa.Column("workgroup_ids", NESTED, nullable=False),
        sa.Column("dispositions", NESTED, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "campaign_id", name="pk_campaigns"),
    )
    op.create_table(
        "triggers",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("trigger_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("category", WORDS, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("all_of", NESTED, nullable=False),
        sa.Column("any_of", NESTED, nullable=False),
        sa.Column("actions", NESTED, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "trigger_id", name="pk_triggers"),
    )
    op.create_table(
        "organizations",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("organization_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("tags", NESTED, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "organization_id", name="pk_organizations"),
    )
    op.create_table(
        "scripts",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("script_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "script_id", name="pk_scripts"),
    )
    op.create_table(
        "contacts",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("organization_id", WORDS, nullable=False),
        sa.Column("tags", NESTED, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", name="pk_contacts"),
    )
    op.create_table(
        "portfolios",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("portfolio_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("owner_agent_ids", NESTED, nullable=False),
        sa.Column("owner_workgroup_ids", NESTED, nullable=False),
        sa.Column("personal_agent_id", WORDS, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "portfolio_id", name="pk_portfolios"),
    )
    op.create_table(
        "portfolio_activities",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("portfolio_id", WORDS, nullable=False),
        sa.Column("turn_agent_id", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "portfolio_id", name="pk_portfolio_activities"),
    )
    op.create_table(
        "portfolio_contacts",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("portfolio_id", WORDS, nullable=False),
        sa.Column("comment", WORDS, nullable=False),
        sa.Column("script_id", WORDS, nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=True),
        sa.Column("assigned_by", NESTED, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", name="pk_portfolio_contacts"),
    )
    op.create_index(
        "ix_portfolio_contacts_portfolio", "portfolio_contacts", ["tenant_id", "portfolio_id", "contact_id"]
    )
    op.create_table(
        "exclusive_agents",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("campaign_id", WORDS, nullable=False),
        sa.Column("agent_id", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", "campaign_id", name="pk_exclusive_agents"),
    )
    op.create_table(
        "interactions",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("interaction_id", WORDS, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", WORDS, nullable=False),
        sa.Column("workgroup_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("address", WORDS, nullable=False),
        sa.Column("direction", sa.SmallInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("tags", NESTED, nullable=False),
        sa.Column("organization_id", WORDS, nullable=False),
        sa.Column("trigger_ids", NESTED, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("state_since", MOMENT, nullable=False),
        sa.Column("exclusive_agent_id", WORDS, nullable=False),
        sa.Column("portfolio_id", WORDS, nullable=False),
        sa.Column("owner_agent_ids", NESTED, nullable=False),
        sa.Column("owner_workgroup_ids", NESTED, nullable=False),
        sa.Column("owner_wait_until", MOMENT, nullable=True),
        sa.Column("agent_id", WORDS, nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=True),
        sa.Column("comment", WORDS, nullable=False),
        sa.Column("script_id", WORDS, nullable=False),
        sa.Column("disposition", WORDS, nullable=False),
        sa.Column("sub_disposition", WORDS, nullable=False),
        sa.Column("notes", NESTED, nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "interaction_id", name="pk_interactions"),
    )
    op.create_index("ix_interactions_agent", "interactions", ["tenant_id", "agent_id", "sequence"])
    op.create_index("ix_interactions_contact", "interactions", ["tenant_id", "contact_id", "sequence"])
    op.create_index(
        "ix_interactions_open",
        "interactions",
        ["tenant_id", "state", "agent_id"],
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_index("ix_interactions_sequence", "interactions", ["tenant_id", "sequence"], unique=True)
    op.create_index("ix_interactions_workgroup", "interactions", ["tenant_id", "workgroup_id", "sequence"])
