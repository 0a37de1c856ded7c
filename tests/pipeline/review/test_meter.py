from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import plain_film
from reviewed import numbered_film
from scored import decoded, loudness_lufs

from pipeline.media.probe import probe
from pipeline.review.meter import measure_span
from pipeline.review.span import choose_span
from pipeline.settings import Settings
from scoring.timebase import FrameRate

SETTINGS = Settings()


def measured(film: Path, from_s: float | None = None, to_s: float | None = None) -> np.ndarray:
    found = probe(film, SETTINGS)
    lufs = measure_span(found, choose_span(FrameRate(25), found.info.duration_s, from_s, to_s), SETTINGS)
    assert lufs is not None
    return lufs


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered_film(tmp_path_factory.mktemp("meter") / "film.mp4", 10.0)


def test_each_tenth_of_a_second_is_the_loudness_of_the_three_seconds_around_it(film: Path) -> None:
    lufs, sound = measured(film), decoded(film)
    assert lufs.size == 100
    for step in (20, 47, 80):
        # pyloudnorm gates; 400 ms blocks of a film that is never silent all pass.
        around = sound[:, (step - 15) * 4800 : (step + 15) * 4800]
        assert lufs[step] == pytest.approx(loudness_lufs(around), abs=0.5)


def test_a_stretch_measures_what_the_whole_film_does_there(film: Path) -> None:
    part, whole = measured(film, 4.0, 7.0), measured(film)
    assert part.size == 30
    assert np.abs(part - whole[40:70]).max() < 0.05


def test_the_films_end_is_no_quieter_for_ending(tmp_path: Path) -> None:
    steady = measured(plain_film(tmp_path / "film.mp4", 6.0))
    assert np.ptp(steady[5:-5]) < 0.3
    assert abs(steady[-1] - steady[30]) < 0.6


def test_a_film_without_sound_has_no_loudness(tmp_path: Path) -> None:
    film = probe(plain_film(tmp_path / "film.mp4", 2.0, sound=False), SETTINGS)
    assert measure_span(film, choose_span(FrameRate(25), 2.0, None, None), SETTINGS) is None
