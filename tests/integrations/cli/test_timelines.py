"""`--timeline` and the options beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import plain_film

from integrations.cli.timelines import read_edit
from scoring.edit import Mark
from scoring.errors import InputError, TimelineError, VideoMissing

EDL = """\
TITLE: cut 7
001  A  V  C  00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00
* LOC: 01:00:00:10 RED     slam
002  B  V  C  00:00:00:00 00:00:02:00 01:00:01:00 01:00:03:00
* LOC: 01:00:02:00 GREEN   chapter
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_film(tmp_path_factory.mktemp("film") / "film.mp4", 3.0, rate="25")


@pytest.fixture
def edl(tmp_path: Path) -> Path:
    path = tmp_path / "cut.edl"
    path.write_text(EDL, "utf-8")
    return path


def test_the_timeline_is_read_at_the_films_own_rate(film: Path, edl: Path) -> None:
    edit = read_edit(film, edl, "red")
    assert edit is not None
    assert [cut.time_s for cut in edit.cuts or ()] == [1.0]
    assert edit.marks == (Mark(0.4, "slam", "Red"),)
    assert edit.source == "cut.edl"


def test_a_part_of_a_timeline_ends_with_the_film(film: Path, edl: Path) -> None:
    edl.write_text(EDL.replace("01:00:03:00", "01:00:09:00") + "* LOC: 01:00:08:00 RED late\n", "utf-8")
    edit = read_edit(film, edl, track=1, start="01:00:00:05")
    assert edit is not None
    assert [mark.name for mark in edit.marks] == ["slam", "chapter"]
    assert edit.duration_s == pytest.approx(3.0, abs=0.04)


def test_without_a_timeline_there_is_no_edit_and_its_options_are_refused(film: Path) -> None:
    assert read_edit(film, None) is None
    for given in ({"hit_colour": "Red"}, {"track": 2}, {"start": "01:00:00:00"}):
        with pytest.raises(InputError, match="there is no --timeline"):
            read_edit(film, None, **given)


def test_what_cannot_be_read_is_said(film: Path, edl: Path, tmp_path: Path) -> None:
    with pytest.raises(VideoMissing):
        read_edit(tmp_path / "nothing.mp4", edl)
    with pytest.raises(TimelineError, match="no Pink marker"):
        read_edit(film, edl, "Pink")
