from __future__ import annotations

import numpy as np
import pytest
from films import colour_film, plain_film

from pipeline.affect.film import WINDOWS_S, evaluate_film, match, smoothed
from pipeline.affect.ratings import RatedFilm
from scoring.errors import InputError
from vision.colour_motion import ColourMotion
from vision.formulas import AXES

SHOTS = [("0xE06020", 4.0), ("0x303030", 3.0), ("0xF0A030", 3.0), ("0x404448", 4.0), ("0xD04040", 3.5), ("gray", 2.5)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """20 s of colourful and grey shots by turns."""
    return colour_film(tmp_path_factory.mktemp("film") / "film.mp4", SHOTS)


def rate(valence, times_s=None):
    """Ratings twice a second; arousal is noise."""
    times_s = np.arange(0, 20, 0.5) if times_s is None else times_s
    noise = np.random.default_rng(0).normal(size=len(times_s))
    return RatedFilm(np.asarray(times_s, np.float64), np.array([valence(t) for t in times_s]), noise)


def colourful(time_s):
    """5 in the colourful shots, 1 in the grey ones."""
    ends = np.cumsum([length for _, length in SHOTS])
    return 5.0 if np.searchsorted(ends, time_s, side="right") % 2 == 0 else 1.0


def test_a_curve_that_goes_with_the_ratings_is_found_above_chance_and_one_that_does_not_below(film, tmp_path):
    found = evaluate_film(film, rate(colourful), ColourMotion())
    assert found.ratings == 40
    assert [m.window_s for m in found.analyser.matches["valence"]] == [3.0, 9.0]  # 21 s would not fit twice
    first = found.analyser.matches["valence"][0]
    assert first.r > 0.8 > first.chance
    assert first.shifts == 29  # 40 values, turned by 6 to 34
    against = found.analyser.matches["arousal"][0]
    assert against.r < max(against.chance, 0.5)
    by_name = {row.name: row for row in found.formulas}
    assert by_name["Hasler-Suesstrunk colourfulness"].matches["valence"][0].r > 0.8
    assert set(by_name["Valdez-Mehrabian arousal"].matches) == {"arousal"}
    document = found.to_json()
    assert document["schema"] == "cuesmith.film_evaluated/1"
    assert set(document["analyser"]) == {"name", *AXES}


def test_ratings_of_a_part_of_the_film_are_compared_there(film, tmp_path):
    found = evaluate_film(film, rate(colourful, np.arange(10, 18, 0.25)), ColourMotion())
    assert found.rated_s == pytest.approx(7.5)
    assert [m.window_s for m in found.analyser.matches["valence"]] == [3.0]


@pytest.mark.parametrize("times_s", [(0.0, 1.0, 5.0), (100.0, 110.0, 120.0), (18.0, 19.0, 300.0)])
def test_ratings_that_hardly_cover_the_film_are_refused(film, tmp_path, times_s):
    with pytest.raises(InputError, match="of the film's 20"):
        evaluate_film(film, rate(colourful, times_s), ColourMotion())


def test_progress_is_told_to_the_end(tmp_path):
    path, shares = plain_film(tmp_path / "film.mp4", 8.0), []
    evaluate_film(path, rate(colourful, np.arange(0, 8, 0.5)), ColourMotion(), advance=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] > 0.95


def test_smoothing_raises_r_of_unrelated_walks_and_chance_rises_with_it():
    """Why chance stands beside every r: of two walks that know nothing of each other, and are smoothed."""
    over, chances = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = match(rng.normal(size=400), rng.normal(size=400), seed)
        assert tuple(m.window_s for m in found) == WINDOWS_S
        over.append([m.r > m.chance for m in found])
        chances.append([m.chance for m in found])
    # Not 0.05: at 21 s there are ten independent moments, and a percentile of so few shifts is rough itself.
    assert np.all(np.mean(over, axis=0) < 0.25)
    assert np.all(np.diff(np.mean(chances, axis=0)) > 0.05)


def test_a_mean_over_a_window_keeps_a_constant_and_the_length():
    assert np.allclose(smoothed(np.full(50, 0.7), 18), 0.7)
    assert smoothed(np.arange(9.0), 3).tolist() == [0.5, 1, 2, 3, 4, 5, 6, 7, 7.5]
