from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from films import plain_film

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]


def cuesmith(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, env=dict(os.environ))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return plain_film(tmp_path / "film.mp4", 2.0)


def test_several_takes_are_told_one_by_one_with_the_page_and_the_clip(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", "--takes", "2", "--seed", "5", "--prompt", "slow neon piano", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("take 1, seed 5", "take 2, seed", "film.scored.take2.mp4", "film.take2.cues.json", "film.takes.html"):
        assert words in done.stdout
    assert "take 1 of 2, seed 5" in done.stderr
    assert "take 2 of 2, seed" in done.stderr
    assert done.stdout.count("not used: neon") == 2
    assert (tmp_path / "film.takes.html").read_text("utf-8").count("not used: neon") == 2
    assert (tmp_path / "film.takes.mp4").is_file()


def test_json_is_one_object_with_every_take(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", "--takes", "2", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert [row["take"] for row in document["takes"]] == [1, 2]
    assert document["takes"][0]["seed"] != document["takes"][1]["seed"]
    for row in document["takes"]:
        assert Path(row["video"]).is_file()
        assert Path(row["cues"]).is_file()
        assert row["report"]["schema"] == "cuesmith.report/2"
    assert Path(document["page"]).is_file()
    assert done.stderr == ""


@pytest.mark.parametrize("count", ["0", "10", "-3"])
def test_a_number_of_takes_that_makes_no_sense_costs_one_line_and_exit_code_2(
    film: Path, tmp_path: Path, count: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = cuesmith("score", "film.mp4", "--takes", count, cwd=tmp_path)
    assert done.returncode == 2
    assert count in done.stderr
    assert "takes" in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_take_that_fails_is_named_and_the_exit_code_is_its_errors(film: Path, tmp_path: Path) -> None:
    (tmp_path / "film.scored.take1.mp4").mkdir()
    done = cuesmith("score", "film.mp4", "--takes", "2", "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    assert "take 1:" in done.stderr
    assert "film.scored.take2.mp4" in done.stderr
    assert (tmp_path / "film.scored.take2.mp4").is_file()
    assert (tmp_path / "film.takes.html").is_file()
