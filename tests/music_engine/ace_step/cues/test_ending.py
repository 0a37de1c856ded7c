from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from music_engine.ace_step.cues.ending import fade_out
from scoring.request import CueRequest

RATE_HZ = 48_000


@pytest.mark.parametrize("ending", ["crossfade", "cut"])
def test_a_cue_that_hands_over_plays_on(ask: Callable[..., CueRequest], ending: str) -> None:
    audio = np.ones((2, 10 * RATE_HZ), np.float32)
    fade_out(audio, ask(ending=ending), 0, 8 * RATE_HZ)
    assert (audio == 1.0).all()


@pytest.mark.parametrize(("body_s", "tail_s", "whole_s"), [(8, 2, 8), (10, 0, 8.5), (9, 1, 8.5), (1, 0, 0.5)])
def test_a_cue_that_ends_fades_over_its_tail_and_where_that_is_short_before_it(
    ask: Callable[..., CueRequest], body_s: int, tail_s: int, whole_s: float
) -> None:
    for ending in ("end", "ring_out"):
        audio = np.ones((2, (body_s + tail_s) * RATE_HZ), np.float32)
        fade_out(audio, ask(ending=ending), 0, body_s * RATE_HZ)
        whole = round(whole_s * RATE_HZ)
        assert (audio[:, :whole] == 1.0).all()
        assert (np.diff(audio[0, whole:]) <= 0).all()
        assert np.abs(audio[:, -1]).max() < 1e-6
        assert np.abs(np.diff(audio[0])).max() < 1e-3, "no corner and no click"
