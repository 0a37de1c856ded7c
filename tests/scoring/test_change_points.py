from __future__ import annotations

import numpy as np
import pytest

from scoring.analysis import Cut, Shots
from scoring.change_points import MAXIMUM_CUE_S, find_cue_ranges, nearest_frame_s
from scoring.feeling import RATE_HZ, Feeling
from scoring.timebase import FrameRate

PAL = FrameRate(25)


def stepped(duration_s: float, *steps_s: float) -> Feeling:
    times_s = (np.arange(int(duration_s * RATE_HZ)) + 0.5) / RATE_HZ
    valence = 0.8 * (-1.0) ** np.searchsorted(np.array(steps_s), times_s)
    return Feeling(valence, valence, np.full(len(times_s), 0.3))


def starts_s(feeling: Feeling, *cuts: Cut, duration_s: float) -> list[float]:
    shots = Shots(duration_s, cuts, (0.1,) * (len(cuts) + 1))
    return [r.start_s for r in find_cue_ranges(feeling, shots, PAL, duration_s)]


def test_a_change_snaps_to_a_cut_within_three_seconds() -> None:
    assert starts_s(stepped(60, 30), Cut(32.4, "cut", 0.4), duration_s=60.0) == [0.0, 32.4]


def test_of_two_cuts_near_a_change_the_stronger_is_taken() -> None:
    cuts = Cut(29.2, "cut", 0.1), Cut(30.4, "cut", 0.95)
    assert starts_s(stepped(60, 30), *cuts, duration_s=60.0) == [0.0, 30.4]


def test_without_a_cut_near_it_a_change_is_a_boundary_all_the_same() -> None:
    assert starts_s(stepped(60, 30), Cut(12.0, "cut", 0.9), duration_s=60.0) == [0.0, 30.0]


def test_a_fade_counts_as_a_chapter_mark_however_small_its_step() -> None:
    cuts = Cut(28.8, "cut", 0.3), Cut(31.2, "fade", 0.05)
    assert starts_s(stepped(60, 30), *cuts, duration_s=60.0) == [0.0, 31.2]


def test_a_fade_is_worth_as_much_as_the_strongest_cut() -> None:
    cuts = Cut(28.2, "cut", 1.0), Cut(30.2, "fade", 0.1, 29.7, 30.7)
    assert starts_s(stepped(60, 30), *cuts, duration_s=60.0) == [0.0, 30.2]


def test_no_cue_is_shorter_than_the_minimum_however_the_film_flickers() -> None:
    edges_s = starts_s(stepped(60, *range(5, 60, 5)), *(Cut(t, "cut", 1.0) for t in range(1, 60)), duration_s=60.0)
    assert min(np.diff([*edges_s, 60.0])) >= 8.0


@pytest.mark.parametrize("duration_s", [121.0, 240.0, 250.0, 1000.0])
def test_no_cue_is_longer_than_the_maximum(duration_s: float) -> None:
    edges_s = starts_s(stepped(duration_s), duration_s=duration_s)
    assert max(np.diff([*edges_s, duration_s])) <= MAXIMUM_CUE_S


def test_the_nearest_frame_is_the_nearer_one() -> None:
    assert [nearest_frame_s(t, PAL) for t in (0.019, 0.021, 0.04, 0.059)] == [0.0, 0.04, 0.04, 0.04]
