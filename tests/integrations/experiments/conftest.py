"""Everything that is counted is counted on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import opened

from integrations.jobs.database import Database


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A service's own database, empty."""
    made = opened(url)
    yield made
    made.close()
