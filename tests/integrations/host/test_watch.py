"""The whole of `cuesmith watch`: a film dropped into a folder, scored by the workers beside the watch."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from films import plain_film
from service_rig import COMMAND

from pipeline.media.probe import probe
from pipeline.settings import Settings

ROOT = Path(__file__).parents[3]


def cuesmith(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"CUESMITH_DATA": str(folder / "data"), "CUESMITH_ANALYSER": "colour-motion", "PYTHONPATH": str(ROOT)}
    command = [*COMMAND, "watch", "in", "--out", "out", *arguments]
    return subprocess.run(command, cwd=folder, env={**kept, **own}, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_what_lies_in_a_folder_is_scored_as_its_side_car_says(tmp_path: Path) -> None:
    (tmp_path / "in/trailers").mkdir(parents=True)
    plain_film(tmp_path / "in/trailers/a film\nof 2.mp4", 1.0, size="64x36")
    (tmp_path / "in/trailers/a film\nof 2.toml").write_text('style = "ambient"\nmusic = true\nstems = true\n')
    (tmp_path / "in/watch.toml").write_text('[watch]\ndone = "done"\n')
    done = cuesmith(tmp_path, "--once", "--workers", "1")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out/trailers"
    found = probe(out / "a film\nof 2.scored.mp4", Settings())
    assert found.info.duration_s == pytest.approx(1.0, abs=0.1)
    assert (out / "a film\nof 2.report.json").is_file()
    assert (out / "a film\nof 2.cuesmith/cues.json").is_file()
    assert (out / "a film\nof 2.music.wav").is_file()
    assert list((out / "a film\nof 2.stems").glob("*.flac"))
    assert {path.name for path in (tmp_path / "in/done/trailers").iterdir()} == {
        "a film\nof 2.mp4",
        "a film\nof 2.toml",
    }
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["found", "scoring", "scored", "1"]


def test_an_output_folder_in_the_watched_one_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "in")
    done = cuesmith(tmp_path, "--once")
    assert done.returncode == 2
    assert "lies in the watched folder" in done.stderr
    assert not (tmp_path / "data").exists()
    assert list((tmp_path / "in").iterdir()) == []
