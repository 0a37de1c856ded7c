from __future__ import annotations

import numpy as np
import pytest

from vision.smoothing import smooth

TIMES_S = np.arange(20) / 2


def smoothed(values, shots, weights=None):
    weights = np.ones(len(values)) if weights is None else weights
    return smooth(TIMES_S, values[:, None], weights, shots, TIMES_S, shots, 1.5)[:, 0]


def test_nothing_is_seen_through_a_cut():
    shots = (TIMES_S >= 5.0).astype(np.float64)
    step = np.where(TIMES_S >= 5.0, 1.0, -1.0)
    assert smoothed(step, shots) == pytest.approx(step)
    assert abs(smoothed(step, np.zeros(20))[10]) < 0.5


def test_a_steady_value_stays_what_it_is():
    assert smoothed(np.full(20, 0.7), np.zeros(20)) == pytest.approx(0.7)


def test_a_sample_with_little_to_say_moves_little():
    values, weights = np.zeros(20), np.ones(20)
    values[10], weights[10] = 1.0, 0.01
    assert smoothed(values, np.zeros(20), weights)[10] < 0.02 < smoothed(values, np.zeros(20))[10]


def test_a_shot_without_a_sample_borrows_the_nearest():
    at_s, at_shots = np.array([4.1, 4.4]), np.array([1.0, 1.0])
    found = smooth(TIMES_S, TIMES_S[:, None], np.ones(20), np.zeros(20), at_s, at_shots, 1.5)
    assert found[:, 0] == pytest.approx([4.0, 4.5])


def test_no_sample_at_all_is_refused():
    empty = np.zeros(0)
    with pytest.raises(ValueError, match="no sample"):
        smooth(empty, np.zeros((0, 1)), empty, empty, TIMES_S, np.zeros(20), 1.0)
