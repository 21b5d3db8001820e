"""Alembic's entry: runs the forward-only versions on the connection that `app.migrations` hands over."""

from alembic import context

from app.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
