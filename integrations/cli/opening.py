"""The service's database and storage, for commands that look into them or change them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from integrations.cli.extras import need_service

if TYPE_CHECKING:
    from integrations.jobs.database import Database
    from integrations.storage.storage import Storage


@contextmanager
def service_database() -> Iterator[Database]:
    """The database that the settings name, brought up to date. Raises InputError where the service is not installed."""
    need_service()
    from integrations.jobs.database import Database
    from integrations.jobs.migrating import migrate
    from integrations.service.settings import ServiceSettings

    database = Database(ServiceSettings.from_env().database_url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


@contextmanager
def service_storage() -> Iterator[Storage]:
    """The storage that the settings name."""
    from integrations.service.settings import ServiceSettings
    from integrations.storage.opening import open_storage

    settings = ServiceSettings.from_env()
    with open_storage(settings.storage_url, settings.environment) as storage:
        yield storage
