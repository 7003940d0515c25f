"""Run by Alembic: applies migrations through the connection that `cartera.store.migrate` opened."""

from alembic import context

from cartera.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
