"""What becomes of speech, measured on rendered files against speech whose times the tests know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from films import plain_film
from noises import Sound, traffic
from scipy.signal import correlate
from scored import channels, decoded
from soundtracks import read_speech
from talking import Talk, film_of, swells_lu, talk, weighted_power, worst_clearance_lu

from pipeline.card.row import Row
from pipeline.score_video import Deliverable, score_video
from pipeline.wish import ExistingMusic, Wish

QUIET = "ebu-r128"  # at −23 LUFS the limiter has nothing to do, so that what goes in can be found in what comes out
CODER_DB = -25.0  # what AAC leaves of a difference
CODED_NOISE_DB = -15.0  # of faint noise, to which coders give few bits


def halves(made: Deliverable) -> tuple[Sound, Sound]:
    """(the film's own sound, the music) as they went into the master."""
    assert made.stems is not None
    film, music = (
        soundfile.read(made.stems / "as mixed" / f"{name}.flac", dtype="float32")[0].T for name in ("film", "music")
    )
    return film, music


def row(made: Deliverable, start: str) -> Row:
    return next(check for check in made.report.checks if check.name.startswith(start))


def apart_db(one: Sound, other: Sound) -> float:
    """The level of a difference against the whole."""
    n = min(one.shape[1], other.shape[1])
    return float(10 * np.log10(np.square(one[:, :n] - other[:, :n]).mean() / np.square(other[:, :n]).mean() + 1e-15))


def late(sound: Sound, was: Sound) -> int:
    """By how many samples: containers whose first picture is not at zero move the film's zero."""
    n = min(len(sound), len(was))
    likeness = correlate(sound[:n], was[:n], mode="full", method="fft")
    middle = slice(n - 1 - 24_000, n - 1 + 24_000)
    return int(np.argmax(likeness[middle])) - 24_000


def moved(sound: Sound, samples: int) -> Sound:
    return sound[:, samples:] if samples >= 0 else np.pad(sound, ((0, 0), (-samples, 0)))


@pytest.mark.parametrize(("noise_db", "clearance_lu", "seed"), [(40, 14, 0), (20, 20, 0), (20, 14, 3), (12, 10, 1)])
def test_the_worst_window_of_true_speech_is_clear_and_the_music_swells_back_in_the_pauses(
    tmp_path: Path, noise_db: float, clearance_lu: float, seed: int
) -> None:
    said = talk(noise_db=noise_db, seed=seed)
    assert len(said.gaps_s) >= 2
    made = score_video(
        film_of(tmp_path / "talk.mkv", said.sound, "stereo"),
        Wish(clearance_lu=clearance_lu, stems=True, loudness=QUIET),
    )
    assert_clear(made, said, clearance_lu)


def test_read_speech_stands_clear_too(tmp_path: Path, shared_media: Path) -> None:
    phrases = [read_speech(shared_media, tuning=tuning) for tuning in (True, False, True)]
    said = talk(noise_db=25, speech=[(phrase.sound, phrase.truth) for phrase in phrases])
    made = score_video(film_of(tmp_path / "talk.mkv", said.sound, "stereo"), Wish(stems=True, loudness=QUIET))
    assert_clear(made, said, 14.0)


def assert_clear(made: Deliverable, said: Talk, clearance_lu: float) -> None:
    film, music = halves(made)
    voice, played = weighted_power(film), weighted_power(music)
    assert worst_clearance_lu(voice, played, said.truth) >= clearance_lu
    assert min(swells_lu(voice, played, said)) >= -10.0
    # What was measured is what is heard: the halves add up to the file's own sound.
    assert apart_db(decoded(made.video), film + music) < CODER_DB
    assert row(made, "speech over music").status == "pass"
    assert row(made, "music between the words").status == "pass"


def test_speech_too_quiet_to_clear_is_said_with_the_decibels_that_are_missing(tmp_path: Path) -> None:
    said = talk(noise_db=40, seed=2)
    # Louder music cannot be ducked deep enough under it: at most 18 dB.
    made = score_video(
        film_of(tmp_path / "talk.mkv", said.sound, "stereo"),
        Wish(clearance_lu=20.0, music_level_db=12.0, stems=True, loudness=QUIET),
    )
    film, music = halves(made)
    missing_lu = 20.0 - worst_clearance_lu(weighted_power(film), weighted_power(music), said.truth)
    assert missing_lu > 0.5
    told = row(made, "speech over music")
    assert told.status == "fail"
    assert told.value == pytest.approx(20.0 - missing_lu, abs=1.5)
    assert f"{20.0 - told.value:.1f} LU short" in told.advice


def test_keep_holds_the_music_level_and_replace_takes_the_film_out(tmp_path: Path) -> None:
    said = talk(noise_db=20, seed=1)
    path = film_of(tmp_path / "talk.mkv", said.sound, "stereo")
    keep = score_video(path, Wish(dialogue="keep", stems=True, loudness=QUIET, output=tmp_path / "keep.mkv"))
    assert keep.report.dialogue["ducks"] == []
    replace = score_video(path, Wish(dialogue="replace", stems=True, loudness=QUIET, output=tmp_path / "replace.mkv"))
    film, music = halves(replace)
    assert not film.any()
    assert apart_db(decoded(replace.video), music) < CODER_DB


def surround(said: Talk, *, spoken_in: str = "centre") -> Sound:
    """[6, n] FL FR FC LFE BL BR: speech in the centre or left and right, traffic behind, a faint room in front."""
    n = said.sound.shape[1]
    behind, front = (np.pad(traffic(n / 48_000, seed), ((0, 0), (0, 1)))[:, :n] for seed in (5, 6))
    bed = np.zeros((6, n), np.float32)
    bed[:2] = 0.02 * front
    bed[4:] = 0.3 * behind
    bed[3] = 0.05 * np.sin(2 * np.pi * 40 * np.arange(n) / 48_000)
    voice = said.sound.mean(axis=0)
    if spoken_in == "centre":
        bed[2] = voice
    else:
        bed[:2] += voice
    return bed


@pytest.fixture(scope="module")
def said() -> Talk:
    return talk(noise_db=60, seed=1)


@pytest.mark.parametrize(
    ("suffix", "coder"),
    [
        (".mp4", ("-c:a", "aac", "-b:a", "640k")),
        (".mkv", ("-c:a", "ac3", "-b:a", "640k")),
        (".mov", ("-c:a", "pcm_s16le")),
        (".ts", ("-c:a", "ac3", "-b:a", "640k")),
        (".avi", ("-c:a", "pcm_s16le")),
    ],
)
def test_five_point_one_stays_so_with_the_music_left_and_right_and_nothing_else_touched(
    tmp_path: Path, said: Talk, suffix: str, coder: tuple[str, ...]
) -> None:
    bed = surround(said)
    film = film_of(tmp_path / f"talk{suffix}", bed, "5.1", coder=coder)
    made = score_video(film, Wish(stems=True, loudness=QUIET))
    heard = decoded(made.video, count=6)
    assert channels(made.video) == (6, "5.1")
    own, music = halves(made)
    assert not music[2:].any()
    assert music[:2].any()
    gain = 10 ** ((made.report.loudness["gain_db"] + made.report.loudness["source_gain_db"]) / 20)
    for sound, was in ((own, gain * bed), (heard, own + music)):
        sound = moved(sound, late(sound[2], was[2]))
        assert apart_db(sound[2:3], was[2:3]) < CODER_DB
        for part in (slice(0, 2), slice(4, 5), slice(5, 6)):
            assert apart_db(sound[part], was[part]) < CODED_NOISE_DB
    assert not [loss for loss in made.report.losses if "layout" in loss]
    # Loudness is met with every channel counted.
    assert all(row(made, name).status == "pass" for name in ("integrated loudness", "true peak", "sound offset"))
    # Against the centre alone, by the true speech.
    voice, played = weighted_power(own[2:3]), weighted_power(music)
    assert worst_clearance_lu(voice, played, said.truth) >= 14.0
    assert row(made, "speech over music against the centre").status == "pass"


def test_a_little_of_the_music_plays_behind_when_asked(tmp_path: Path, said: Talk) -> None:
    made = score_video(
        film_of(tmp_path / "talk.mkv", surround(said), "5.1"), Wish(stems=True, loudness=QUIET, surround_db=-12.0)
    )
    _, music = halves(made)
    level = np.square(music).mean(axis=1)
    assert 10 * np.log10(level[4:] / level[:2]) == pytest.approx([-12.0, -12.0], abs=0.1)
    assert not music[2:4].any()


def test_a_centre_in_which_nobody_speaks_is_not_judged(tmp_path: Path, said: Talk) -> None:
    made = score_video(
        film_of(tmp_path / "talk.mkv", surround(said, spoken_in="front"), "5.1"), Wish(stems=True, loudness=QUIET)
    )
    told = row(made, "speech over music against the centre")
    assert told.status in ("info", "not measurable")
    assert "does not carry" in told.advice
    assert row(made, "speech over music, worst").status == "pass"


@pytest.mark.parametrize(("layout", "size", "kept"), [("7.1", 8, True), ("5.0", 5, True), ("quad", 4, False)])
def test_seven_point_one_is_kept_too_and_what_cannot_be_is_mixed_down_and_named(
    tmp_path: Path, layout: str, size: int, kept: bool
) -> None:
    bed = 0.1 * np.random.default_rng(1).standard_normal((size, 6 * 48_000)).astype(np.float32)
    made = score_video(film_of(tmp_path / "film.mkv", bed, layout), Wish())
    assert channels(made.video) == ((size, layout) if kept else (2, "stereo"))
    assert bool([loss for loss in made.report.losses if "layout" in loss]) is not kept
    assert row(made, "integrated loudness").status == "pass"


@pytest.fixture(scope="module")
def with_music(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A film of 50 s, noise but for 20 s of the composer's own music in the middle; and the folder it lies in."""
    folder = tmp_path_factory.mktemp("music")
    music = decoded(score_video(plain_film(folder / "mute.mp4", 20.0, sound=False)).video)[:, : 20 * 48_000]
    noise = 0.2 * traffic(15.0, 3)
    sound = np.concatenate([noise, 0.5 * music / np.abs(music).max(), noise], axis=1).astype(np.float32)
    return film_of(folder / "film.mkv", sound, "stereo"), folder


@pytest.mark.parametrize(("what", "lowest_db", "highest_db"), [("skip", -200, -80), ("lower", -14, -9)])
def test_where_the_film_has_music_the_new_music_is_skipped_or_lowered_against_keeping_it(
    with_music: tuple[Path, Path], what: ExistingMusic, lowest_db: float, highest_db: float
) -> None:
    film, folder = with_music
    levels = []
    for chosen in (what, "keep"):
        output = folder / f"{what}-{chosen}.mkv"
        made = score_video(film, Wish(existing_music=chosen, stems=True, output=output, loudness=QUIET))
        _, music = halves(made)
        gain_db = made.report.loudness["gain_db"] + made.report.loudness["music_gain_db"]
        levels.append(10 * np.log10(np.square(music[:, 20 * 48_000 : 30 * 48_000]).mean() + 1e-20) - gain_db)
        (found,) = made.report.dialogue["source_music"]
        assert found == pytest.approx([15.0, 35.0], abs=1.5)
    assert lowest_db <= levels[0] - levels[1] <= highest_db
