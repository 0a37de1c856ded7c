"""The migrations make exactly the tables that the code uses."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from integrations.jobs.database import Database
from integrations.jobs.migrating import check_current, migrate
from integrations.jobs.tables import metadata
from scoring.errors import CapacityError


def test_the_migrated_tables_are_the_tables_of_the_code(url: str) -> None:
    database = Database(url)
    with pytest.raises(CapacityError, match="migrate"):
        check_current(database)
    before, after = migrate(database)
    assert before is None
    assert migrate(database) == (after, after)
    check_current(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_several_processes_may_migrate_at_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    found: list[str | None] = []

    def run(database: Database) -> None:
        found.append(migrate(database)[0])

    threads = [threading.Thread(target=run, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(None) == 1
    assert len(found) == 4
    for database in databases:
        database.close()


def test_a_database_that_is_not_there_says_so_and_can_be_tried_again() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(CapacityError, match="does not answer"), database.reading():
        pass
    database.close()
