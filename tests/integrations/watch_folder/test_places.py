"""Folders that go together, and names that do not collide."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.watch_folder.config import read_config
from integrations.watch_folder.filing import file_away
from integrations.watch_folder.look import identity_at, look
from integrations.watch_folder.places import check_own_folders, free_place, moved_to, open_places, skipped
from integrations.watch_folder.reasons import reason_path, write_reason
from scoring.errors import FetchFailed, OutputRefused, VideoMissing


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.mark.parametrize("out", ["in", "in/out", "."])
def test_an_output_folder_that_shares_a_tree_with_the_watched_one_is_refused(inbox: Path, out: str) -> None:
    with pytest.raises(OutputRefused, match="lies in"):
        open_places(inbox, inbox.parent / out)
    assert list(inbox.iterdir()) == []


def test_a_link_does_not_hide_that_the_output_folder_lies_in_the_watched_one(inbox: Path) -> None:
    (inbox / "deep").mkdir()
    (inbox.parent / "elsewhere").symlink_to(inbox / "deep")
    with pytest.raises(OutputRefused, match="lies in"):
        open_places(inbox, inbox.parent / "elsewhere")


def test_the_services_own_folder_may_not_lie_in_the_watched_one(inbox: Path) -> None:
    with pytest.raises(OutputRefused, match="service"):
        open_places(inbox, inbox.parent / "out", [inbox / "data"])


def test_a_watched_folder_that_is_not_there_is_refused(inbox: Path) -> None:
    with pytest.raises(VideoMissing):
        open_places(inbox / "none", inbox.parent / "out")
    (inbox / "file").touch()
    with pytest.raises(VideoMissing, match="no folder"):
        open_places(inbox / "file", inbox.parent / "out")


def test_folders_for_films_that_are_done_with_are_not_looked_into_and_may_not_hold_results(inbox: Path) -> None:
    settings = inbox.parent / "watch.toml"
    settings.write_text('[watch]\ndone = "done"\nfailed = "bad/ones"\n[folders."keep"]\ndone = "in-place"\n')
    config = read_config(settings, inbox)
    assert skipped(config) == {Path("done"), Path("bad/ones")}
    (inbox / "done/sub").mkdir(parents=True)
    (inbox / "done/sub/old.mp4").touch()
    assert look(inbox, skip=skipped(config)).films == {}
    assert moved_to(config, Path("a/b.mp4"), is_scored=True) == inbox / "done/a"
    assert moved_to(config, Path("keep/b.mp4"), is_scored=True) is None
    assert moved_to(config, Path("keep/b.mp4"), is_scored=False) == inbox / "bad/ones/keep"
    settings.write_text(f'[watch]\ndone = "{inbox.parent / "out"}"\n')
    with pytest.raises(OutputRefused, match="where results go"):
        check_own_folders(read_config(settings, inbox), open_places(inbox, inbox.parent / "out"))


def test_an_output_folder_on_another_disk_than_at_the_start_is_not_written_to(inbox: Path) -> None:
    places = open_places(inbox, inbox.parent / "out")
    places.check_out()
    (inbox.parent / "out").rename(inbox.parent / "away")
    with pytest.raises(FetchFailed, match="not there"):
        places.check_out()


def test_a_link_is_never_a_way_and_a_folder_that_loops_ends(inbox: Path) -> None:
    (inbox / "sub").mkdir()
    (inbox / "sub/film.mp4").touch()
    (inbox / "sub/round").symlink_to(inbox)
    (inbox / "outside").symlink_to("/")
    assert list(look(inbox).films) == [Path("sub/film.mp4")]


def test_a_folder_that_is_gone_is_an_error_and_not_an_empty_one(inbox: Path) -> None:
    inbox.rmdir()
    with pytest.raises(FetchFailed):
        look(inbox)


def test_a_place_that_is_free_is_found_however_names_are_written(tmp_path: Path) -> None:
    (tmp_path / "Film.MP4").touch()
    assert free_place(tmp_path, "film.mp4").name == "film 2.mp4"
    long = "x" * 251 + ".mp4"
    (tmp_path / long).touch()
    other = free_place(tmp_path, long)
    other.touch()
    assert other.name != long


def test_a_film_is_filed_with_its_side_cars_and_a_shared_one_stays(inbox: Path) -> None:
    for name in ("a.mp4", "a.mov", "a.toml", "a.mp4.srt"):
        (inbox / name).write_text(name)
    identity = identity_at(inbox / "a.mp4") or ""
    done = inbox.parent / "done"
    moved = file_away(inbox / "a.mp4", identity, done, [inbox / "a.toml", inbox / "a.mp4.srt"])
    assert moved == done / "a.mp4"
    assert {path.name for path in done.iterdir()} == {"a.mp4", "a.mp4.srt"}
    assert {path.name for path in inbox.iterdir()} == {"a.mov", "a.toml"}
    # Killed before the side-cars were moved, it is found again.
    (inbox / "a.mp4.prompts.txt").write_text("x")
    assert file_away(inbox / "a.mp4", identity, done, [inbox / "a.mp4.prompts.txt"]) == moved
    assert (done / "a.mp4.prompts.txt").is_file()


def test_a_film_that_is_another_by_now_is_not_filed(inbox: Path) -> None:
    (inbox / "a.mp4").write_text("old")
    identity = identity_at(inbox / "a.mp4") or ""
    (inbox / "a.mp4").write_text("newer")
    assert file_away(inbox / "a.mp4", identity, inbox.parent / "done") is None
    assert (inbox / "a.mp4").read_text() == "newer"


def test_a_reason_is_a_few_lines_whatever_the_film_is_called(inbox: Path) -> None:
    film = inbox / "a\nb\udcff.mp4"
    film.touch()
    where = write_reason([film], "it is bad\nmend it", "job_1", 0.0)
    assert where == reason_path(film)
    assert where.read_text().splitlines() == [
        "it is bad",
        "mend it",
        "film: a\\nb\\udcff.mp4",
        "job: job_1",
        "time: 1970-01-01T00:00:00+00:00",
    ]


def test_where_no_reason_can_be_written_beside_the_film_it_goes_to_the_output_folder(inbox: Path) -> None:
    film, other = inbox / "file" / "film.mp4", inbox.parent / "out" / "film.mp4"
    (inbox / "file").touch()  # no folder, so nothing can be put into it
    assert write_reason([film, other], "bad", None, 0.0) == reason_path(other)
