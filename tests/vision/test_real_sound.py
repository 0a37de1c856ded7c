"""Speech and music found in real recordings: the half that no threshold was set on, and all tracks alone."""

from __future__ import annotations

import numpy as np
import pytest
from noises import RATE_HZ, over, traffic
from soundtracks import listen, of_every_kind, read_speech, real_tracks, synthetic
from spoken import f1, frames_of


@pytest.fixture(scope="module")
def unseen(shared):
    return real_tracks(shared, tuning=False)


@pytest.fixture(scope="module")
def reader(shared):
    return read_speech(shared / "media", tuning=False)


def test_read_speech_is_found_10_db_over_real_music_and_over_traffic(unseen, reader):
    for beds in (unseen.values(), [traffic(10.0, seed) for seed in (31, 32, 33)]):
        found = []
        for bed in beds:
            speech, _ = listen(over(reader.sound, reader.truth, bed, 10.0))
            found.append(frames_of(speech.ranges, len(reader.truth)))
        assert f1(np.concatenate(found), np.tile(reader.truth, len(found))) >= 0.90


def test_real_music_alone_is_hardly_ever_taken_for_speech_and_known_as_music(shared, unseen):
    said, known = [], []
    for track in [*unseen.values(), *real_tracks(shared, tuning=True).values()]:
        speech, music = listen(track[:, : 10 * RATE_HZ])
        said.append(frames_of(speech.ranges, 1_000))
        known.append(frames_of(music.regions, 1_000))
    assert len(said) == 21
    assert np.mean(said) <= 0.05
    assert np.mean(known) >= 0.95


def test_real_music_is_told_from_speech_noise_and_silence(unseen, reader):
    voices = [reader, *synthetic((3,), 12.0)]
    found, truth = [], []
    for number, name in enumerate(["calm_acoustic_s411", "lbr_Kevin_MacLeod_-_Vibe_Ace"]):
        track = of_every_kind(voices[number], unseen[name], 10.0, seed=number)
        _, music = listen(track.sound)
        found.append(frames_of(music.regions, len(track.music)))
        truth.append(track.music)
    assert f1(np.concatenate(found), np.concatenate(truth)) >= 0.85
