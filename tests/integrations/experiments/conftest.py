from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rated_jobs import a_database

from integrations.jobs.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A service's own database, empty."""
    made = a_database(tmp_path)
    yield made
    made.close()
