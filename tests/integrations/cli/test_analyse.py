"""`cuesmith analyse` as a user meets it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import colour_film, plain_film

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]


def analyse(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "analyse", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `film.mp4`: six seconds, blue and then red."""
    folder = tmp_path_factory.mktemp("analyse")
    colour_film(folder / "film.mp4", [("0x88BBDD", 3.0), ("0x701010", 3.0)])
    return folder


def test_without_files_asked_for_it_prints_where_which_mood_leads(place: Path) -> None:
    done = analyse("film.mp4", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "0:06.0 long, 2 shots" in done.stdout
    assert "confidence" in done.stdout
    for heading in ("in", "out", "mood", "valence", "arousal", "tension"):
        assert heading in done.stdout
    assert (place / "film.cuesmith" / "analysis.json").exists()
    assert {path.name for path in place.iterdir()} == {"film.mp4", "film.cuesmith"}


def test_it_draws_the_picture_writes_the_rows_and_says_so_in_json(place: Path, tmp_path: Path) -> None:
    plot, rows = tmp_path / "curve.png", tmp_path / "curve.csv"
    done = analyse("film.mp4", "--plot", plot, "--csv", rows, "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "cuesmith.curve/1"
    assert (document["plot"], document["csv"]) == (str(plot), str(rows))
    assert [(shot["in_s"], shot["out_s"]) for shot in document["shots"]] == [(0.0, 3.0), (3.0, 6.0)]
    picture = cv2.imdecode(np.frombuffer(plot.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (1100, 1800, 3)
    with rows.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(row["time_s"]) for row in table] == [k / 2 for k in range(12)]
    assert [row["cut"] for row in table] == ["1" if k == 6 else "0" for k in range(12)]


def test_quiet_says_nothing_and_writes_all_the_same(place: Path, tmp_path: Path) -> None:
    done = analyse("film.mp4", "--quiet", "--csv", tmp_path / "curve.csv", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "curve.csv").exists()


def test_the_workspace_can_lie_elsewhere(place: Path, tmp_path: Path) -> None:
    done = analyse("film.mp4", "--workspace", tmp_path, "--json", cwd=place)
    assert json.loads(done.stdout)["workspace"] == str(tmp_path / "film.cuesmith")
    assert (tmp_path / "film.cuesmith" / "stills" / "000000.jpg").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plot", "film.mp4"), "does not end in .png"),
        (("--csv", "curve.png"), "does not end in .csv"),
        (("--plot", "nowhere/curve.png"), "there is no folder"),
        (("--workspace", "nowhere"), "there is no folder"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_any_work(
    arguments: tuple[str, str], words: str, place: Path, tmp_path: Path
) -> None:
    film = plain_film(tmp_path / "film.mp4", 1.0)
    before = film.read_bytes()
    done = analyse("film.mp4", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert film.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_film_without_sound_of_under_a_second_is_drawn(tmp_path: Path) -> None:
    plain_film(tmp_path / "short.mp4", 0.6, sound=False)
    done = analyse("short.mp4", "--plot", "short.png", "--csv", "short.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0:00.6 long, 1 shot " in done.stdout
    assert (tmp_path / "short.png").stat().st_size > 10_000
