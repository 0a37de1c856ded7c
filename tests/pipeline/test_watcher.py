from __future__ import annotations

import json
import shutil
import socket
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from clip_models import tiny_open_clip, tiny_siglip

from pipeline.demo_film import make_demo_film
from pipeline.explained import explain_prompts
from pipeline.models.text_memory import DiskMemory
from pipeline.score_video import Spotted, spot_video
from pipeline.settings import Settings
from pipeline.watcher import Watcher, choose_watcher
from pipeline.wish import Wish
from scoring.errors import FetchFailed, InputError, UnknownChoice, VocabularyError
from scoring.vocabulary import parse_vocabulary
from scoring.wishes.asked import Asked
from scoring.wishes.translating import in_known_words
from scoring.wishes.vocabulary import find_mood

WORDS = (resources.files("scoring") / "data" / "vocabulary.toml").read_text(encoding="utf-8")


class Notes:
    """What was said while choosing."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)

    def stage(self, name: str):
        return lambda share: None


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real open_clip model, small, with random weights."""
    return tiny_open_clip(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "demo.mp4"
    make_demo_film(path)
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """A machine without weights, whose hub is a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Settings(models=tmp_path / "models", hub_cache=tmp_path / "hub", hub=f"http://127.0.0.1:{port}")


def choose(wish: Wish, settings: Settings) -> tuple[Watcher, list[str]]:
    notes = Notes()
    return choose_watcher(wish, settings, stage=notes.stage, note=notes.note), notes.lines


def test_auto_without_weights_takes_colour_motion_names_the_command_in_one_line_and_fetches_nothing(
    bare: Settings,
) -> None:
    watcher, lines = choose(Wish(), bare)
    assert watcher.kind == "colour-motion"
    assert len(lines) == 1
    assert "cuesmith models download ViT-B-32" in lines[0]
    assert "\n" not in lines[0]
    assert not bare.models.exists()


def test_clip_by_name_without_weights_and_without_network_says_what_to_do(bare: Settings) -> None:
    with pytest.raises(FetchFailed) as caught:
        choose(Wish(analyser="clip"), bare)
    assert "127.0.0.1" in caught.value.what
    assert caught.value.advice


def test_names_that_there_are_not_are_refused_with_those_there_are(bare: Settings) -> None:
    with pytest.raises(UnknownChoice, match="colour-motion"):
        choose(Wish(analyser="eyes"), bare)
    with pytest.raises(UnknownChoice, match="ViT-B-32"):
        choose(Wish(analyser="clip", encoder="ViT-Z-99"), bare)


def test_a_folder_without_weights_is_refused(bare: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        choose(Wish(analyser="clip", encoder=str(tmp_path / "empty")), bare)


def spotted(film: Path, settings: Settings, **wish) -> Spotted:
    return spot_video(film, Wish(**wish), settings=settings)


def test_every_output_names_the_analyser(film: Path, tiny: Path, bare: Settings) -> None:
    found = spotted(film, bare, encoder=str(tiny))
    assert found.sheet.analyser == found.analysis.curve.analyser == "clip tiny"
    assert "picture" in found.analysis.curve.read_from
    assert json.loads((found.workspace / "analysis.json").read_text("utf-8"))["curve"]["analyser"] == "clip tiny"
    told = explain_prompts(film, Wish(encoder=str(tiny)), settings=bare)
    assert told.analyser == "clip tiny"


def test_the_vocabulary_is_learnt_once_and_a_film_read_once(
    film: Path, tiny: Path, bare: Settings, tmp_path: Path
) -> None:
    film = Path(shutil.copy(film, tmp_path / "own.mp4"))
    spotted(film, bare, encoder=str(tiny))
    kept = list((bare.models / "text-vectors").glob("*.npy"))
    assert len(kept) == 1
    watcher, lines = choose(Wish(encoder=str(tiny)), bare)
    watcher.build()
    assert lines == []  # nothing to learn, nothing to say
    kept[0].unlink()
    watcher.build()
    assert len(lines) == 1
    assert "learning the vocabulary" in lines[0]
    for path in (bare.models / "text-vectors").glob("*.npy"):
        path.unlink()
    spotted(film, bare, encoder=str(tiny))  # the analysis is kept: no encoder is built
    assert not list((bare.models / "text-vectors").glob("*.npy"))


def test_another_encoder_or_vocabulary_reads_the_film_anew(
    film: Path, tiny: Path, bare: Settings, tmp_path: Path
) -> None:
    first = spotted(film, bare, encoder=str(tiny))
    other = tiny_open_clip(tmp_path / "other", seed=1)
    second = spotted(film, bare, encoder=str(other))
    assert second.sheet.analyser == "clip other"
    assert not np.array_equal(first.analysis.curve.valence, second.analysis.curve.valence)
    words = tmp_path / "mine.toml"
    words.write_text(WORDS.replace('"a boat on open water"', '"a lighthouse"'), "utf-8")
    third = spotted(film, bare, encoder=str(tiny), vocabulary=words)
    assert third.vocabulary.sha256 != first.vocabulary.sha256
    assert not np.array_equal(first.analysis.curve.setting_probabilities, third.analysis.curve.setting_probabilities)


def test_a_siglip_folder_reads_a_film_too(film: Path, bare: Settings, tmp_path: Path) -> None:
    found = spotted(film, bare, encoder=str(tiny_siglip(tmp_path / "siglip")))
    assert found.sheet.analyser == "clip siglip"
    assert found.analysis.curve.settings


def test_a_short_shot_has_a_still_of_its_own(film: Path, tiny: Path, bare: Settings) -> None:
    from pipeline.media.decode import FilmReader
    from pipeline.media.probe import probe
    from vision.analyser import StillWish
    from vision.frames import Still

    info = probe(film, bare)
    even, with_starts = (
        [item.time_s for item in FilmReader(info, bare, wish) if isinstance(item, Still)]
        for wish in (StillWish(), StillWish(shot_starts=True))
    )
    cuts = [cut.time_s for cut in spotted(film, bare).analysis.shots.cuts if cut.kind == "cut"]
    assert cuts
    for cut_s in cuts:
        assert min(abs(time_s - cut_s) for time_s in with_starts) < 0.02
    assert len(even) <= len(with_starts) < len(even) + 20


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [('styles = ["ambient", "cinematic"]', 'styles = ["polka"]', "polka"), ('["harp"]', '["kazoo"]', "kazoo")],
)
def test_a_vocabulary_that_names_what_there_is_not_is_refused(
    film: Path, bare: Settings, tmp_path: Path, old: str, new: str, named: str
) -> None:
    words = tmp_path / "mine.toml"
    words.write_text(WORDS.replace(old, new, 1), "utf-8")
    with pytest.raises(VocabularyError, match=named):
        spotted(film, bare, vocabulary=words)


def test_a_word_of_one_s_own_calls_its_mood_in_an_option_and_in_a_prompt() -> None:
    own = parse_vocabulary(WORDS.replace('words = ["sad",', 'words = ["blue hour", "丧", "sad",'), "mine.toml")
    assert find_mood("Blue Hour", own) == "sad"
    assert in_known_words(Asked(prompt="slow, blue hour feeling"), own).prompt == "slow, sad feeling"
    assert "sad" in in_known_words(Asked(prompt="很丧的音乐"), own).prompt
    assert in_known_words(Asked(prompt="happy piano"), own).prompt == "happy piano"


def test_a_damaged_memory_is_only_learnt_again(tmp_path: Path) -> None:
    memory = DiskMemory(tmp_path / "vectors")
    assert memory.recall("a") is None
    memory.keep("a", np.eye(3, dtype=np.float32))
    np.testing.assert_array_equal(memory.recall("a"), np.eye(3))
    path = tmp_path / "vectors" / "a.npy"
    path.write_bytes(path.read_bytes()[:60])
    assert memory.recall("a") is None
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert memory.recall("a") is None


def test_settings_choose_where_a_run_says_nothing(tiny: Path, bare: Settings) -> None:
    assert choose(Wish(), replace(bare, encoder=str(tiny)))[0].kind == "clip"
    assert choose(Wish(), replace(bare, encoder=str(tiny), analyser="colour-motion"))[0].kind == "colour-motion"
    assert choose(Wish(analyser="clip"), replace(bare, encoder=str(tiny), analyser="colour-motion"))[0].kind == "clip"
