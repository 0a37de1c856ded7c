"""Looking without scoring: it asks for no engine and leaves an analysis that scoring goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import colour_film

from pipeline.analyse_video import analyse_video
from pipeline.score_video import spot_video
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import OutputRefused, VideoMissing


def test_what_was_analysed_is_used_again_by_spotting(tmp_path: Path) -> None:
    film = colour_film(tmp_path / "film.mp4", [("0x88BBDD", 2.0), ("0x701010", 2.0)])
    first = analyse_video(film, settings=Settings())
    kept = (first.workspace / "analysis.json").stat().st_mtime_ns
    spotted = spot_video(film, settings=Settings())
    again = analyse_video(film, settings=Settings())
    assert first.workspace == spotted.workspace == again.workspace == tmp_path / "film.cuesmith"
    assert (first.workspace / "analysis.json").stat().st_mtime_ns == kept
    assert spotted.analysis.to_json() == again.analysis.to_json() == first.analysis.to_json()


def test_an_engine_that_cannot_start_is_no_matter(tmp_path: Path) -> None:
    film = colour_film(tmp_path / "film.mp4", [("0x88BBDD", 1.0)])
    assert analyse_video(film, Wish(engine="no such engine"), settings=Settings()).analysis.duration_s == 1.0


def test_a_film_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing):
        analyse_video(tmp_path / "film.mp4", plot=tmp_path / "curve.png", settings=Settings())
    assert list(tmp_path.iterdir()) == []


def test_a_picture_over_a_folder_is_refused(tmp_path: Path) -> None:
    film = colour_film(tmp_path / "film.mp4", [("0x88BBDD", 1.0)])
    (tmp_path / "curve.png").mkdir()
    with pytest.raises(OutputRefused):
        analyse_video(film, plot=tmp_path / "curve.png", settings=Settings())
    assert (tmp_path / "curve.png").is_dir()
