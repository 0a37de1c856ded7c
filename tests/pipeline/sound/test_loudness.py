from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.sound.loudness import LoudnessMeter, loudness_target, loudness_targets
from scoring.errors import UnknownChoice

RATE_HZ = 48_000


def sine(level_dbfs: float, duration_s: float, hz: float = 1000.0) -> NDArray[np.float32]:
    times_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * times_s)
    return np.stack([wave, wave]).astype(np.float32)


def measure(audio: NDArray[np.float32], block: int = 4800) -> LoudnessMeter:
    meter = LoudnessMeter()
    for start in range(0, audio.shape[1], block):
        meter.add(audio[:, start : start + block])
    return meter


# EBU Tech 3341, table 1: test signals 1 to 5, target values within ±0.1 LU.
EBU_3341 = {
    "case 1: stereo sine −23 dBFS, 20 s": ([(-23, 20)], -23.0),
    "case 2: stereo sine −33 dBFS, 20 s": ([(-33, 20)], -33.0),
    "case 3: −36, −23, −36 dBFS for 10, 60, 10 s": ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
    "case 4: −72, −36, −23, −36, −72 dBFS": ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
    "case 5: −26, −20, −26 dBFS for 20, 20.1, 20 s": ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
}


@pytest.mark.parametrize(("parts", "target_lufs"), EBU_3341.values(), ids=EBU_3341.keys())
def test_the_meter_keeps_the_conformance_signals_of_ebu_tech_3341(
    parts: list[tuple[float, float]], target_lufs: float
) -> None:
    audio = np.concatenate([sine(level, seconds) for level, seconds in parts], axis=1)
    assert measure(audio).integrated_lufs == pytest.approx(target_lufs, abs=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1000, 60_000), st.integers(10, 60))
def test_block_by_block_equals_the_library_on_the_whole(seed: int, block: int, tenths: int) -> None:
    # Whole tenths of a second: the library counts a last, incomplete block, which BS.1770 leaves out.
    rng = np.random.default_rng(seed)
    duration_s = tenths / 10
    audio = rng.standard_normal((2, round(duration_s * RATE_HZ))).astype(np.float32)
    audio *= np.repeat(rng.uniform(0.0005, 0.2, 60), audio.shape[1] // 60 + 1)[: audio.shape[1]].astype(np.float32)
    whole = pyloudnorm.Meter(RATE_HZ).integrated_loudness(audio.T.astype(np.float64))
    assert measure(audio, block).integrated_lufs == pytest.approx(whole, abs=0.01)


def test_silence_has_no_loudness_and_a_peak_of_minus_infinity() -> None:
    meter = measure(np.zeros((2, RATE_HZ), np.float32))
    assert meter.integrated_lufs == -np.inf
    assert meter.sample_peak_dbfs == -np.inf
    assert not meter.step_energy.any()


def test_a_sound_shorter_than_one_block_is_still_measured() -> None:
    assert measure(sine(-20, 0.3)).integrated_lufs == pytest.approx(-20, abs=0.5)


def test_every_target_is_whole_and_an_unknown_one_lists_the_known() -> None:
    assert set(loudness_targets()) == {"web", "ebu-r128", "atsc-a85", "podcast"}
    assert loudness_target("web").integrated_lufs == -14.0
    with pytest.raises(UnknownChoice, match="atsc-a85, ebu-r128, podcast, web"):
        loudness_target("loud")
