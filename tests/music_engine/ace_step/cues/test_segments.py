from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from music_engine.ace_step.cues.segments import OVERLAP_SAMPLES, Segment, cut, join


def test_what_fits_is_one_segment() -> None:
    assert cut(100, 100) == (Segment(0, 100),)


@pytest.mark.parametrize("total", [2_000_001, 2_500_000, 7_654_321, 60_000_000])
def test_longer_cues_are_covered_by_equal_segments_that_overlap(total: int) -> None:
    most = 2_000_000
    segments = cut(total, most)
    assert segments[0].start == 0
    assert segments[-1].start + segments[-1].samples == total
    assert max(segment.samples for segment in segments) <= most
    assert max(s.samples for s in segments) - min(s.samples for s in segments) <= len(segments)
    for before, after in pairwise(segments):
        assert before.start + before.samples - after.start == OVERLAP_SAMPLES


def test_the_power_holds_where_uncorrelated_segments_meet() -> None:
    rng = np.random.default_rng(5)
    segments = cut(1_000_000, 600_000)
    sounds = [rng.standard_normal((2, s.samples + 99)).astype(np.float32) for s in segments]
    whole = join(segments, sounds)
    assert whole.shape == (2, 1_000_000)
    power = (whole[:, : 1_000_000 // 10_000 * 10_000] ** 2).reshape(2, -1, 10_000).mean(axis=(0, 2))
    assert power.min() > 0.9
    assert power.max() < 1.1


def test_joining_changes_no_sound_it_was_given() -> None:
    segments = cut(1_000_000, 600_000)
    sounds = [np.ones((2, s.samples), np.float32) for s in segments]
    join(segments, sounds)
    assert all((sound == 1.0).all() for sound in sounds)
