"""`cuesmith inspect` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from card_sounds import music
from films import plain_film
from talking import film_of
from voices import VOICES, speak

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]
SECONDS = 12


def inspect(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "inspect", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `film.mkv`, in which somebody speaks, and `scored.mkv`, the same with loud music."""
    folder = tmp_path_factory.mktemp("inspect")
    mono, _ = speak(SECONDS, 21, VOICES[1])
    voice = np.stack([mono, mono])[:, : SECONDS * 48_000] * np.float32(0.3)
    film_of(folder / "film.mkv", voice, "stereo")
    film_of(folder / "scored.mkv", voice + music(SECONDS, rms_db=-24.0)[:, : voice.shape[1]], "stereo")
    return folder


def test_it_prints_the_verdict_what_was_measured_and_why_the_rest_was_not(place: Path) -> None:
    done = inspect("scored.mkv", "--source", "film.mkv", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "check" in done.stdout.splitlines()[0]
    assert "speech over music" in done.stdout
    assert "LUFS" in done.stdout
    assert "not measurable: " in done.stdout
    assert "cue sheet" in done.stdout
    assert {path.name for path in place.iterdir()} >= {"film.mkv", "scored.mkv"}
    assert not list(place.glob("*.cuesmith"))


def test_its_json_is_one_versioned_document(place: Path) -> None:
    done = inspect("scored.mkv", "--source", "film.mkv", "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "cuesmith.inspection/1"
    assert document["source"] == "film.mkv"
    assert abs(document["source_offset_ms"]) < 0.1
    assert document["speech"]
    assert document["page"] is None
    assert {"id", "name", "value", "allowed", "source", "status", "advice"} <= set(document["checks"][0])


def test_it_fails_only_where_it_is_told_to_be_strict(place: Path) -> None:
    asked = ("scored.mkv", "--source", "film.mkv", "--clearance", "20", "--json")
    lenient, strict = inspect(*asked, cwd=place), inspect(*asked, "--strict", cwd=place)
    assert (lenient.returncode, strict.returncode) == (0, 3)
    assert "E1" in json.loads(strict.stdout)["fell_short"]


def test_it_writes_the_page_and_says_so(place: Path, tmp_path: Path) -> None:
    page = tmp_path / "scored.html"
    done = inspect("scored.mkv", "--html", page, cwd=place)
    assert done.returncode == 0, done.stderr
    assert f"written    {page}" in done.stdout
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert "scored.mkv" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.mp4",), "there is no file"),
        (("scored.mkv", "--source", "nowhere.mp4"), "there is no file"),
        (("scored.mkv", "--cues", "nowhere.json"), "cannot be read"),
        (("scored.mkv", "--loudness", "louder"), "web"),
        (("scored.mkv", "--html", "page.pdf"), ".html"),
        (("scored.mkv", "--html", "nowhere/page.html"), "cannot be written"),
        (("scored.mkv", "--clearance", "2"), "--clearance"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(place: Path, arguments: tuple[str, ...], said: str) -> None:
    done = inspect(*arguments, cwd=place)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    plain_film(tmp_path / "mute.mp4", sound=False)
    done = inspect("mute.mp4", cwd=tmp_path)
    assert done.returncode == 2
    assert "has no sound" in done.stderr
