from __future__ import annotations

import json
from pathlib import Path

import pytest
from films import plain_film

from integrations.cli.main import run
from integrations.cli.starting import read_start
from scoring.errors import InputError, VideoMissing


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_film(tmp_path_factory.mktemp("films") / "film.mp4", 1.0, rate="30000/1001")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("3600.5", 3600.5),
        ("01:00:00:00", 108_000 * 1001 / 30_000),
        ("01:00:00;00", 107_892 * 1001 / 30_000),
        ("00:00:01:15", 45 * 1001 / 30_000),
    ],
)
def test_seconds_or_a_timecode_that_counts_the_films_frames(film: Path, text: str, seconds: float) -> None:
    assert read_start(text, film) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "86400", "1:2", "soon", "", "01:00:00:30", "25:00:00:00"])
def test_what_is_neither_is_refused_with_what_may_be_written(film: Path, text: str) -> None:
    with pytest.raises(InputError, match="HH:MM:SS:FF"):
        read_start(text, film)


def test_a_timecode_needs_a_film_to_count_the_frames_of(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing):
        read_start("01:00:00:00", tmp_path / "none.mp4")


def test_the_music_by_itself_is_written_and_knows_where_it_starts(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(film), "--music", "--starts-at", "3600", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["music"]).name == "film.music.wav"
    assert Path(told["music"]).is_file()
    manifest = json.loads((Path(told["workspace"]) / "manifest.json").read_text("utf-8"))
    assert manifest["starts_at_s"] == 3600.0


def test_a_timelines_cuts_are_taken_and_its_options_need_one(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", str(film), "--hit-colour", "Red"]) == 2
    assert "there is no --timeline" in capsys.readouterr().err
    edl = film.with_suffix(".edl")
    edl.write_text(
        "TITLE: film\nFCM: NON-DROP FRAME\n\n"
        "001  AX  V  C  00:00:00:00 00:00:00:15 00:00:00:00 00:00:00:15\n"
        "002  BX  V  C  00:00:00:00 00:00:00:15 00:00:00:15 00:00:01:00\n",
        "utf-8",
    )
    assert run(["score", str(film), "--timeline", str(edl), "--dry-run", "--json"]) == 0
    settings = {row["name"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert (settings["timeline"]["value"], settings["timeline"]["from"]) == (str(edl), "command line")
    assert run(["score", str(film), "--timeline", str(edl.with_suffix(".otio")), "--dry-run"]) == 2
