"""The same picture with two voice tracks: the livelier one's music has more notes, and is no louder under the words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from noises import RATE_HZ, Sound
from spoken import read_sound
from talking import film_of
from two_voices import changed, lively, planned, requests_of, track, under_words_db
from voices import VOICES, speak

from pipeline.score_video import Spotted, spot_video
from pipeline.wish import Wish
from scoring.request import CueRequest
from scoring.spotting import spot
from scoring.style import load_style
from scoring.timebase import FrameRate

PHRASE_S = 6.0
MORE = 1.2


def synthesised(number: int) -> Sound:
    mono, _ = speak(PHRASE_S, 700 + number, VOICES[number])
    return np.stack([mono, mono])


def film_with(phrase: Sound, folder: Path, name: str) -> Spotted:
    return spot_video(film_of(folder / f"{name}.mkv", track(phrase, PHRASE_S), "stereo"), Wish(seed=5))


def requests(found: Spotted, style: str) -> list[CueRequest]:
    """As the pipeline asks, in any style without analysing the film again."""
    sheet = spot(found.analysis, source="film", frame_rate=FrameRate(10), style=load_style(style), seed=5)
    return requests_of(sheet, found.analysis.speech.ranges)


@pytest.fixture(scope="module", params=["voice 0", "voice 1", "read"])
def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Spotted, Spotted]:
    """A film as its voice is, and the same with that voice 6 dB louder, 4 semitones higher, 1.25 times as fast."""
    name = request.param
    if name == "read":
        shared: Path = request.getfixturevalue("shared_media")
        phrase = read_sound(shared / "lbr_198-209-0000.ogg")[:, : round(PHRASE_S * RATE_HZ)]
    else:
        phrase = synthesised(int(name[-1]))
    folder = tmp_path_factory.mktemp("films")
    return film_with(phrase, folder, "calm"), film_with(lively(phrase), folder, "lively")


def test_the_curve_says_whose_voice_is_livelier(two: tuple[Spotted, Spotted]) -> None:
    calm, full = (found.analysis.curve for found in two)
    assert "voices" in calm.read_from
    assert full.voice[full.voice != 0].mean() >= calm.voice[calm.voice != 0].mean() + 0.15


@pytest.mark.parametrize("style", ["cinematic", "upbeat", "ambient"])
def test_a_livelier_voice_gets_a_fifth_more_notes_a_bar_and_a_calmer_one_fewer(
    two: tuple[Spotted, Spotted], style: str
) -> None:
    calm, full = (planned(requests(found, style)) for found in two)
    assert full.notes >= MORE * calm.notes
    assert full.onsets >= MORE * calm.onsets


@pytest.mark.parametrize("style", ["cinematic", "upbeat"])
def test_it_is_the_voices_own_doing_and_not_that_of_a_louder_film(two: tuple[Spotted, Spotted], style: str) -> None:
    calm, full = (requests(found, style) for found in two)
    plain, plain_too = (planned([replace(r, density=()) for r in some]) for some in (calm, full))
    ratio, bare = planned(full).notes / planned(calm).notes, plain_too.notes / plain.notes
    assert ratio >= 1.1 * bare


def test_the_music_under_the_words_stays_as_loud(tmp_path: Path) -> None:
    phrase = synthesised(0)
    calm, full = (film_with(said, tmp_path, name) for name, said in (("calm", phrase), ("lively", lively(phrase))))
    levels_db = [under_words_db(requests(found, "cinematic")) for found in (calm, full)]
    assert levels_db[1] - levels_db[0] == pytest.approx(0.0, abs=1.0)


def test_pitch_alone_and_pace_alone_and_loudness_alone_make_a_voice_livelier(tmp_path: Path) -> None:
    phrase = synthesised(1)
    ways = {"plain": {}, "louder": {"louder_db": 6.0}, "higher": {"higher_st": 4.0}, "faster": {"faster": 1.25}}
    means = {}
    for name, change in ways.items():
        voice = film_with(changed(phrase, **change), tmp_path, name).analysis.curve.voice
        means[name] = voice[voice != 0].mean()
    assert all(means[name] > means["plain"] + 0.01 for name in ("louder", "higher", "faster"))
