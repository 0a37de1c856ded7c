"""Both kinds of database, for whoever keeps something in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import postgres_address, postgres_database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server, without a database's name."""
    with postgres_address() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new, empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/service.db"
    else:
        with postgres_database(request.getfixturevalue("postgres")) as address:
            yield address
