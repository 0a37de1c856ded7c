from __future__ import annotations

from pathlib import Path

import pytest
from reviewed import numbered_film

from pipeline.score_video import Deliverable, score_video
from pipeline.wish import Wish


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Deliverable:
    """A scored film of 12 s whose pictures say their numbers. Not to be changed."""
    film = numbered_film(tmp_path_factory.mktemp("reviewed") / "film.mp4", 12.0, "-g", "60")
    return score_video(film, Wish(seed=3))


@pytest.fixture
def film_of(finished: Deliverable) -> Path:
    """The finished film."""
    return finished.video
