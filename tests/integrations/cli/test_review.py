from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
import typer
from films import plain_film

from integrations.cli.review import review
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.errors import InputError, ProjectMissing


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = plain_film(tmp_path_factory.mktemp("scored") / "film.mp4", 8.0)
    return score_video(path, Wish()).video


def run(*arguments: str | Path) -> None:
    """The command by itself, as the rim runs it."""
    app = typer.Typer()
    app.command()(review)
    app([str(argument) for argument in arguments], standalone_mode=False)


def test_it_prints_where_the_copy_lies(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(film, "--from", "0:02", "--to", "3.5", "--height", "480")
    path = film.with_name("film.review.mp4")
    assert capsys.readouterr().out.splitlines() == [str(path)]
    with av.open(str(path)) as container:
        assert container.streams.video[0].height == 480
        assert container.duration / av.time_base == pytest.approx(1.5, abs=0.1)


def test_json_is_one_object_and_quiet_says_nothing(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(film.with_name("film.cuesmith"), "-o", tmp_path / "copy.mp4", "--to", "0.5", "--json")
    assert json.loads(capsys.readouterr().out) == {"review": str(tmp_path / "copy.mp4")}
    run(film, "-o", tmp_path, "--to", "0.5", "--quiet")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "film.review.mp4").is_file()


def test_what_is_wrong_is_said_with_what_to_do(film: Path, tmp_path: Path) -> None:
    for arguments, names in ((["--from", "soon"], "--from"), (["--to", "-1"], "--to"), (["--from", "9"], "0:08.0")):
        with pytest.raises(InputError, match=names) as caught:
            run(film, *arguments, "-o", tmp_path)
        assert caught.value.advice
    with pytest.raises(ProjectMissing):
        run(tmp_path / "nothing.scored.mp4")
    assert list(tmp_path.iterdir()) == []
