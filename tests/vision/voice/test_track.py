"""Pitch and pace of voices whose truth is known because they were made so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noises import RATE_HZ, traffic
from soundtracks import blocks, listen
from two_voices import changed
from voices import VOICES, speak

from scoring.speech import Speech
from scoring.timebase import TimeRange
from vision.narrow import NARROW_RATE_HZ, Narrow, Samples
from vision.voice.track import Voice, VoiceTrack

SECONDS = 8.0


def heard(samples: Samples, length: int = 4_999) -> VoiceTrack:
    """A track that was given 16 kHz mono in pieces."""
    track = VoiceTrack()
    for first in range(0, len(samples), length):
        track.put(samples[first : first + length])
    track.finish()
    return track


def tone(hz: float, seconds: float = 1.0) -> Samples:
    """A buzz of twelve harmonics, as a throat makes."""
    turns = 2 * np.pi * hz * np.arange(round(seconds * NARROW_RATE_HZ)) / NARROW_RATE_HZ
    return np.asarray(0.05 * sum(np.sin(k * turns) / k for k in range(1, 13)), np.float32)


def pooled(speech: Speech) -> Voice:
    """The regions of one voice as one, weighted by their length."""
    known = [r for r in speech.regions if r.pitch_hz is not None and r.pace_per_s is not None]
    lengths_s = [r.duration_s for r in known]
    mean = {
        name: float(np.average([getattr(r, name) for r in known], weights=lengths_s))
        for name in ("pitch_hz", "pitch_spread_st", "pace_per_s")
    }
    return Voice(**mean)


@settings(deadline=None, max_examples=40)
@given(st.floats(75.0, 420.0))
def test_the_pitch_of_a_buzz_is_told_within_a_quarter_of_a_semitone(hz: float) -> None:
    voice = heard(tone(hz)).voice(TimeRange(0.1, 0.9))
    assert voice.pitch_hz is not None
    assert 12 * np.log2(voice.pitch_hz / hz) == pytest.approx(0.0, abs=0.25)


@pytest.mark.parametrize("number", range(4))
def test_pitch_is_told_within_a_semitone(number: int) -> None:
    mono, _ = speak(20.0, 700, VOICES[number])
    pitch_hz = pooled(listen(np.stack([mono, mono]))[0]).pitch_hz
    # A phrase falls from 1.12 to 0.82 of the voice's pitch and is accented upward: it is about 1.03 in the middle.
    assert 12 * np.log2(pitch_hz / (1.03 * VOICES[number].pitch_hz)) == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("number", range(4))
def test_four_semitones_up_and_a_quarter_faster_are_told(number: int) -> None:
    mono, _ = speak(SECONDS, 700, VOICES[number])
    sound = np.stack([mono, mono])
    calm, quick = (pooled(listen(s)[0]) for s in (sound, changed(sound, higher_st=4.0, faster=1.25)))
    assert 12 * np.log2(quick.pitch_hz / calm.pitch_hz) == pytest.approx(4.0, abs=0.5)
    assert quick.pace_per_s / calm.pace_per_s == pytest.approx(1.25, rel=0.10)


def test_blocks_of_any_length_give_the_same_voice() -> None:
    mono, _ = speak(4.0, 3, VOICES[1])
    narrow = Narrow()
    samples = np.concatenate([*(narrow.put(b.samples) for b in blocks(np.stack([mono, mono]))), narrow.rest()])
    voices = {heard(samples, length).voice(TimeRange(1.0, 3.5)) for length in (160, 511, 4_999, 64_000)}
    assert len(voices) == 1
    assert voices.pop().pace_per_s is not None


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(32_000, np.float32), id="silence"),
        pytest.param(0.1 * np.random.default_rng(1).standard_normal(32_000).astype(np.float32), id="noise"),
        pytest.param(np.full(32_000, 1e30, np.float32), id="broken"),
    ],
)
def test_what_is_no_voice_has_neither_pitch_nor_pace(samples: Samples) -> None:
    assert heard(samples).voice(TimeRange(0.2, 1.8)) == Voice()


def test_traffic_has_no_voice() -> None:
    speech, _ = listen(traffic(10.0, 3))
    assert all(region.pitch_hz is None for region in speech.regions)


def test_a_held_tone_has_a_pitch_and_no_pace() -> None:
    voice = heard(tone(220.0, 3.0)).voice(TimeRange(0.2, 2.8))
    assert voice.pitch_hz == pytest.approx(220.0, rel=0.01)
    assert voice.pace_per_s is None


def test_a_word_is_too_short_for_a_pace() -> None:
    mono, _ = speak(4.0, 3, VOICES[1])
    sound = np.interp(np.arange(len(mono) // 3) * 3, np.arange(len(mono)), mono).astype(np.float32)
    assert heard(sound).voice(TimeRange(1.5, 1.9)).pace_per_s is None
    assert heard(sound).voice(TimeRange(50.0, 51.0)) == Voice()
    assert RATE_HZ == 3 * NARROW_RATE_HZ
