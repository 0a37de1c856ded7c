from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.frames import SoundBlock
from vision.sound import BIN_SAMPLES, SILENCE_DB, SoundMeter

NOISE = np.random.default_rng(0).normal(0, 0.1, (2, 30_000)).astype(np.float32)


def heard(samples, lengths, start_s=0.0):
    meter, first = SoundMeter(), 0
    for length in [*lengths, samples.shape[1]]:
        block = samples[:, first : first + length]
        meter.hear(SoundBlock(start_s + first / 48_000, block))
        first += length
    return meter


@given(lengths=st.lists(st.integers(0, 9_000), max_size=12))
def test_how_sound_is_cut_into_blocks_does_not_matter(lengths):
    expected = heard(NOISE, []).level_db(8)
    assert heard(NOISE, lengths).level_db(8) == pytest.approx(expected, abs=1e-3)


def test_the_level_of_each_bin_is_the_rms_of_exactly_its_samples():
    levels_db = heard(NOISE, [7_001, 3, 11_111]).level_db(7)
    for index, level_db in enumerate(levels_db):
        part = NOISE[:, index * BIN_SAMPLES : (index + 1) * BIN_SAMPLES].astype(np.float64)
        assert level_db == pytest.approx(10 * np.log10(np.mean(part**2)), abs=1e-3)


def test_a_click_lands_in_the_bin_of_its_sample():
    for sample, expected in ((BIN_SAMPLES - 1, 0), (BIN_SAMPLES, 1)):
        click = np.zeros((2, 3 * BIN_SAMPLES), np.float32)
        click[:, sample] = 1.0
        assert np.argmax(heard(click, [4_000]).level_db(3)) == expected


def test_sound_that_starts_late_leaves_silence_before_it(studio):
    meter = SoundMeter()
    for block in studio.tone(-20.0, 1.0, start_s=0.5):
        meter.hear(block)
    levels_db = meter.level_db(20)
    assert np.all(levels_db[:5] == SILENCE_DB)
    assert levels_db[5:15] == pytest.approx(np.full(10, -20.0), abs=0.05)
    assert np.all(levels_db[15:] == SILENCE_DB)
    assert meter.end_s == pytest.approx(1.5)


def test_digital_silence_and_no_sound_at_all_read_the_same():
    assert np.all(heard(np.zeros((2, 9_600), np.float32), []).level_db(2) == SILENCE_DB)
    assert np.all(SoundMeter().level_db(2) == SILENCE_DB)


def test_sound_from_before_the_first_picture_is_left_out():
    meter = SoundMeter()
    meter.hear(SoundBlock(-0.05, np.ones((2, 4_800), np.float32)))
    meter.hear(SoundBlock(-5.0, np.ones((2, 4_800), np.float32)))
    assert meter.end_s == pytest.approx(0.05)
    assert meter.level_db(1)[0] == pytest.approx(0.0)


def test_samples_that_are_no_numbers_count_as_silence():
    broken = np.full((2, BIN_SAMPLES), np.nan, np.float32)
    broken[:, ::2], broken[0, 1] = 0.1, np.inf
    assert heard(broken, []).level_db(1)[0] == pytest.approx(-23.01, abs=0.01)
