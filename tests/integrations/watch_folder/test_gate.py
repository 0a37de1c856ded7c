"""The gate between a file that stands still and a film that is taken."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from films import plain_film
from watch_rig import film

from integrations.watch_folder.gate import UNSTATED_S, look_closely
from integrations.watch_folder.look import identity_at
from integrations.watch_folder.writers import is_being_written
from pipeline.settings import Settings
from scoring.errors import BrokenMedia, InputError, UnsupportedMedia, VideoMissing


def judged(path: Path, still_s: float = 5.0, patience_s: float = 600.0):  # type: ignore[no-untyped-def]
    return look_closely(path, identity_at(path) or "", still_s, patience_s, Settings())


def test_a_whole_film_passes(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film())
    assert judged(path).missing == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who writes")
def test_a_whole_film_that_somebody_has_open_to_write_to_does_not_pass_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film())
    with path.open("ab"):
        with path.open("rb") as read:
            if is_being_written(read.fileno()) is None:
                pytest.skip("this disk does not tell")
        found = judged(path)
        assert found.missing
        assert found.error is None  # it is never refused for that
    assert judged(path).missing == ""


def test_what_is_no_film_is_refused_for_good_and_what_may_still_come_is_not(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"text " * 1000)
    found = judged(path)
    assert (type(found.error), found.is_final) == (UnsupportedMedia, True)
    for data in (b"", bytes(10_000), film()[:5000]):
        path.write_bytes(data)
        found = judged(path)
        assert found.missing
        assert (type(found.error), found.is_final) == (BrokenMedia, False)


def test_room_that_was_reserved_is_waited_for_and_believed_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film() + b"\0\0\x20\0free" + bytes(8184))  # a writer's own padding
    found = judged(path, still_s=5.0)
    assert (found.missing != "", found.error) == (True, None)
    assert judged(path, still_s=601.0).missing == ""


def test_a_film_that_does_not_say_how_long_it_is_must_stand_still_for_longer(tmp_path: Path) -> None:
    path = plain_film(tmp_path / "film.ts", 0.8, size="64x36")
    found = judged(path, still_s=5.0)
    assert (found.missing != "", found.error, found.pause_s) == (True, None, UNSTATED_S - 5.0)
    assert judged(path, still_s=UNSTATED_S).missing == ""


def test_a_file_that_is_another_by_now_does_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film())
    assert look_closely(path, "1:2:3:4", 5.0, 600.0, Settings()).missing
    path.unlink()
    with pytest.raises(VideoMissing):
        look_closely(path, "1:2:3:4", 5.0, 600.0, Settings())


def test_a_pipe_is_not_waited_on_and_a_link_is_not_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "real.mp4").write_bytes(film())
    (tmp_path / "link.mp4").symlink_to("real.mp4")
    for name in ("pipe.mp4", "link.mp4"):
        with pytest.raises(InputError):
            judged(tmp_path / name)
