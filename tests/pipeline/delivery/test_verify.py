from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.delivery.verify import _offset_samples

RATE = 48_000
BEFORE = RATE // 4


def heard(sound: np.ndarray, late: int) -> np.ndarray:
    """What a player gives around a stretch that begins a second in, when everything comes so many samples late."""
    start = RATE - BEFORE - late
    mono = sound[start : start + 4 * RATE + 2 * BEFORE]
    return np.stack([mono, mono]).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(st.integers(-9000, 9000), st.integers(0, 100))
def test_a_shift_is_read_to_the_sample(late: int, seed: int) -> None:
    sound = 0.1 * np.random.default_rng(seed).standard_normal(7 * RATE)
    found = _offset_samples(sound[RATE : 5 * RATE], [heard(sound, late)], BEFORE)
    assert found == late


@pytest.mark.parametrize("hz", [60.0, 330.0, 1000.0])
def test_a_steady_tone_is_not_taken_for_late_by_whole_periods(hz: float) -> None:
    """It is alike at every period; correcting the best of them by noise once moved a film's sound by 145 ms."""
    t = np.arange(7 * RATE) / RATE
    clean = 0.1 * np.sin(2 * np.pi * hz * t)
    coded = clean + 1e-3 * np.random.default_rng(1).standard_normal(t.size)
    found = _offset_samples(clean[RATE : 5 * RATE], [heard(coded, 0)], BEFORE)
    assert found is not None
    assert abs(found) <= 2
