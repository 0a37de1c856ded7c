"""Words in, one file out: the composer, and ACE-Step with real modules of real shape and random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from ace_step_checkpoints import tiny_checkpoint
from lyric_vocabulary import write_vocabulary

from music_engine.options import EngineOptions
from music_engine.sdk.generator import MusicGenerator
from pipeline.music.ask import OUTPUT_FORMATS, MusicAsk
from pipeline.music.generation import generate_music, make_generator
from pipeline.music.made import MusicMade
from pipeline.settings import Settings
from scoring.errors import Cancelled, EngineUnavailable, InputError, OutputRefused

LYRICS = "[verse]\nWalking down the street tonight\n[chorus]\nCarry me home\n"
PLAIN = MusicAsk("calm music", duration_s=10.0, output_format="wav", seed=5, bpm=100.0)
# Each pair differs in one thing only, the seed is the same: what changes the result is the words.
CHANGES = {
    "tags in the prompt": (PLAIN, {"prompt": "calm music [intro] [chorus]"}),
    "Chinese tags in the prompt": (PLAIN, {"prompt": "calm music [前奏] [副歌]"}),
    "an instrument in the prompt": (PLAIN, {"prompt": "calm music, harp"}),
    "an instrument in a tag of the prompt": (
        replace(PLAIN, prompt="calm music [intro] [chorus]"),
        {"prompt": "calm music [intro - harp] [chorus]"},
    ),
    "tags alone as lyrics": (PLAIN, {"lyrics": "[intro]\n[chorus]"}),
    "Chinese tags alone as lyrics": (PLAIN, {"lyrics": "[主歌]\n[副歌]"}),
    "tags in lyrics with words": (replace(PLAIN, lyrics=LYRICS), {"lyrics": LYRICS.replace("[verse]", "[intro]")}),
    "an instrument in a tag of the lyrics": (
        replace(PLAIN, lyrics=LYRICS),
        {"lyrics": LYRICS.replace("[verse]", "[verse - harp]")},
    ),
    "a Chinese instrument in a Chinese tag": (
        replace(PLAIN, lyrics=LYRICS),
        {"lyrics": LYRICS.replace("[verse]", "[主歌：竖琴]")},
    ),
    "an instrument in the words": (replace(PLAIN, lyrics=LYRICS), {"lyrics": LYRICS.replace("street", "harp")}),
    "words": (PLAIN, {"lyrics": LYRICS}),
    "more syllables": (
        replace(PLAIN, lyrics=LYRICS),
        {"lyrics": LYRICS.replace("Walking down", "Wandering on down")},
    ),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small are slower on several threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> EngineOptions:
    checkpoint = tiny_checkpoint(tmp_path_factory.mktemp("checkpoint"))
    return EngineOptions(checkpoint=checkpoint, device="cpu", precision="float32", sampling={"steps": 2})


@pytest.fixture(scope="module")
def engines(tiny: EngineOptions, tmp_path_factory: pytest.TempPathFactory) -> dict[str, MusicGenerator]:
    singing = replace(tiny, vocabulary=write_vocabulary(tmp_path_factory.mktemp("vocabulary")))
    return {
        name: make_generator(replace(PLAIN, engine=name), Settings(engines=singing))[0]
        for name in ("composer", "ace-step-v1")
    }


def _sound(ask: MusicAsk, generator: MusicGenerator, folder: Path) -> tuple[MusicMade, np.ndarray]:
    made = generate_music(ask, folder / f"music.{ask.output_format}", generator=generator)
    return made, soundfile.read(made.path, dtype="float32")[0]


@pytest.fixture(scope="module")
def heard() -> dict[tuple[str, MusicAsk], np.ndarray]:
    """What an ask sounded like, so that it is made once."""
    return {}


@pytest.mark.parametrize("engine", ["composer", "ace-step-v1"])
@pytest.mark.parametrize("what", CHANGES)
def test_sections_instruments_and_words_change_the_result_with_every_engine(
    engines: dict[str, MusicGenerator],
    heard: dict[tuple[str, MusicAsk], np.ndarray],
    engine: str,
    what: str,
    tmp_path: Path,
) -> None:
    plain, changes = CHANGES[what]
    if (engine, plain) not in heard:
        heard[engine, plain] = _sound(plain, engines[engine], tmp_path)[1]
    before, after = heard[engine, plain], _sound(replace(plain, **changes), engines[engine], tmp_path)[1]
    assert before.shape == after.shape
    assert float(np.abs(before - after).max()) > 1e-3


@pytest.mark.parametrize("engine", ["composer", "ace-step-v1"])
def test_nothing_else_changes_it(engines: dict[str, MusicGenerator], engine: str, tmp_path: Path) -> None:
    ask = replace(PLAIN, lyrics=LYRICS)
    assert _sound(ask, engines[engine], tmp_path)[0] == _sound(ask, engines[engine], tmp_path)[0]


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_every_format_holds_the_length_asked_for_and_nothing_half_made_is_left(
    engines: dict[str, MusicGenerator], output_format: str, tmp_path: Path
) -> None:
    ask = replace(PLAIN, output_format=output_format, duration_s=12.34)  # type: ignore[arg-type]
    made, sound = _sound(ask, engines["composer"], tmp_path)
    assert made.duration_s == pytest.approx(12.34, abs=1 / 48_000)
    assert (made.sample_rate_hz, sound.shape[0]) == (48_000, round(12.34 * 48_000))
    assert made.size_bytes == made.path.stat().st_size
    assert float(np.sqrt((sound**2).mean())) > 0.003
    assert [path.name for path in tmp_path.iterdir()] == [f"music.{output_format}"]


def test_the_answer_says_what_was_understood(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    ask = MusicAsk(
        "warm strings, D minor, 96 bpm, flibbertigibbet [verse] [chorus] [outro]",
        "[intro - piano]\n" + LYRICS,
        20.0,
        "wav",
        seed=9,
    )
    made, _ = _sound(ask, engines["composer"], tmp_path)
    assert (made.engine, made.seed, made.bpm, made.key, made.is_sung) == ("composer", 9, 96.0, "D minor", False)
    assert made.structure == ("intro", "verse", "chorus", "outro")
    assert {"piano", "strings"} <= set(made.instruments)
    assert any("the composer does not sing them" in warning for warning in made.warnings)
    assert any("flibbertigibbet" in note for note in made.notes)


def test_what_is_silenced_is_not_named_as_heard(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    made, _ = _sound(replace(PLAIN, prompt="piano only, no strings"), engines["composer"], tmp_path)
    assert made.instruments == ("piano",)


def test_the_singing_engine_says_that_it_sings(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    made, _ = _sound(replace(PLAIN, lyrics=LYRICS), engines["ace-step-v1"], tmp_path)
    assert (made.engine, made.is_sung) == ("ace-step-v1", True)
    assert not any("does not sing" in warning for warning in made.warnings)
    silent, _ = _sound(replace(PLAIN, lyrics="[主歌]\n[副歌 - piano]"), engines["ace-step-v1"], tmp_path)
    assert (silent.is_sung, silent.structure, silent.instruments) == (False, ("verse", "chorus"), ("piano",))


def test_tags_without_words_need_no_warning(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    made, _ = _sound(replace(PLAIN, lyrics="[verse]\n[chorus]"), engines["composer"], tmp_path)
    assert made.warnings == ()


def test_an_engine_that_lacks_the_vocabulary_is_passed_over_only_when_none_was_named(
    tiny: EngineOptions, tmp_path: Path
) -> None:
    settings = Settings(engines=tiny)
    ask = replace(PLAIN, lyrics=LYRICS)
    generator, reason = make_generator(ask, settings)
    instrumental, _ = make_generator(PLAIN, settings)
    assert instrumental.engine.name == "ace-step-v1"
    assert generator.engine.name == "composer"
    assert "CUESMITH_VOCABULARY" in reason
    with pytest.raises(InputError, match="CUESMITH_VOCABULARY"):
        generate_music(replace(ask, engine="ace-step-v1"), tmp_path / "music.wav", settings=settings)


def test_a_named_engine_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    settings = Settings(engines=EngineOptions(checkpoint=tmp_path / "nowhere"))
    with pytest.raises(EngineUnavailable, match="nowhere"):
        generate_music(replace(PLAIN, engine="ace-step-v1"), tmp_path / "music.wav", settings=settings)


def test_a_name_of_another_format_and_a_folder_there_is_not_are_refused_before_any_work(tmp_path: Path) -> None:
    for output in (tmp_path / "music.mp3", tmp_path / "none" / "music.wav"):
        with pytest.raises(OutputRefused):
            generate_music(PLAIN, output, progress=lambda share: pytest.fail("it worked"))


def test_stopping_leaves_what_was_there(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    output = tmp_path / "music.wav"
    output.write_text("old")
    with pytest.raises(Cancelled):
        generate_music(PLAIN, output, generator=engines["composer"], cancelled=lambda: True)
    assert output.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_progress_rises_to_one(engines: dict[str, MusicGenerator], tmp_path: Path) -> None:
    shares: list[float] = []
    generate_music(PLAIN, tmp_path / "music.wav", generator=engines["composer"], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
