"""Gain curves."""

from __future__ import annotations

import numpy as np

from music_engine.composer import dynamics
from music_engine.composer.form import plan_form


def test_a_curve_is_applied_as_straight_lines_between_its_points() -> None:
    samples = 1000
    curve = np.linspace(0.0, 1.0, dynamics.points(samples)).astype(np.float32)
    audio = np.ones((2, samples), np.float32)
    dynamics.apply(curve, audio)
    wanted = np.interp(np.arange(samples), np.arange(len(curve)) * dynamics.HOP, curve)
    assert np.abs(audio - wanted).max() < 1e-5


def test_no_peak_survives_above_its_headroom() -> None:
    rng = np.random.default_rng(1)
    audio = (0.05 * rng.standard_normal((2, 96_000))).astype(np.float32)
    audio[0, 30_000:30_040] = 3.0
    dynamics.apply(dynamics.tame(audio, -23.0), audio)
    assert np.abs(audio).max() < 10 ** ((-23.0 + 13.0) / 20)


def test_the_shape_follows_intensity_and_ends_in_silence(ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(intensity=((0.0, 0.1), (8.0, 0.9), (16.0, 0.9)))
    curve = dynamics.shape(request, plan_form(request), 16 * 48_000)
    at = [curve[round(t * 48_000 / dynamics.HOP)] for t in (1.0, 7.0, 12.0)]
    assert at[0] < at[1] < at[2]
    assert curve[-2:].max() == 0.0
