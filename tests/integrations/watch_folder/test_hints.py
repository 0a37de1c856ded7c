"""Hints wake the watch; without them it looks by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from watch_rig import film, watch_rig

from integrations.watch_folder import hints as room
from integrations.watch_folder.hints import hints


def test_a_file_that_is_closed_or_moved_in_wakes_and_one_that_grows_does_not(tmp_path: Path) -> None:
    woken = threading.Event()
    with hints(tmp_path, woken.set) as coming:
        if not coming.are_coming():
            pytest.skip("this system gives no hints")
        with (tmp_path / "film.mp4").open("wb") as file:
            assert woken.wait(20)  # it was made
            woken.clear()
            file.write(b"x")
            file.flush()
            assert not woken.wait(0.5)
        assert woken.wait(20)
        woken.clear()
        (tmp_path / "film.mp4").rename(tmp_path / "other.mp4")
        assert woken.wait(20)
    assert not coming.are_coming()


def test_a_folder_in_the_place_of_the_one_that_is_listened_to_gives_no_hints(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with hints(tmp_path / "in", lambda: None) as coming:
        (tmp_path / "in").rename(tmp_path / "old")
        (tmp_path / "in").mkdir()
        assert not coming.are_coming()


def test_without_hints_nothing_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def limit(*_: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(room, "_observer", limit)
    with watch_rig(tmp_path / "rig") as rig, hints(rig.inbox, rig.watcher.ring) as coming:
        assert not coming.are_coming()
        rig.watcher.are_hints = coming.are_coming()
        rig.rounds(0.5)
        rig.drop("film.mp4", film())
        rig.until(lambda: rig.scored("film.scored.mp4"))
