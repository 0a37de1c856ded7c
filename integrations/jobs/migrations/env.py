"""What alembic runs: the steps that are missing, in the transaction it is given."""

from __future__ import annotations

from alembic import context

from integrations.jobs.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=False,  # the caller holds the transaction
)
context.run_migrations()
