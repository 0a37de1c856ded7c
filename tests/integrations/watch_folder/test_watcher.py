"""The watch of a folder on a real database and storage: what is taken, when, and how often."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watch_rig import WatchRig, film, sha256, watch_rig

from integrations.jobs.cancelling import delete_job
from integrations.jobs.sweeping import sweep
from integrations.service.settings import Quota
from scoring.errors import WorkerLost


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[WatchRig]:
    with watch_rig(tmp_path / "rig") as made:
        yield made


def states(rig: WatchRig) -> list[str]:
    """Of the jobs, in order."""
    return [row.state for row in rig.jobs()]


# Arriving --------------------------------------------------------------------------------------------


def test_a_film_that_is_moved_in_is_scored_once_and_its_results_mirror_the_folder(rig: WatchRig) -> None:
    rig.drop("trailers/clip.mp4", film())
    rig.idle()
    assert rig.scored("trailers/clip.scored.mp4") == sha256(film())
    names = sorted(path.relative_to(rig.out).as_posix() for path in rig.out.rglob("*") if path.is_file())
    assert names == [
        "trailers/clip.cuesmith/cues.json",
        "trailers/clip.cuesmith/manifest.json",
        "trailers/clip.report.json",
        "trailers/clip.scored.mp4",
        "trailers/clip.stems/music.flac",
    ]
    assert (rig.inbox / "trailers/clip.mp4").read_bytes() == film()
    assert states(rig) == ["succeeded"]


def slowly(path: Path, data: bytes, stalls: list[float], *, closes: bool = False, size_first: bool = False) -> None:
    """Write a file in as many pieces as there are stalls, with a pause after each."""
    pieces = [data[len(data) * n // len(stalls) : len(data) * (n + 1) // len(stalls)] for n in range(len(stalls))]
    file = path.open("wb")
    if size_first:
        file.truncate(len(data))
    for piece, stall_s in zip(pieces, stalls, strict=True):
        file.write(piece)
        file.flush()
        if closes:
            at = file.tell()
            file.close()
            time.sleep(stall_s)
            file = path.open("r+b")
            file.seek(at)
        else:
            time.sleep(stall_s)
    file.close()


# The pauses are longer than the rig's settling time: as 20 s are for the usual one.
@pytest.mark.parametrize(
    ("closes", "size_first"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["one-write", "reopened-for-each-chunk", "size-first", "size-first-and-reopened"],
)
def test_a_slow_copy_is_taken_when_whole(rig: WatchRig, closes: bool, size_first: bool) -> None:
    data = film(1, 40_000)
    path = rig.inbox / "slow.mp4"
    writer = threading.Thread(
        target=slowly, args=(path, data, [0.1, 1.5, 0.2, 1.2, 0.1]), kwargs={"closes": closes, "size_first": size_first}
    )
    writer.start()
    rig.until(lambda: not writer.is_alive())
    rig.idle()
    assert [row.source["sha256"] for row in rig.jobs()] == [sha256(data)]
    assert rig.scored("slow.scored.mp4") == sha256(data)


def test_a_copy_that_keeps_old_times_is_taken(rig: WatchRig) -> None:
    path = rig.inbox / "old.mp4"
    path.write_bytes(film())
    os.utime(path, (1_000_000_000, 1_000_000_000))
    rig.idle()
    assert states(rig) == ["succeeded"]


def test_a_film_that_is_replaced_while_it_is_being_taken_is_taken_as_it_is_in_the_end(
    rig: WatchRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.watch_folder import copying

    seen = []

    def replaces(name: str) -> None:
        if name == "watch.copied" and not seen:
            seen.append(name)
            rig.drop("clip.mp4", film(2))

    monkeypatch.setattr(copying, "checkpoint", replaces)
    rig.drop("clip.mp4", film(1))
    rig.idle()
    assert seen
    assert [row.source["sha256"] for row in rig.jobs()] == [sha256(film(2))]


def test_names_of_files_that_are_being_downloaded_are_left_alone(rig: WatchRig) -> None:
    for name in ("a.mp4.part", "b.mp4.crdownload", ".c.mp4", "d.mp4~", "e.mp4.filepart"):
        (rig.inbox / name).write_bytes(film())
    rig.rounds(1.0)
    assert rig.jobs() == []
    (rig.inbox / "a.mp4.part").rename(rig.inbox / "a.mp4")
    rig.idle()
    assert states(rig) == ["succeeded"]


def test_the_oldest_film_is_taken_first_and_no_more_than_a_few_lie_in_the_storage(tmp_path: Path) -> None:
    with watch_rig(tmp_path / "rig", most_open=2) as rig:
        for number in range(5):
            rig.drop(f"{'edcba'[number]}.mp4", film(number))
            time.sleep(0.02)
        rig.until(lambda: len(rig.jobs()) == 2, works=False)
        rig_end = time.monotonic() + 1.0
        rig.until(lambda: time.monotonic() > rig_end, works=False)
        assert len(rig.jobs()) == 2
        rig.idle()
        assert [row.source["sha256"] for row in rig.jobs()] == [sha256(film(number)) for number in range(5)]


# The same again --------------------------------------------------------------------------------------


def test_the_same_film_under_two_names_is_scored_once_and_delivered_twice(rig: WatchRig) -> None:
    rig.drop("a.mp4", film())
    rig.drop("sub/b.mp4", film())
    (rig.inbox / "c.mp4").hardlink_to(rig.inbox / "a.mp4")
    rig.idle()
    assert states(rig) == ["succeeded"]
    assert {rig.scored(name) for name in ("a.scored.mp4", "sub/b.scored.mp4", "c.scored.mp4")} == {sha256(film())}
    rig.drop("later.mp4", film())
    rig.idle()
    assert states(rig) == ["succeeded"]
    assert rig.scored("later.scored.mp4") == sha256(film())


def test_a_film_that_is_touched_is_not_scored_again(rig: WatchRig) -> None:
    path = rig.drop("clip.mp4", film())
    rig.idle()
    path.touch()
    rig.until(lambda: any(line.startswith("unchanged") for line in rig.said))
    rig.idle()
    assert states(rig) == ["succeeded"]


def test_a_film_that_is_touched_after_its_result_was_removed_gets_it_again(rig: WatchRig) -> None:
    path = rig.drop("clip.mp4", film())
    rig.idle()
    shutil.rmtree(rig.out)
    rig.out.mkdir()
    path.touch()
    rig.until(lambda: rig.scored("clip.scored.mp4"))
    rig.idle()
    assert states(rig) == ["succeeded"]


def test_a_new_film_under_an_old_name_is_a_new_job_and_replaces_the_result(rig: WatchRig) -> None:
    rig.drop("clip.mp4", film(1))
    rig.idle()
    rig.drop("clip.mp4", film(2))
    rig.until(lambda: rig.scored("clip.scored.mp4") == sha256(film(2)))
    rig.idle()
    assert states(rig) == ["succeeded", "succeeded"]
    assert len(list(rig.out.glob("*.scored.mp4"))) == 1


def test_a_film_that_is_replaced_while_it_is_scored_cancels_what_nobody_waits_for(rig: WatchRig) -> None:
    rig.drop("clip.mp4", film(1))
    rig.until(lambda: len(rig.jobs()) == 1, works=False)
    rig.drop("clip.mp4", film(2))
    rig.until(lambda: len(rig.jobs()) == 2, works=False)
    rig.idle()
    assert states(rig) == ["canceled", "succeeded"]
    assert rig.scored("clip.scored.mp4") == sha256(film(2))
    assert not list(rig.inbox.glob("*.reason.txt"))


def test_a_side_car_that_changes_is_a_new_wish(rig: WatchRig) -> None:
    rig.drop("clip.mp4", film())
    rig.idle()
    (rig.inbox / "clip.toml").write_text('style = "ambient"\n')
    rig.until(lambda: len(rig.jobs()) == 2)
    rig.idle()
    assert [row.order.get("wish", {}).get("style") for row in rig.jobs()] == [None, "ambient"]


def test_a_restart_takes_up_what_was_left_and_scores_nothing_again(rig: WatchRig) -> None:
    for number in range(3):
        rig.drop(f"{number}.mp4", film(number))
    rig.until(lambda: len(rig.jobs()) == 3, works=False)
    rig.restart()
    rig.idle()
    rig.restart()
    rig.idle()
    assert states(rig) == ["succeeded"] * 3
    assert [rig.scored(f"{number}.scored.mp4") for number in range(3)] == [sha256(film(number)) for number in range(3)]


def test_a_film_that_stays_is_not_scored_again_when_its_job_has_expired(rig: WatchRig) -> None:
    path = rig.drop("clip.mp4", film())
    rig.idle()
    delete_job(rig.database, "local", rig.jobs()[0].id)
    sweep(rig.database, rig.storage, rig.settings)
    rig.restart()
    rig.rounds(1.0)
    path.touch()
    rig.until(lambda: any(line.startswith("unchanged") for line in rig.said))
    rig.idle()
    assert states(rig) == ["expired"]


def test_a_job_that_expired_before_its_results_were_fetched_is_made_again(rig: WatchRig) -> None:
    rig.drop("clip.mp4", film())
    rig.until(lambda: len(rig.jobs()) == 1, works=False)
    rig.work_off()
    delete_job(rig.database, "local", rig.jobs()[0].id)
    rig.idle()
    assert states(rig) == ["expired", "succeeded"]
    assert rig.scored("clip.scored.mp4") == sha256(film())


# Places ----------------------------------------------------------------------------------------------


def test_two_films_of_one_stem_get_results_of_two_names(rig: WatchRig) -> None:
    rig.drop("clip.mp4", film(1))
    rig.idle()
    rig.drop("clip.m4v", film(2))
    rig.drop("CLIP.mp4", film(3))
    rig.idle()
    made = {path.read_text().removeprefix("scored ") for path in rig.out.glob("*.scored.mp4")}
    assert made == {sha256(film(number)) for number in (1, 2, 3)}
    assert rig.scored("clip.scored.mp4") == sha256(film(1))
    assert len(list(rig.out.glob("*.report.json"))) == 3


def test_results_that_somebody_else_put_there_are_not_written_over(rig: WatchRig) -> None:
    (rig.out / "clip.scored.mp4").write_text("mine")
    rig.drop("clip.mp4", film())
    rig.idle()
    assert (rig.out / "clip.scored.mp4").read_text() == "mine"
    assert rig.scored("clip.mp4.scored.mp4") == sha256(film())


def test_a_film_goes_to_the_folder_for_those_that_are_done_with_what_belongs_to_it(tmp_path: Path) -> None:
    with watch_rig(tmp_path / "rig", 'done = "done"\nfailed = "failed"\n') as rig:
        (rig.inbox / "sub").mkdir()
        (rig.inbox / "sub/clip.toml").write_text('style = "ambient"\n')
        for number in (1, 2):
            rig.drop("sub/clip.mp4", film(number))
            rig.idle()
            (rig.inbox / "sub/clip.toml").unlink(missing_ok=True)
        assert (rig.inbox / "done/sub/clip.mp4").read_bytes() == film(1)
        assert (rig.inbox / "done/sub/clip.toml").is_file()
        assert (rig.inbox / "done/sub/clip 2.mp4").read_bytes() == film(2)
        assert not list((rig.inbox / "sub").iterdir())
        # The second film came under the first one's name and is another: nothing of the first is written over.
        assert rig.scored("sub/clip.scored.mp4") == sha256(film(1))
        assert rig.scored("sub/clip.mp4.scored.mp4") == sha256(film(2))
        rig.restart()
        rig.rounds(1.0)
        assert len(rig.jobs()) == 2


def test_a_film_that_fails_goes_to_its_folder_with_the_reason(tmp_path: Path) -> None:
    with watch_rig(tmp_path / "rig", 'failed = "failed"\n') as rig:
        rig.drop("bad.mp4", b"no film at all " * 100)
        rig.drop("good.mp4", film())
        rig.idle()
        assert (rig.inbox / "failed/bad.mp4").is_file()
        lines = (rig.inbox / "failed/bad.mp4.reason.txt").read_text().splitlines()
        assert "not a video" in lines[0]
        assert lines[1].startswith("Give a")
        assert rig.scored("good.scored.mp4") == sha256(film())


# What is wrong ---------------------------------------------------------------------------------------


def test_a_bad_file_is_refused_with_a_reason_beside_it_and_holds_nobody_up(rig: WatchRig) -> None:
    rig.drop("text.mp4", b"hello " * 1000)
    os.mkfifo(rig.inbox / "pipe.mp4")
    (rig.inbox / "out.mp4").symlink_to("/etc/hostname")
    (rig.inbox / "loop.mp4").symlink_to("loop.mp4")
    (rig.inbox / "deep").symlink_to(rig.inbox)
    rig.drop("good.mp4", film())
    rig.idle()
    reasons = {path.name for path in rig.inbox.glob("*.reason.txt")}
    assert reasons == {f"{name}.mp4.reason.txt" for name in ("text", "pipe", "out", "loop")}
    assert "job" not in (rig.inbox / "text.mp4.reason.txt").read_text()
    assert states(rig) == ["succeeded"]
    said = len(rig.said)
    rig.restart()
    rig.rounds(0.5)
    assert len(rig.said) == said  # they are known, and not refused again


def test_a_refused_film_that_is_mended_is_scored_and_the_reason_goes(rig: WatchRig) -> None:
    rig.drop("clip.mp4", b"hello " * 1000)
    rig.until((rig.inbox / "clip.mp4.reason.txt").exists)
    rig.drop("clip.mp4", film())
    rig.until(lambda: rig.scored("clip.scored.mp4"))
    rig.idle()
    assert not (rig.inbox / "clip.mp4.reason.txt").exists()


def test_half_a_film_is_waited_for_and_refused_when_patience_runs_out(tmp_path: Path) -> None:
    half = film()[: len(film()) // 2]
    with watch_rig(tmp_path / "rig") as rig:
        rig.config.write_text("[watch]\nsettle_s = 0.3\npoll_s = 0.1\npatience_s = 4\n")
        path = rig.drop("half.mp4", half)
        rig.until(lambda: any(line.startswith("waiting") for line in rig.said))
        assert not (rig.inbox / "half.mp4.reason.txt").exists()
        rig.until((rig.inbox / "half.mp4.reason.txt").exists)
        assert "not whole" in (rig.inbox / "half.mp4.reason.txt").read_text()
        assert rig.jobs() == []
        with path.open("ab") as file:
            file.write(film()[len(half) :])
        rig.until(lambda: rig.scored("half.scored.mp4") == sha256(film()))
        rig.idle()


def test_a_job_that_fails_leaves_its_reason_and_id_and_is_tried_again_when_asked(rig: WatchRig) -> None:
    rig.failing = WorkerLost("the process died", "Look into its log")
    rig.drop("clip.mp4", film())
    rig.idle()
    text = (rig.inbox / "clip.mp4.reason.txt").read_text()
    assert "the process died" in text
    assert rig.jobs()[0].id in text
    rig.failing = None
    rig.restart()
    rig.rounds(0.5)
    assert states(rig) == ["failed"]
    rig.watcher.stop()
    assert rig.watcher._desk.ledger.forget_refused() == 1
    rig.restart()
    rig.idle()
    assert states(rig) == ["failed", "succeeded"]
    assert not (rig.inbox / "clip.mp4.reason.txt").exists()


def test_a_bad_side_car_refuses_its_film_and_a_better_one_mends_it(rig: WatchRig) -> None:
    (rig.inbox / "clip.toml").write_text('style = "no such style"\n')
    rig.drop("clip.mp4", film())
    rig.until((rig.inbox / "clip.mp4.reason.txt").exists)
    assert "no such style" in (rig.inbox / "clip.mp4.reason.txt").read_text()
    (rig.inbox / "clip.toml").write_text('style = "ambient"\n')
    rig.until(lambda: rig.scored("clip.scored.mp4"))
    rig.idle()


# Disks and networks ----------------------------------------------------------------------------------


def test_a_watched_folder_that_goes_away_is_waited_for_and_nothing_is_scored_again(rig: WatchRig) -> None:
    rig.drop("a.mp4", film(1))
    rig.idle()
    rig.inbox.rename(rig.root / "unmounted")
    rig.watcher.ring()
    rig.until(lambda: any("cannot be looked into" in line for line in rig.said))
    (rig.root / "unmounted").rename(rig.inbox)
    rig.drop("b.mp4", film(2))
    rig.until(lambda: rig.scored("b.scored.mp4"))
    rig.idle()
    assert states(rig) == ["succeeded"] * 2


def test_an_empty_folder_in_the_place_of_the_share_loses_nothing(rig: WatchRig) -> None:
    rig.drop("a.mp4", film(1))
    rig.idle()
    rig.inbox.rename(rig.root / "unmounted")
    rig.inbox.mkdir()
    rig.rounds(0.5)
    rig.inbox.rmdir()
    (rig.root / "unmounted").rename(rig.inbox)
    rig.watcher.ring()
    rig.rounds(1.0)
    assert states(rig) == ["succeeded"]
    assert len([line for line in rig.said if line.startswith("scoring")]) == 1


def test_an_output_folder_that_goes_away_is_waited_for(rig: WatchRig) -> None:
    rig.drop("a.mp4", film(1))
    rig.until(lambda: len(rig.jobs()) == 1, works=False)
    rig.out.rename(rig.root / "elsewhere")
    rig.until(lambda: any("is not there" in line for line in rig.said))
    assert not rig.out.exists()
    (rig.root / "elsewhere").rename(rig.out)
    rig.idle()
    assert rig.scored("a.scored.mp4") == sha256(film(1))


def test_the_oldest_results_that_were_delivered_give_way_when_the_quota_is_used_up(tmp_path: Path) -> None:
    size = len(film(0, 100_000))
    with watch_rig(tmp_path / "rig", quota=Quota(stored_bytes=2 * size + 10_000), most_open=1) as rig:
        for number in range(3):
            rig.drop(f"{number}.mp4", film(number, 100_000))
            time.sleep(0.02)
        rig.idle(90)
        assert [rig.scored(f"{number}.scored.mp4") for number in range(3)] == [
            sha256(film(number, 100_000)) for number in range(3)
        ]
        assert "expired" in states(rig)
