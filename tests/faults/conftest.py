"""What the fault tests share: a small film, and what a worker makes of it when nobody disturbs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from disturbing import made_by, small_film
from service_rig import rig


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds, two shots."""
    return small_film(tmp_path_factory.mktemp("faults") / "film.mp4")


@pytest.fixture(scope="session")
def undisturbed(film: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """name → SHA-256 of what is published when nothing goes wrong."""
    with rig(tmp_path_factory.mktemp("undisturbed")) as quiet:
        quiet.worker()
        made = made_by(quiet, quiet.submit(film), "local")
    assert len(made) == 4
    return made
