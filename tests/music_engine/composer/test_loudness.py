"""Loudness for balancing agrees with a conforming meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from music_engine.composer.loudness import SILENCE_LUFS, loudness_lufs


def test_a_full_scale_997_hz_sine_on_one_channel_reads_minus_3_01() -> None:
    time_s = np.arange(48_000 * 4) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 997 * time_s), np.zeros(len(time_s))]).astype(np.float32)
    assert loudness_lufs(tone) == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("tilt", [0.0, 0.25, 0.5])
def test_noise_of_any_colour_reads_as_the_meter_reads_it(tilt: float) -> None:
    rng = np.random.default_rng(3)
    spectrum = np.fft.rfft(rng.standard_normal((2, 48_000 * 6)))
    spectrum[:, 1:] /= np.arange(1, spectrum.shape[1]) ** tilt
    noise = np.fft.irfft(spectrum)
    noise = (0.1 * noise / noise.std()).astype(np.float32)
    assert loudness_lufs(noise) == pytest.approx(pyloudnorm.Meter(48_000).integrated_loudness(noise.T), abs=0.4)


def test_silence_has_no_loudness() -> None:
    assert loudness_lufs(np.zeros((2, 100), np.float32)) == SILENCE_LUFS
