"""Where a film's own sound lies in the finished sound, or why that cannot be said."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from card_sounds import music, noise
from hypothesis import given, settings
from hypothesis import strategies as st
from voices import VOICES, speak

from pipeline.inspection.align import Alignment, Astray, align
from pipeline.inspection.excerpt import Excerpt, Excerpter
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

SECONDS = 40


def excerpt(sound: Samples) -> Excerpt:
    excerpter = Excerpter()
    for start in range(0, sound.shape[1], 48_000):
        excerpter.add(sound[:, start : start + 48_000])
    return excerpter.excerpt()


@cache
def voice(seed: int = 5) -> Samples:
    mono, _ = speak(SECONDS, seed, VOICES[seed % len(VOICES)])
    return np.stack([mono, mono])[:, : SECONDS * SAMPLE_RATE_HZ]


@cache
def bed() -> Samples:
    return music(SECONDS)[:, : SECONDS * SAMPLE_RATE_HZ]


def moved(sound: Samples, samples: int) -> Samples:
    if samples < 0:
        return sound[:, -samples:]
    return np.concatenate([np.zeros((2, samples), np.float32), sound], axis=1)


def with_music(sound: Samples, music_over_voice_db: float) -> Samples:
    ratio = float(np.sqrt(np.mean(voice() ** 2) / np.mean(bed() ** 2)))
    mixed = sound.copy()
    n = min(sound.shape[1], bed().shape[1])
    mixed[:, :n] += np.float32(ratio * 10 ** (music_over_voice_db / 20)) * bed()[:, :n]
    return mixed


@given(samples=st.integers(-12 * SAMPLE_RATE_HZ, 12 * SAMPLE_RATE_HZ), over_db=st.floats(-20, 12))
@settings(max_examples=15, deadline=None)
def test_any_delay_is_found_under_music(samples: int, over_db: float) -> None:
    found = align(excerpt(with_music(moved(voice(), samples), over_db)), excerpt(voice()))
    assert isinstance(found, Alignment)
    assert abs(found.offset_samples - samples) <= 2


def test_the_delay_is_found_in_noise_that_music_drowns_by_12_db() -> None:
    hiss = noise(SECONDS, -40.0, seed=4)
    found = align(excerpt(moved(hiss, 777) + moved(bed() * np.float32(0.3), 777)), excerpt(hiss))
    assert isinstance(found, Alignment)
    assert abs(found.offset_samples - 777) <= 2


@pytest.mark.parametrize("over_db", [-12.0, 6.0])
def test_another_films_voice_is_not_found(over_db: float) -> None:
    found = align(excerpt(with_music(voice(), over_db)), excerpt(voice(6)))
    assert isinstance(found, Astray)
    assert "not heard" in found.why


def test_two_pieces_of_the_same_notes_are_not_taken_for_each_other() -> None:
    assert isinstance(align(excerpt(music(SECONDS, 96.0, seed=1)), excerpt(music(SECONDS, 104.0, seed=2))), Astray)


def test_a_source_that_runs_slower_is_refused_and_so_is_one_that_was_cut() -> None:
    at = np.arange(voice().shape[1])
    slower = np.stack([np.interp(at * 1.00003, at, channel) for channel in voice()]).astype(np.float32)
    drifting = align(excerpt(with_music(slower, -12)), excerpt(voice()))
    assert isinstance(drifting, Astray)
    assert "speed" in drifting.why
    cut = np.concatenate([voice()[:, : 14 * SAMPLE_RATE_HZ], voice()[:, 16 * SAMPLE_RATE_HZ :]], axis=1)
    shortened = align(excerpt(with_music(cut, -12)), excerpt(voice()))
    assert isinstance(shortened, Astray)
    assert "cut" in shortened.why


def test_silence_is_found_nowhere_and_holds_nothing() -> None:
    silence = excerpt(np.zeros((2, 5 * SAMPLE_RATE_HZ), np.float32))
    assert silence.is_silent
    assert not excerpt(voice()).is_silent
    assert isinstance(align(excerpt(voice()), silence), Astray)
    assert isinstance(align(silence, excerpt(voice())), Astray)


def test_of_a_long_sound_only_the_beginning_and_the_end_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.inspection.excerpt.HEAD_S", 6)
    monkeypatch.setattr("pipeline.inspection.excerpt.TAIL_S", 4)
    kept = excerpt(voice())
    assert kept.size == SECONDS * 4000
    assert kept.head.size == 6 * 4000
    assert 4 * 4000 <= kept.tail.size <= 6 * 4000
    assert kept.tail_at + kept.tail.size == kept.size
    assert kept.stretch(3 * 4000, 2 * 4000) is not None
    assert kept.stretch(20 * 4000, 4000) is None
    end = kept.stretch(kept.size - 4000, 8000)
    assert end is not None
    assert not end[4000:].any()
