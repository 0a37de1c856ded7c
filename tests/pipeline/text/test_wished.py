from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.analyse_video import analyse_video
from pipeline.demo_film import make_demo_film
from pipeline.score_video import spot_video
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import TextError

SETTINGS = Settings(analyser="colour-motion")
KIND = "1\n00:00:17,000 --> 00:00:22,000\nWhat a wonderful, beautiful day. I love you, my darling!\n"
CRUEL = "1\n00:00:17,000 --> 00:00:22,000\nThey murdered him. It was horrible, and I am terrified.\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "demo.mp4"
    make_demo_film(path)
    return path


def subtitles(folder: Path, text: str) -> Path:
    path = folder / f"{len(text)}.srt"
    path.write_text(text, "utf-8")
    return path


def test_subtitles_move_the_curve_where_they_are_said_and_nowhere_else(film: Path, tmp_path: Path) -> None:
    plain, kind, cruel = (
        analyse_video(film, wish, settings=SETTINGS).analysis.curve
        for wish in (
            Wish(),
            Wish(words=subtitles(tmp_path, KIND)),
            Wish(words=subtitles(tmp_path, CRUEL)),
        )
    )
    said = (plain.times_s >= 18) & (plain.times_s < 22)
    assert kind.valence[said].mean() > plain.valence[said].mean() + 0.15
    assert cruel.valence[said].mean() < plain.valence[said].mean()
    far = plain.times_s < 8
    np.testing.assert_array_equal(kind.valence[far], plain.valence[far])
    assert kind.read_from[-1] == "subtitles (en)"
    assert plain.read_from[-1] != "subtitles (en)"


def test_a_description_in_chinese_moves_it_and_says_so(film: Path) -> None:
    told = analyse_video(film, Wish(describe="一个悲伤的故事，他失去了所有的亲人，绝望而孤独。"), settings=SETTINGS)
    plain = analyse_video(film, settings=SETTINGS)
    assert told.analysis.curve.valence.mean() < plain.analysis.curve.valence.mean()
    assert told.analysis.curve.read_from[-1] == "description (zh)"


def test_words_are_never_kept_in_the_analysis(film: Path, tmp_path: Path) -> None:
    found = spot_video(film, Wish(words=subtitles(tmp_path, KIND)), settings=SETTINGS)
    kept = json.loads((found.workspace / "analysis.json").read_text("utf-8"))
    assert "subtitles (en)" not in kept["curve"]["read_from"]
    assert "subtitles (en)" in found.analysis.curve.read_from


def test_words_that_cannot_be_read_stop_the_run_before_any_work(film: Path, tmp_path: Path) -> None:
    bad = tmp_path / "words.srt"
    bad.write_bytes(b"\x00\x01\x02" * 400)
    with pytest.raises(TextError):
        analyse_video(film, Wish(words=bad), settings=SETTINGS, workspace=tmp_path)
    assert not list(tmp_path.glob("*.cuesmith/analysis.json"))
