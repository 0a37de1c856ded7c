"""The database's history, one file a step, kept by alembic."""
