"""The tracker: what it reads of sounds whose features are known."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

import numpy as np
import pytest
from card_sounds import added, blocks, music, muted, noise, silence, sine, tracked
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card.track import CLICK_HZ, ONSET_HZ, Track
from pipeline.card.tracking import Tracker, track_of
from pipeline.sound.loudness import LoudnessMeter
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

FEW = settings(max_examples=15, deadline=None)


def _clicked(at_s: float, seconds: float = 3.0, size: float = 0.5) -> Samples:
    sound = silence(seconds)
    sound[:, round(at_s * SAMPLE_RATE_HZ)] = size
    return sound


@cache
def _sound() -> Samples:
    """With a click, a clipped run and a rest in it."""
    sound = added(muted(music(4.0, rms_db=-14.0), 2.0, 2.6), _clicked(1.234, 4.0))
    sound[1, 100_000:100_007] = 1.0
    return sound


@cache
def _whole() -> Track:
    return track_of([_sound()])


@FEW
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=8))
def test_any_block_size_gives_the_same_track(sizes: list[int]) -> None:
    tracker, start, turn = Tracker(), 0, 0
    while start < _sound().shape[1]:
        size = sizes[turn % len(sizes)] + 2000
        tracker.add(_sound()[:, start : start + size])
        start, turn = start + size, turn + 1
    made = tracker.track()
    for field in fields(Track):
        one, other = getattr(made, field.name), getattr(_whole(), field.name)
        if field.name == "tone_hz":  # where nothing stands out, which line stands out most hangs on the last digit
            heard = _whole().tone_over_db > 14
            one, other = one[heard], other[heard]
        if isinstance(other, np.ndarray):
            np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-3, err_msg=field.name)
        else:
            assert one == other, field.name


@FEW
@given(st.floats(0.0, 3.0), st.integers(1, 30_000))
def test_curves_are_as_long_as_the_sound(seconds: float, size: int) -> None:
    sound = noise(3.0)[:, : round(seconds * SAMPLE_RATE_HZ)]
    track = track_of(blocks(sound, size + 3000), 7.0)
    steps, onsets = -(-sound.shape[1] // 4800), -(-sound.shape[1] // 480)
    for name in ("energy", "chroma", "mel_db", "tone_db", "tone_over_db", "tone_hz", "sub_db", "left", "cross", "peak"):
        assert len(getattr(track, name)) == steps, name
    assert len(track.onset) == onsets
    assert track.duration_s == pytest.approx(sound.shape[1] / SAMPLE_RATE_HZ)
    assert track.steps(TimeRange(0.0, 100.0)) == slice(0, steps)


@FEW
@given(st.floats(-60.0, 0.0), st.sampled_from([300.0, 997.0, 3000.0]))
def test_a_tone_has_its_level_everywhere(peak_db: float, hz: float) -> None:
    track = tracked(sine(hz, 2.0, peak_db))
    inside = slice(5, 15)
    assert 10 * np.log10(track.left[inside]) == pytest.approx(peak_db - 3.01, abs=0.1)
    assert track.cross[inside] == pytest.approx(track.left[inside])
    assert 20 * np.log10(track.peak[inside]) == pytest.approx(peak_db, abs=0.05)
    assert max(track.spectrum_db) == pytest.approx(peak_db - 3.01 - 1.76, abs=2.0)  # its strongest line of three


def test_energy_is_the_loudness_meters() -> None:
    meter = LoudnessMeter()
    meter.add(_sound())
    assert _whole().energy == pytest.approx(meter.step_energy)


@FEW
@given(st.floats(0.3, 2.7))
def test_a_click_is_found_to_five_milliseconds(at_s: float) -> None:
    track = tracked(_clicked(at_s))
    assert abs(int(track.click.argmax()) / CLICK_HZ - at_s) <= 1.01 / CLICK_HZ
    assert track.click.max() == pytest.approx(1.0, abs=1e-3)  # twice the middle sample


@FEW
@given(st.integers(1, 40), st.integers(-30, 30), st.sampled_from([0, 1]))
def test_a_clipped_run_over_a_blocks_edge_is_one_run(samples: int, shift: int, channel: int) -> None:
    sound = silence(2.0)
    first = SAMPLE_RATE_HZ + shift
    sound[channel, first : first + samples] = 0.999
    clips = track_of(blocks(sound)).clips
    if samples < 3:
        assert clips == ()
    else:
        (clip,) = clips
        assert (clip.samples, clip.channel) == (samples, channel)
        assert clip.time_s == pytest.approx(first / SAMPLE_RATE_HZ)


def test_samples_a_little_under_full_scale_are_not_clipped() -> None:
    assert tracked(sine(50.0, 1.0, -0.2)).clips == ()
    assert tracked(sine(50.0, 1.0, 0.0)).clips


@pytest.mark.parametrize(("notes", "classes"), [((60, 64, 67), {0, 4, 7}), ((57, 60, 64), {9, 0, 4})])
def test_a_chords_notes_lead_its_chroma(notes: tuple[int, ...], classes: set[int]) -> None:
    sound = silence(2.0)
    for note in notes:
        sound = added(sound, sine(440 * 2 ** ((note - 69) / 12), 2.0, -20.0))
    chroma = tracked(sound).chroma[5:15].mean(axis=0)
    assert set(np.argsort(chroma)[-3:].tolist()) == classes
    assert np.sort(chroma)[-3] > 20 * np.sort(chroma)[-4]


@FEW
@given(st.floats(1.0, 2.0))
def test_an_onset_is_found_within_ten_milliseconds(at_s: float) -> None:
    track = tracked(muted(sine(660.0, 3.0), 0.0, at_s))
    assert abs(int(track.onset.argmax()) / ONSET_HZ - at_s) <= 0.0101


@pytest.mark.parametrize("hz", [16_600.0, 18_000.0, 19_000.0, 22_000.0])
@pytest.mark.parametrize("shift", [0.0, 1.4])
def test_a_high_tone_is_measured_against_its_surroundings(hz: float, shift: float) -> None:
    track = tracked(added(noise(3.0, -30.0), sine(hz + shift, 3.0, -40.0)))
    inside = slice(4, 26)
    assert track.tone_db[inside] == pytest.approx(-43.0, abs=1.0)
    assert np.abs(track.tone_hz[inside] - hz).max() < 6
    assert track.tone_over_db[inside].min() > 20


def test_noise_has_no_high_tone() -> None:
    assert tracked(noise(3.0, -12.0)).tone_over_db.max() < 13


@pytest.mark.parametrize(
    ("hz", "low_db", "high_db"), [(10.0, -23.2, -22.8), (15.0, -24.5, -22.8), (25.0, -120.0, -60.0)]
)
def test_only_what_is_below_hearing_counts_as_such(hz: float, low_db: float, high_db: float) -> None:
    assert low_db <= tracked(sine(hz, 3.0, -20.0)).sub_db[10:20].max() <= high_db


def test_a_shift_of_the_middle_line_is_read_on_its_own_channel() -> None:
    sound = noise(1.0)
    sound[1] += np.float32(0.01)
    assert tracked(sound).dc == pytest.approx([0.0, 0.01], abs=1e-4)


def test_octaves_of_pink_noise_are_alike() -> None:
    octaves_db = tracked(noise(6.0, tilt_db_per_octave=-3.0)).octaves_db
    assert np.ptp(octaves_db) < 1.5
