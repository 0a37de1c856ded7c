"""What is heard in sounds made here: synthesised voices, the composer's own music, traffic, hum, silence."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyloudnorm
import pytest
from noises import RATE_HZ, over, traffic
from soundtracks import REPORTING_VOICES, at_level, blocks, listen, of_every_kind, synthetic
from spoken import f1, frames_of

from music_engine.composer.engine import Composer
from scoring.cue_sheet import Metre
from scoring.key import Key
from scoring.request import CueRequest
from vision.frames import SoundBlock
from vision.listening import Listener

SECONDS = 12.0


@pytest.fixture(scope="module")
def voices():
    return synthetic(REPORTING_VOICES, SECONDS)


@pytest.fixture(scope="module")
def composed():
    """A piece of each kind the composer writes, 20 s."""

    def piece(style, bpm):
        request = CueRequest(
            cue_id="1m1",
            style=style,
            prompt="",
            mood="hopeful",
            duration_s=20.0,
            bpm=bpm,
            key=Key.parse("D minor"),
            metre=Metre(4, 4),
            first_downbeat_s=0.0,
            valence=0.1,
            arousal=0.4,
            tension=0.4,
            intensity=((0.0, 0.4), (20.0, 0.9)),
            hit_points=(),
            ending="end",
            seed=3,
            film_seed=4,
            is_first=True,
            is_last=True,
        )
        return Composer().compose([request], with_stems=False)[0].audio

    return {"cinematic": piece("cinematic", 90.0), "ambient": piece("ambient", 70.0), "upbeat": piece("upbeat", 120.0)}


def test_speech_is_found_10_db_over_music_and_over_traffic(voices, composed):
    for voice in voices:
        for bed in (*composed.values(), traffic(SECONDS, 7)):
            speech, _ = listen(over(voice.sound, voice.truth, bed, 10.0))
            assert f1(frames_of(speech.ranges, len(voice.truth)), voice.truth) >= 0.90


def test_the_composers_own_music_is_music_and_nobody_speaks_in_it(composed):
    for piece in composed.values():
        speech, music = listen(piece)
        count = piece.shape[1] // 480
        assert frames_of(speech.ranges, count).mean() <= 0.05
        assert frames_of(music.regions, count).mean() >= 0.95


def test_music_is_told_from_speech_noise_and_silence(voices, composed):
    track = of_every_kind(voices[0], composed["upbeat"], 10.0, seed=1)
    speech, music = listen(track.sound)
    assert f1(frames_of(music.regions, len(track.music)), track.music) >= 0.85
    assert f1(frames_of(speech.ranges, len(track.speech)), track.speech) >= 0.90


@pytest.mark.parametrize("level_db", [None, -66.0])
def test_neither_digital_zero_nor_faint_hiss_counts(level_db):
    sound = np.zeros((2, 10 * RATE_HZ), np.float32)
    if level_db is not None:
        sound += at_level(np.random.default_rng(0).standard_normal(sound.shape).astype(np.float32), level_db)
    speech, music = listen(sound)
    assert speech.regions == ()
    assert music.regions == ()


def test_music_too_faint_to_hear_does_not_count(composed):
    assert listen(at_level(composed["ambient"], -75.0))[1].regions == ()


@pytest.mark.parametrize("harmonics", [range(1, 20), (10,)], ids=["hum", "tone"])
def test_what_holds_still_for_ever_is_no_music(harmonics):
    turns = 100.0 * np.arange(12 * RATE_HZ) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * k * turns + k) / k for k in harmonics)
    noise = np.random.default_rng(2).standard_normal((2, len(turns)))
    speech, music = listen((0.05 * wave + 0.01 * noise).astype(np.float32))
    assert speech.regions == ()
    assert music.regions == ()


def test_how_sound_is_cut_into_blocks_does_not_matter(voices, composed):
    sound = over(voices[1].sound, voices[1].truth, composed["cinematic"], 10.0)[:, : 8 * RATE_HZ]
    whole = listen(sound, sound.shape[1])
    for length in (1_024, 4_800, 50_001):
        speech, music = listen(sound, length)
        assert music == whole[1]
        assert speech.ranges == whole[0].ranges


def test_sound_that_starts_late_is_heard_where_it_is(voices):
    voice = voices[0]
    clean, late_s = over(voice.sound, voice.truth, traffic(SECONDS, 2), 30.0), 5.0
    listener = Listener()
    for block in blocks(clean, start_s=late_s):
        listener.hear(block)
    speech, _ = listener.heard(late_s + SECONDS)
    found = frames_of(speech.ranges, int((late_s + SECONDS) * 100))
    assert not found[: int(late_s * 100)].any()
    assert f1(found[int(late_s * 100) :], voice.truth) >= 0.90


def test_sound_from_before_the_film_is_left_out(voices):
    clean = voices[0].sound
    listener = Listener()
    for block in blocks(clean, start_s=-6.0):
        listener.hear(block)
    speech, _ = listener.heard(SECONDS - 6.0)
    truth = voices[0].truth[600:]
    assert f1(frames_of(speech.ranges, len(truth)), truth) >= 0.85


def test_samples_that_are_no_numbers_count_as_silence(voices):
    broken = voices[0].sound.copy()
    broken[:, ::4_000] = np.nan
    speech, _ = listen(broken)
    assert f1(frames_of(speech.ranges, len(voices[0].truth)), voices[0].truth) >= 0.8
    assert all(region.loudness_lufs is not None for region in speech.regions)


def test_a_regions_loudness_is_that_of_bs_1770(voices, composed):
    sound = over(voices[0].sound, voices[0].truth, composed["ambient"], 10.0)
    speech, _ = listen(sound)
    long = [region for region in speech.regions if region.duration_s >= 1.0]
    assert long
    for region in long:
        # The track knows whole tenths of a second; the yardstick is given the same ones.
        first, last = np.ceil(region.start_s * 10) / 10, np.floor(region.end_s * 10) / 10
        part = sound[:, round(first * RATE_HZ) : round(last * RATE_HZ)]
        expected = pyloudnorm.Meter(RATE_HZ).integrated_loudness(part.T.astype(np.float64))
        assert region.loudness_lufs == pytest.approx(expected, abs=0.3)


def test_no_sound_at_all_is_neither_speech_nor_music():
    speech, music = Listener().heard(10.0)
    assert speech.regions == ()
    assert music.regions == ()


def test_memory_hardly_grows_with_the_film():
    # So faint that the model is not asked, which would take long and keeps nothing more.
    part = (1e-5 * np.random.default_rng(0).standard_normal((2, 10 * RATE_HZ))).astype(np.float32)
    listener, held_bytes = Listener(), []
    tracemalloc.start()
    for number in range(31):
        listener.hear(SoundBlock(10.0 * number, part))
        held_bytes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert (held_bytes[30] - held_bytes[10]) / 200.0 < 700
