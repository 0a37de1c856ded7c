from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from films import plain_film
from hypothesis import given
from hypothesis import strategies as st
from range_server import closed_port

from integrations.cli.main import run
from integrations.cli.text import roughly


@pytest.fixture(scope="module")
def short_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_film(tmp_path_factory.mktemp("films") / "short.mp4", 2.0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and nobody to fetch from."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("CUESMITH_HUB", closed_port())
    return folder


@pytest.fixture
def film(short_film: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "reel"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Path(shutil.copyfile(short_film, folder / "film.mp4"))


def standing(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in a folder, with what tells whether it was written to."""
    found = {str(path): path.lstat() for path in (folder, *folder.rglob("*"))}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}


def foretold(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["score", *arguments, "--dry-run", "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    document: dict[str, Any] = json.loads(told.out)
    return document


def test_it_says_what_would_be_done_and_where_each_setting_is_from_and_writes_nothing(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film.parent / "cuesmith.toml").write_text('[score]\nstyle = "ambient"\nstems = true\n', "utf-8")
    before = standing(tmp_path)
    assert run(["score", "film.mp4", "--dry-run", "--seed", "5", "--music"]) == 0
    told = capsys.readouterr().out
    assert standing(tmp_path) == before
    for words in (
        "0:02.0, 160x90, 25 pictures a second, h264, 1 sound track",
        f"would write {film.parent / 'film.scored.mp4'}",
        f"would write {film.parent / 'film.stems'}",
        f"would write {film.parent / 'film.music.wav'}",
        f"style = ambient   ({film.parent / 'cuesmith.toml'})",
        "seed = 5   (command line)",
        "loudness web",
        "composer: the best that is ready",
        "known once the film has been watched",
        "GB free",
        "time        about",
        "nothing was written",
    ):
        assert words in told


def test_what_is_kept_is_what_the_next_run_reuses(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert foretold(capsys, "film.mp4")["analysis_is_kept"] is False
    assert run(["score", "film.mp4", "--quiet"]) == 0
    before = standing(film.parent)
    told = foretold(capsys, "film.mp4", "--loudness", "podcast")
    assert standing(film.parent) == before
    assert told["analysis_is_kept"] is True
    assert {"analyse", "compose"} & {row["stage"] for row in told["time"]["stages"]} == set()
    names = ("film.scored.mp4", "film.report.json", "film.report.html")
    assert told["replaced"] == [str(film.parent / name) for name in names]
    assert told["time"]["learnt_from"] == 1
    another = foretold(capsys, "film.mp4", "--seed", "99")
    assert [cue["is_kept"] for cue in another["cues"]] == [False] * len(another["cues"])
    assert run(["score", "film.mp4", "--loudness", "podcast", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["report"]
    assert report["facts"]["analysis_was_kept"] is True
    made = [{"id": cue["id"], "is_kept": not cue["composed_now"]} for cue in report["cues"]]
    assert [{"id": cue["id"], "is_kept": cue["is_kept"]} for cue in told["cues"]] == made
    assert [(cue["in_s"], cue["out_s"]) for cue in told["cues"]] == [
        (cue["in_s"], cue["out_s"]) for cue in report["cues"]
    ]


def test_an_analysis_of_another_film_under_the_same_name_is_not_taken_for_kept(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["spot", "film.mp4", "--quiet"]) == 0
    assert foretold(capsys, "film.mp4")["analysis_is_kept"] is True
    plain_film(film, 1.0)
    assert foretold(capsys, "film.mp4")["analysis_is_kept"] is False


def test_several_takes_are_foretold_with_all_their_files(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = foretold(capsys, "film.mp4", "--takes", "2")
    assert [Path(path).name for path in told["results"]] == [
        *("film.scored.take1.mp4", "film.take1.report.json", "film.take1.report.html", "film.take1.cues.json"),
        *("film.scored.take2.mp4", "film.take2.report.json", "film.take2.report.html", "film.take2.cues.json"),
        *("film.takes.html", "film.takes.mp4", "film.cuesmith"),
    ]
    assert run(["score", "film.mp4", "--takes", "2", "--quiet"]) == 0
    assert {Path(path).name for path in told["results"]} == {path.name for path in film.parent.iterdir()} - {"film.mp4"}


def test_weights_that_a_run_would_fetch_are_named_and_not_fetched(
    film: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = foretold(capsys, "film.mp4", "--analyser", "clip")
    assert told["downloads"][0].startswith("ViT-B-32, ")
    assert list(home.rglob("*")) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.mp4"],
        ["film.mp4", "--style", "polka"],
        ["film.mp4", "--engine", "orchestra"],
        ["film.mp4", "--engine", "ace-step-v1"],
        ["film.mp4", "--loudness", "loud"],
        ["film.mp4", "--cues", "none.json"],
        ["film.mp4", "-o", "out.xyz"],
        ["film.mp4", "-o", "nowhere/out.mp4"],
        ["film.mp4", "-o", "film.mp4"],
        ["film.mp4", "--analyser", "eyes"],
    ],
)
def test_what_a_run_would_refuse_is_refused_in_the_same_words(
    film: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["score", *arguments])
    words = capsys.readouterr()
    assert code == 2
    assert run(["score", *arguments, "--dry-run"]) == code
    assert capsys.readouterr() == words


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_into_is_refused(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film.parent.chmod(0o500)
    try:
        assert run(["score", "film.mp4", "--dry-run"]) == 2
    finally:
        film.parent.chmod(0o700)
    assert "nothing can be written" in capsys.readouterr().err


def test_several_films_make_one_table(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copyfile(film, film.parent / "other.mp4")
    before = standing(film.parent)
    assert run(["score", "film.mp4", "other.mp4", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert standing(film.parent) == before
    for words in ("film.scored.mp4", "other.scored.mp4", "to make", "2 films: about", "nothing was written"):
        assert words in told


@given(seconds=st.floats(0.1, 200_000.0), more=st.floats(1.0, 3.0))
def test_rough_lengths_of_time_are_near_and_in_order(seconds: float, more: float) -> None:
    shown = in_seconds(roughly(seconds))
    assert shown == pytest.approx(seconds, rel=0.13, abs=1.0)
    assert in_seconds(roughly(seconds * more)) >= shown


def in_seconds(text: str) -> int:
    words = text.split()
    units = {"s": 1, "min": 60, "h": 3600}
    return sum(int(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
