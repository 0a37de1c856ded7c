"""Everything that is counted is counted on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import opened, postgres_address, postgres_database

from integrations.jobs.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_address() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A service's own database, empty."""
    if request.param == "sqlite":
        made = opened(f"sqlite:///{tmp_path}/service.db")
        yield made
        made.close()
    else:
        with postgres_database(request.getfixturevalue("postgres")) as address:
            made = opened(address)
            yield made
            made.close()
