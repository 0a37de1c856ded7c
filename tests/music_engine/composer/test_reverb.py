"""The room."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import fftconvolve

from music_engine.composer.reverb import convolve_into, impulse_response
from scoring.style import Space, load_style, style_names

SMALL = Space(10.0, 0.4, 6000.0, 0.0)


@pytest.mark.parametrize("length", [1, 1000, 300_001])
def test_blockwise_convolution_is_convolution(length: int) -> None:
    send = np.random.default_rng(1).standard_normal(length).astype(np.float32)
    out = np.zeros((2, length), np.float32)
    convolve_into(out, send, SMALL)
    wanted = fftconvolve(np.stack([send, send]).astype(np.float64), impulse_response(SMALL), axes=1)[:, :length]
    assert np.abs(out - wanted).max() < 1e-4


@pytest.mark.parametrize("name", style_names())
def test_a_room_decays_by_60_db_in_about_its_decay_time(name: str) -> None:
    space = load_style(name).space
    energy = np.square(impulse_response(space), dtype=np.float64).sum(axis=0)
    left = 10 * np.log10(energy[::-1].cumsum()[::-1] / energy.sum() + 1e-12)  # Schroeder's backward integral
    start, stop = np.argmax(left < -5), np.argmax(left < -25)
    decay_s = 3 * (stop - start) / 48_000
    assert 0.5 * space.decay_s < decay_s < 1.2 * space.decay_s
    assert not energy[: round(space.pre_delay_ms * 48) - 1].sum() > 1e-9
