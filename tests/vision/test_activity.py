from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.analysis import Cut
from vision.activity import RATE_HZ, bin_count, cut_pace, measure_activity
from vision.pictures import COARSE_CELLS, PictureTrack
from vision.sound import SoundMeter


def panned(studio, fps, speed_px_per_s=90, duration_s=1.5):
    wide = studio.scene(1, wide=True)
    pictures = [studio.crop(wide, 2 + speed_px_per_s * index / fps) for index in range(int(duration_s * fps))]
    return studio.analyse(studio.frames(pictures, fps=fps)).activity.motion


@pytest.mark.parametrize("fps", [15, 24, 25, 50, 60])
def test_motion_does_not_depend_on_the_frame_rate(studio, fps):
    assert np.median(panned(studio, fps)) == pytest.approx(np.median(panned(studio, 30)), abs=0.06)


def test_motion_does_not_depend_on_even_spacing(studio):
    wide = studio.scene(1, wide=True)
    times_s = [0.0, *np.cumsum(np.random.default_rng(5).choice([1 / 60, 1 / 24, 1 / 12], size=45)).tolist()]
    pictures = [studio.crop(wide, 2 + 90 * time_s) for time_s in times_s]
    motion = studio.analyse(studio.frames(pictures, times_s=times_s)).activity.motion
    assert np.median(motion) == pytest.approx(np.median(panned(studio, 30)), abs=0.06)


def test_grain_weighs_the_same_at_any_frame_rate(studio):
    def grainy(fps):
        rng = np.random.default_rng(0)
        pictures = [studio.scene(1) + rng.normal(0, 8, (180, 320)) for _ in range(fps)]
        return np.median(studio.analyse(studio.frames(pictures, fps=fps)).activity.motion)

    assert grainy(60) == pytest.approx(grainy(20), abs=0.05)


def test_faster_movement_reads_as_more_motion(studio):
    slow, faster, fastest = (np.median(panned(studio, 30, speed)) for speed in (10, 60, 190))
    assert 0.02 < slow < faster < fastest < 1


def test_a_cut_is_not_motion(studio):
    pictures = [studio.scene(1)] * 33 + [studio.scene(2)] * 33
    assert np.max(studio.analyse(studio.frames(pictures)).activity.motion) < 0.01


def test_a_change_of_light_is_not_motion(studio):
    pictures = [studio.scene(1) * (0.5 + index / 120) for index in range(60)]
    assert np.max(studio.analyse(studio.frames(pictures)).activity.motion) < 0.05


def test_motion_lies_in_its_own_bins(studio):
    wide = studio.scene(1, wide=True)
    still_then_moving = [studio.crop(wide, 2 + 4 * max(0, index - 30)) for index in range(60)]
    motion = studio.analyse(studio.frames(still_then_moving)).activity.motion
    assert np.max(motion[:9]) < 0.01
    assert np.min(motion[11:]) > 0.3


def test_every_shot_carries_its_own_motion(studio):
    wide = studio.scene(1, wide=True)
    pictures = [studio.scene(2)] * 30 + [studio.crop(wide, 2 + 4 * index) for index in range(45)]
    calm, busy = studio.analyse(studio.frames(pictures)).shots.motion
    assert calm < 0.01 < 0.3 < busy


@given(duration_s=st.floats(0.05, 20_000), gaps_ms=st.lists(st.integers(5, 900), min_size=0, max_size=60))
def test_activity_covers_the_film_whatever_the_picture_times(duration_s, gaps_ms):
    times_s = np.concatenate([[0.0], np.cumsum(np.array(gaps_ms, np.float64) / 1000)])
    nothing = np.zeros(len(times_s), np.float32)
    track = PictureTrack(
        times_s=times_s,
        change=nothing,
        structure=nothing,
        contrast=nothing,
        lags=np.zeros((len(times_s), 6), np.float32),
        coarse=np.zeros((len(times_s), COARSE_CELLS), np.uint8),
        detail=nothing,
        pair_starts_s=times_s[:-1],
        pair_ends_s=times_s[1:],
        pair_motion=np.full(len(times_s) - 1, 0.05, np.float32),
    )
    activity = measure_activity(track, SoundMeter(), (Cut(0.3, "cut", 1.0),), duration_s)
    assert len(activity.motion) == len(activity.sound_db) == bin_count(duration_s)
    assert (len(activity.motion) - 1) / RATE_HZ < duration_s <= len(activity.motion) / RATE_HZ + 1e-6
    assert np.all((activity.motion >= 0) & (activity.motion <= 1))


def test_short_shots_have_a_faster_pace_than_long_ones_and_one_shot_has_none():
    cuts = tuple(Cut(float(time_s), "cut", 1.0) for time_s in (10, 11, 12, 13))
    pace = cut_pace(cuts, 20.0)
    assert pace[115] > 2 * pace[50]
    assert np.all(cut_pace((), 20.0) == 0)


def test_a_dissolve_between_two_still_pictures_is_no_motion(studio):
    a, b = studio.scene(1), studio.scene(2)
    shares = np.clip((np.arange(120) - 40) / 40, 0, 1)
    found = studio.analyse(studio.frames([(1 - share) * a + share * b for share in shares]))
    assert [cut.kind for cut in found.shots.cuts] == ["dissolve"]
    assert np.max(found.activity.motion) < 0.02


def test_a_fade_that_opens_the_film_makes_no_short_shot_for_the_pace():
    fade, cut = Cut(1.0, "fade", 1.0, 0.0, 1.0), Cut(30.0, "cut", 1.0)
    assert np.array_equal(cut_pace((fade, cut), 60.0), cut_pace((cut,), 60.0))
    assert np.all(cut_pace((fade,), 60.0) == 0)
