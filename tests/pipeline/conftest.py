"""What several tests of takes look at, made once."""

from __future__ import annotations

import pytest
from films import colour_film
from takes_made import HOSTILE_NAME, Made, Watching

from pipeline.score_takes import score_takes


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A film of 17 s with two hard turns, under a name that has everything, scored three times."""
    film = tmp_path_factory.mktemp("takes") / HOSTILE_NAME
    colour_film(film, [("0x88BBDD", 6.0), ("0x401010", 5.0), ("0xFFD040", 6.0)])
    said = Watching()
    return Made(film, score_takes(film, 3, observer=said), said)
