"""The music out of a finished sound: what is left of the film's own sound, and what is lost of the music."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from card_sounds import music
from films import ffmpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from scored import decoded
from voices import VOICES, speak

from pipeline.card.residue import played, residue
from pipeline.media.sound import FilmSound
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

SECONDS = 12


def blocks(sound: Samples, size: int = SAMPLE_RATE_HZ // 2) -> Iterator[Samples]:
    for start in range(0, sound.shape[1], size):
        yield sound[:, start : start + size]


def left(whole: Samples, source: Samples, offset_samples: int = 0) -> Samples:
    """The music, all of it."""
    return np.concatenate([alone for alone, _ in residue(blocks(whole), blocks(source), offset_samples)], axis=1)


def level_db(sound: Samples) -> float:
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-15))


@cache
def voice() -> Samples:
    mono, _ = speak(SECONDS, 3, VOICES[0])
    return np.stack([mono, mono])[:, : SECONDS * SAMPLE_RATE_HZ]


@cache
def bed() -> Samples:
    """Music 14 dB under the voice."""
    sound = music(SECONDS)[:, : SECONDS * SAMPLE_RATE_HZ]
    return sound * np.float32(10 ** ((level_db(voice()) - 14 - level_db(sound)) / 20))


def later(sound: Samples, samples: int) -> Samples:
    """The sound that many samples later, as long as before."""
    moved = np.zeros_like(sound)
    if samples >= 0:
        moved[:, samples:] = sound[:, : sound.shape[1] - samples]
    else:
        moved[:, :samples] = sound[:, -samples:]
    return moved


def test_of_a_plain_mix_the_music_is_left_as_it_was() -> None:
    found = left(np.float32(0.6) * (voice() + bed()), voice())
    wanted = np.float32(0.6) * bed()
    assert level_db(found - wanted) < level_db(np.float32(0.6) * voice()) - 32
    assert level_db(found) == pytest.approx(level_db(wanted), abs=0.1)


@pytest.mark.parametrize("coder", [("aac", "256k", "m4a"), ("libopus", "160k", "mkv")])
def test_a_limiter_and_a_coder_leave_little_of_the_voice(coder: tuple[str, str, str], tmp_path: Path) -> None:
    import soundfile

    codec, rate, suffix = coder
    mix = voice() + bed()
    mix *= np.float32(10 ** (3 / 20) / np.abs(mix).max())  # the limiter has 4.5 dB to take away at peaks
    soundfile.write(tmp_path / "mix.wav", mix.T, SAMPLE_RATE_HZ, "FLOAT")
    limited = "aresample=192000,alimiter=limit=0.84:attack=5:release=80:level=false:latency=true,aresample=48000"
    ffmpeg("-i", tmp_path / "mix.wav", "-af", limited, "-c:a", "pcm_f32le", tmp_path / "limited.wav")
    ffmpeg("-i", tmp_path / "limited.wav", "-c:a", codec, "-b:a", rate, tmp_path / f"made.{suffix}")
    own = mix - (mix.std() / (voice() + bed()).std()) * bed()
    delivered = decoded(tmp_path / f"made.{suffix}")
    found = left(delivered, voice())
    gain = np.float32(mix.std() / (voice() + bed()).std())
    n = min(found.shape[1], mix.shape[1])
    assert level_db(found[:, :n] - gain * bed()[:, :n]) < level_db(own) - 22  # the limiter's gain on the music is in it
    assert level_db(found) == pytest.approx(level_db(gain * bed()), abs=0.4)


def test_a_voice_that_another_hand_turned_down_for_a_while_goes_all_the_same() -> None:
    curve = np.interp(np.arange(voice().shape[1]) / SAMPLE_RATE_HZ, [0, 3, 4, 8, 9], [1, 1, 0.4, 0.4, 1])
    own = voice() * curve.astype(np.float32)
    found = left(own + bed(), voice())
    assert level_db(found - bed()) < level_db(own) - 28


@given(left_gain=st.floats(-1.0, 1.0), right_gain=st.floats(-1.0, 1.0))
@settings(max_examples=8, deadline=None)
def test_a_panned_or_inverted_voice_goes_too(left_gain: float, right_gain: float) -> None:
    own = voice() * np.array([[left_gain], [right_gain]], np.float32)
    found = left(own + bed(), voice())
    assert level_db(found - bed()) < max(level_db(own), level_db(bed())) - 25


@pytest.mark.parametrize("samples", [0, 4800, -4800, 100_003])
@pytest.mark.parametrize("wrong_by", [0, 3, -4])
def test_a_source_that_comes_later_or_earlier_is_found_where_it_is_said_to_be(samples: int, wrong_by: int) -> None:
    own = later(voice(), samples)
    found = left(own + bed(), voice(), samples + wrong_by)
    assert level_db(found - bed()) < level_db(own) - 25


def test_a_delay_between_two_samples_is_made_up_for() -> None:
    from scipy.signal import resample_poly

    between = resample_poly(later(resample_poly(voice(), 2, 1, axis=1), 1), 1, 2, axis=1).astype(np.float32)
    found = left(between[:, : bed().shape[1]] + bed(), voice())
    assert level_db(found - bed()) < level_db(voice()) - 25


def test_another_films_sound_takes_nothing_away() -> None:
    other, _ = speak(SECONDS, 77, VOICES[1])
    whole = voice() + bed()
    found = left(whole, np.stack([other, other])[:, : whole.shape[1]])
    assert level_db(found - whole) < level_db(whole) - 22
    assert level_db(found) == pytest.approx(level_db(whole), abs=0.05)


@pytest.mark.parametrize("source", [np.zeros((2, 0), np.float32), np.zeros((2, 90_000), np.float32)])
def test_without_a_source_or_with_a_silent_one_the_whole_passes_as_it_is(source: Samples) -> None:
    assert np.array_equal(left(bed(), source), bed())


def test_where_the_source_has_ended_the_whole_passes_as_it_is() -> None:
    half = voice().shape[1] // 2
    own = voice().copy()
    own[:, half:] = 0
    found = left(own + bed(), voice()[:, :half])
    assert np.array_equal(found[:, half + SAMPLE_RATE_HZ :], bed()[:, half + SAMPLE_RATE_HZ :])


def test_a_source_that_is_longer_changes_nothing() -> None:
    whole = (voice() + bed())[:, : 5 * SAMPLE_RATE_HZ + 123]
    found = left(whole, voice())
    assert found.shape == whole.shape
    assert level_db(found - bed()[:, : whole.shape[1]]) < level_db(whole) - 30


@given(sizes=st.tuples(st.integers(1000, 200_000), st.integers(1000, 200_000)))
@settings(max_examples=6, deadline=None)
def test_how_the_sound_is_cut_into_blocks_makes_no_difference(sizes: tuple[int, int]) -> None:
    whole, source = (voice() + bed())[:, :150_000], voice()[:, :140_000]
    pairs = list(residue(blocks(whole, sizes[0]), blocks(source, sizes[1])))
    assert np.array_equal(np.concatenate([alone for alone, _ in pairs], axis=1), left(whole, source))
    assert np.array_equal(np.concatenate([everything for _, everything in pairs], axis=1), whole)


def test_a_film_whose_sound_begins_late_is_silent_until_then() -> None:
    late_s = 2.25
    sound = voice()[:, :1000]
    parts = list(played([FilmSound(late_s, sound, sound), FilmSound(late_s + 1000 / SAMPLE_RATE_HZ, sound, sound)]))
    found = np.concatenate(parts, axis=1)
    first = round(late_s * SAMPLE_RATE_HZ)
    assert not found[:, :first].any()
    assert np.array_equal(found[:, first:], np.concatenate([sound, sound], axis=1))
