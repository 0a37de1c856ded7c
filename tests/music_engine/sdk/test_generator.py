"""The SDK with the engine that is always there: real music, real files read back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import music_engine
from music_engine import Music, MusicGenerator
from scoring.errors import Cancelled, EngineUnavailable, InputError, OutputRefused, UnknownChoice

RATE_HZ = 48_000


@pytest.fixture(scope="module")
def generator() -> MusicGenerator:
    return MusicGenerator(model="composer")


@pytest.fixture(scope="module")
def music(generator: MusicGenerator) -> Music:
    return generator.generate(prompt="calm piano and strings, 96 bpm, in D minor", duration=7.3, seed=5)


def test_the_door_is_open_and_costs_nothing_to_walk_past() -> None:
    assert list(music_engine.__all__) == sorted(music_engine.__all__)
    code = "import sys, music_engine; print(*{'torch', 'numpy', 'scipy', 'symusic'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
    with pytest.raises(AttributeError, match="no attribute 'Orchestra'"):
        music_engine.Orchestra  # noqa: B018


def test_making_music_by_the_composer_loads_no_torch() -> None:
    code = (
        "import sys; from music_engine import MusicGenerator; MusicGenerator(model='composer').generate(duration=1.0); "
        "print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_piece_lasts_exactly_as_long_as_asked(music: Music) -> None:
    assert music.audio.shape == (2, round(7.3 * RATE_HZ))
    assert music.audio.dtype == np.float32
    assert music.sample_rate_hz == RATE_HZ
    assert music.duration_s == pytest.approx(7.3, abs=1 / RATE_HZ)
    assert float(np.sqrt((music.audio**2).mean())) > 0.003


def test_words_in_the_prompt_are_read(music: Music) -> None:
    assert music.request.bpm == 96
    assert str(music.request.key) == "D minor"
    assert {"piano", "strings"} <= set(music.request.wishes.instruments)
    assert np.diff(music.made.beats_s[:4]) == pytest.approx(60 / 96)


def test_tempo_and_key_beside_the_prompt_outrank_its_words(generator: MusicGenerator) -> None:
    music = generator.generate(prompt="piano, 60 bpm", duration=4.0, bpm=140.0, key="F# lydian")
    assert music.request.bpm == 140
    assert str(music.request.key) == "F# lydian"


@pytest.mark.parametrize("name", ["bgm.wav", "bgm.flac", "bgm.ogg", "bgm.mp3", "BGM.MP3"])
def test_a_file_holds_the_same_music_and_the_same_number_of_samples(music: Music, tmp_path: Path, name: str) -> None:
    path = music.export(tmp_path / name)
    read, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    assert read.shape == (music.audio.shape[1], 2)
    error = float(np.sqrt(((read.T - music.audio) ** 2).mean() / (music.audio**2).mean()))
    assert error < (1e-4 if path.suffix.lower() in (".wav", ".flac") else 0.25)
    assert [p.name for p in tmp_path.iterdir()] == [name], "nothing half-made is left"


def test_a_file_is_replaced_only_when_the_new_one_is_whole(music: Music, tmp_path: Path) -> None:
    path = tmp_path / "bgm.flac"
    path.write_text("old")
    music.export(str(path))
    assert soundfile.info(path).frames == music.audio.shape[1]


def test_music_over_full_scale_is_turned_down_and_not_clipped(music: Music, tmp_path: Path) -> None:
    from dataclasses import replace

    loud = Music(music.request, replace(music.made, audio=music.audio * np.float32(9.0)))
    read = soundfile.read(loud.export(tmp_path / "loud.wav"), dtype="float32")[0].T
    assert np.abs(read).max() == pytest.approx(0.999, abs=1e-3)
    assert np.corrcoef(read[0], music.audio[0])[0, 1] > 0.99999


def test_stems_add_up_to_the_music(music: Music, tmp_path: Path) -> None:
    paths = music.save_stems(tmp_path / "deep" / "stems")
    assert {path.stem for path in paths} == set(music.stems)
    total = sum(soundfile.read(path, dtype="float32")[0].T for path in paths)
    assert np.abs(total - music.audio).max() < 1e-4


def test_the_structure_is_followed(generator: MusicGenerator) -> None:
    music = generator.generate(prompt="pop", duration=24.0, structure=["intro", "verse", "chorus"], bpm=120)
    assert music.request.structure == ("intro", "verse", "chorus")
    third = music.audio.shape[1] // 3
    levels = [float(np.sqrt((music.audio[:, i * third : (i + 1) * third] ** 2).mean())) for i in range(3)]
    assert levels[0] < levels[1] < levels[2]


def test_lyrics_shape_the_composers_melody_and_the_answer_says_that_nothing_is_sung(generator: MusicGenerator) -> None:
    lyrics = "[verse]\nWalking down the street tonight\n[chorus - violin]\nCarry me home"
    plain = generator.generate(prompt="pop", duration=12.0, seed=2)
    music = generator.generate(prompt="pop", duration=12.0, seed=2, lyrics=lyrics)
    assert music.request.structure == ("verse", "chorus")
    assert music.request.prompt == "pop, violin"
    assert any("does not sing" in warning for warning in music.warnings)
    assert not any("does not sing" in warning for warning in plain.warnings)
    assert not generator.engine.capabilities.lyrics
    assert not np.array_equal(music.audio, plain.audio)


def test_lyrics_of_tags_alone_are_a_structure(generator: MusicGenerator) -> None:
    tagged = generator.generate(duration=12.0, seed=2, lyrics="[intro]\n[chorus]")
    asked = generator.generate(duration=12.0, seed=2, structure=["intro", "chorus"])
    assert tagged.request.lyrics is None
    assert np.array_equal(tagged.audio, asked.audio)


def test_a_generator_may_be_given_its_engine(generator: MusicGenerator, music: Music) -> None:
    other = MusicGenerator.playing(generator.engine)
    again = other.generate(prompt="calm piano and strings, 96 bpm, in D minor", duration=7.3, seed=5, stems=False)
    assert again.stems.keys() == {"music"}
    assert np.abs(again.audio - music.audio).max() < 1e-3


def test_sections_may_be_numbered_bracketed_or_chinese(generator: MusicGenerator) -> None:
    music = generator.generate(duration=12.0, structure=["[Intro]", "Verse 1", "副歌"])
    assert music.request.structure == ("intro", "verse", "chorus")


def test_the_same_seed_gives_the_same_samples_and_another_seed_others(generator: MusicGenerator, music: Music) -> None:
    again = generator.generate(prompt="calm piano and strings, 96 bpm, in D minor", duration=7.3, seed=5)
    other = generator.generate(prompt="calm piano and strings, 96 bpm, in D minor", duration=7.3, seed=6)
    assert np.array_equal(again.audio, music.audio)
    assert not np.array_equal(other.audio, music.audio)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"duration": 0.0}, InputError, "duration"),
        ({"duration": 1e6}, InputError, "3600"),
        ({"duration": float("nan")}, InputError, "duration"),
        ({"bpm": 5}, InputError, "tempo"),
        ({"key": "H minor"}, InputError, "H minor"),
        ({"seed": -1}, InputError, "seed"),
        ({"style": "polka"}, UnknownChoice, "cinematic"),
        ({"structure": ["intro", "fugue"]}, UnknownChoice, "pre-chorus"),
        ({"reference": np.zeros((2, 9), np.float32)}, InputError, "cannot follow"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    generator: MusicGenerator, arguments: dict[str, object], kind: type[InputError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        generator.generate(**{"duration": 4.0, **arguments})  # type: ignore[arg-type]


def test_a_suffix_there_is_not_and_a_place_there_is_not_are_refused(music: Music, tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match=r"\.mp3"):
        music.export(tmp_path / "bgm.xyz")
    with pytest.raises(OutputRefused, match="cannot be written"):
        music.export(tmp_path / "none" / "bgm.mp3")
    (tmp_path / "file").touch()
    with pytest.raises(OutputRefused, match="cannot be made"):
        music.save_stems(tmp_path / "file")


def test_progress_rises_to_one_and_stopping_stops(generator: MusicGenerator) -> None:
    shares: list[float] = []
    generator.generate(duration=2.0, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    with pytest.raises(Cancelled):
        generator.generate(duration=2.0, cancelled=lambda: True)


def test_an_engine_that_cannot_rework_sound_says_which_can(generator: MusicGenerator, music: Music) -> None:
    for rework in (
        lambda: generator.retake(music),
        lambda: generator.repaint(music, (1.0, 2.0)),
        lambda: generator.extend(music, after=2.0),
        lambda: generator.edit(music, "rock"),
    ):
        with pytest.raises(InputError, match="ace-step-v1"):
            rework()


def test_weights_that_are_not_there_cost_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"ace-step-v1 cannot start.*checkpoint"):
        MusicGenerator(model="ace-step-base")
    with pytest.raises(EngineUnavailable, match="nowhere"):
        MusicGenerator(model="ace-step-v1", checkpoint=tmp_path / "nowhere")


def test_an_unknown_model_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownChoice, match="ace-step-v1, auto, composer"):
        MusicGenerator(model="theremin")
