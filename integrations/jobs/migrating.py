"""Bring a database to the tables of this version."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from integrations.jobs.database import Database
from scoring.errors import CapacityError

_LOCK = 0x0C0E5111  # any number; the same in every process, so that two do not migrate at once
_FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> tuple[str | None, str]:
    """Run the steps that are missing, all or none; the revision before (None for an empty database) and after.

    Several processes may call this at once; all but one wait and find nothing to do.
    """
    command: Any = importlib.import_module("alembic.command")
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        before = _revision(connection)
        config = _config(connection)
        command.upgrade(config, "head")
        after = _revision(connection)
    assert after is not None
    return before, after


def check_current(database: Database) -> None:
    """Raise CapacityError while the database is of another version than this code."""
    script: Any = importlib.import_module("alembic.script")
    with database.reading() as connection:
        found = _revision(connection)
        head = script.ScriptDirectory.from_config(_config(connection)).get_current_head()
    if found != head:
        raise CapacityError(f"the database is of revision {found}, this version needs {head}", "Run `cuesmith migrate`")


def _revision(connection: Connection) -> str | None:
    migration: Any = importlib.import_module("alembic.runtime.migration")
    revision: str | None = migration.MigrationContext.configure(connection).get_current_revision()
    return revision


def _config(connection: Connection) -> Any:
    alembic: Any = importlib.import_module("alembic.config")
    config = alembic.Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
