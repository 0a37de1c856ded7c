from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from films import colour_film

from integrations.cli.export import export
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.errors import InputError, ProjectMissing, UnknownChoice


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scored") / "film.mp4"
    colour_film(path, [("red", 4.0), ("blue", 4.0)])
    score_video(path, replace(Wish(), music=True))
    return path


def run(*arguments: str | Path) -> None:
    """The command by itself, as the rim runs it."""
    app = typer.Typer()
    app.command()(export)
    app([str(argument) for argument in arguments], standalone_mode=False)


def test_it_prints_a_line_for_every_file_and_for_what_is_not_kept(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(film.with_suffix(".cuesmith"), "--to", "otio, FCPXML,edl", "--out", tmp_path)
    lines = capsys.readouterr().out.splitlines()
    files = [line for line in lines if not line.startswith("not kept: ")]
    assert files == [str(tmp_path / f"film.{end}") for end in ("otio", "fcpxml", "edl", "markers.edl")]
    assert any("no colours" in line for line in lines)


def test_json_is_one_object_and_quiet_says_nothing(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(film, "--to", "fcp7xml", "--out", tmp_path, "--start", "01:00:00:00", "--stems", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["files"] == [str(tmp_path / "film.xml")]
    assert any("score --stems" in loss for loss in document["losses"])
    assert "01:00:00:00" in (tmp_path / "film.xml").read_text(encoding="utf-8")
    run(film, "--to", "otio", "--out", tmp_path, "--quiet")
    assert capsys.readouterr().out == ""


def test_what_is_wrong_is_said_with_what_to_do(film: Path, tmp_path: Path) -> None:
    for arguments, error in [
        (["--to", "aaf"], UnknownChoice),
        (["--to", "otio", "--start", "noon"], InputError),
    ]:
        with pytest.raises(error) as caught:
            run(film, *arguments, "--out", tmp_path / "out")
        assert caught.value.advice
    with pytest.raises(ProjectMissing):
        run(tmp_path / "nothing.mp4", "--to", "otio")
