"""The process that watches a folder killed at every step: nothing is lost, done twice, or partial."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service_rig import COMMAND, until
from small_disk import small_disk
from watch_rig import WatchRig, film, sha256, watch_rig

from scoring.errors import WorkerLost

ROOT = Path(__file__).parents[2]
SETTINGS = 'done = "done"\n'


def fault_points() -> list[str]:
    """From the tree itself, so that a new one is covered."""
    room = ROOT / "integrations" / "watch_folder"
    text = "\n".join(path.read_text(encoding="utf-8") for path in room.rglob("*.py"))
    return list(dict.fromkeys(re.findall(r'\bcheckpoint\("(watch\.[a-z_.]+)"\)', text)))


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that a test has started; none of them outlives it."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(30)


@pytest.fixture
def watch(started: list[subprocess.Popen[bytes]]) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts the command, as in a shell; the jobs are done by hand."""

    def start(rig: WatchRig, *more: str, **environment: str) -> subprocess.Popen[bytes]:
        started.append(command(rig, *more, **environment))
        return started[-1]

    return start


def command(rig: WatchRig, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    """A process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"CUESMITH_DATA": str(rig.settings.data), "PYTHONPATH": str(ROOT), **environment}
    folders = [str(rig.inbox), "--out", str(rig.out), "--config", str(rig.config)]
    with (rig.root / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, "watch", *folders, "--workers", "0", *more],
            env={**kept, **own},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def finished(rig: WatchRig, process: subprocess.Popen[bytes]) -> int:
    """The exit code, once it has ended; jobs are done meanwhile."""

    end_s = time.monotonic() + 240
    while process.poll() is None:
        rig.work_off()
        time.sleep(0.1)
        assert time.monotonic() < end_s, log(rig)
    return int(process.returncode)


def log(rig: WatchRig) -> str:
    """The end of what the processes said."""
    return (rig.root / "log.txt").read_text()[-4000:]


@pytest.mark.slow
def test_a_watch_killed_at_each_fault_point_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, watch: Callable[..., subprocess.Popen[bytes]]
) -> None:
    points = fault_points()
    assert len(points) >= 9
    with watch_rig(tmp_path / "rig", SETTINGS) as rig:
        rig.watcher.stop()
        # Failing is a way of its own: "watch.failed" and "watch.refused" are passed by what cannot be scored.
        rig.drop("sub/a.mp4", film(1))
        (rig.inbox / "sub/a.toml").write_text('style = "ambient"\n')
        rig.drop("b.mp4", film(2))
        rig.drop("bad.mp4", b"text " * 1000)
        flags = {name: tmp_path / name for name in points if name != "watch.failed"}
        crashes = ";".join(f"{name}@{flag}" for name, flag in flags.items())
        codes = []
        while not codes or codes[-1] == -signal.SIGKILL:
            codes.append(finished(rig, watch(rig, "--once", CUESMITH_CRASH_AT=crashes)))
            assert len(codes) <= len(points) + 1, log(rig)
        assert codes[-1] in (0, 2), log(rig)  # 2 where the last one was the one that refused
        assert [name for name, flag in flags.items() if not flag.exists()] == []
        assert [row.state for row in rig.jobs()] == ["succeeded"] * 2
        assert rig.scored("sub/a.scored.mp4") == sha256(film(1))
        assert rig.scored("b.scored.mp4") == sha256(film(2))
        there = sorted(path.relative_to(rig.inbox).as_posix() for path in rig.inbox.rglob("*") if path.is_file())
        assert there == ["bad.mp4", "bad.mp4.reason.txt", "done/b.mp4", "done/sub/a.mp4", "done/sub/a.toml"]
        visible = [path.name for path in rig.out.rglob("*") if not path.name.startswith(".")]
        assert not [name for name in visible if ".part" in name]
        assert codes.count(-signal.SIGKILL) == len(flags)


def test_a_watch_killed_where_a_job_has_failed_gives_the_reason_all_the_same(
    tmp_path: Path, watch: Callable[..., subprocess.Popen[bytes]]
) -> None:
    with watch_rig(tmp_path / "rig") as rig:
        rig.watcher.stop()
        rig.failing = WorkerLost("the process died", "Look into its log")
        rig.drop("clip.mp4", film())
        assert finished(rig, watch(rig, "--once", CUESMITH_CRASH_AT="watch.failed")) == -signal.SIGKILL
        assert not (rig.inbox / "clip.mp4.reason.txt").exists()
        finished(rig, watch(rig, "--once"))
        assert "the process died" in (rig.inbox / "clip.mp4.reason.txt").read_text()
        assert len(rig.jobs()) == 1


def test_a_watch_that_is_told_to_stop_ends_well_and_two_of_one_folder_are_refused(
    tmp_path: Path, watch: Callable[..., subprocess.Popen[bytes]]
) -> None:
    with watch_rig(tmp_path / "rig") as rig:
        rig.watcher.stop()
        rig.drop("clip.mp4", film())
        first = watch(rig)
        until(lambda: rig.jobs(), 60, "the first job")
        second = watch(rig)
        assert second.wait(60) == 2
        assert "another cuesmith watch is at work" in (rig.root / "log.txt").read_text()
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
        assert finished(rig, watch(rig, "--once")) == 0
        assert rig.scored("clip.scored.mp4") == sha256(film())
        assert len(rig.jobs()) == 1


@pytest.mark.parametrize("place", ["data", "out"])
def test_a_full_disk_is_waited_for(tmp_path: Path, place: str) -> None:
    with small_disk(tmp_path / "rig" / place) as disk, watch_rig(tmp_path / "rig") as rig:
        rig.drop("clip.mp4", film(1, 100_000))
        if place == "data":
            disk.fill(200_000)
            rig.until(lambda: any(line.startswith("waiting") for line in rig.said))
            assert rig.jobs() == []
        else:
            rig.until(lambda: len(rig.jobs()) == 1, works=False)
            disk.fill(0)
            rig.until(lambda: any("full" in line for line in rig.said))
            assert not list(rig.out.glob("*.scored.mp4"))
        disk.free()
        rig.idle()
        assert rig.scored("clip.scored.mp4") == sha256(film(1, 100_000))
        assert [row.state for row in rig.jobs()] == ["succeeded"]
        rig.watcher.stop()
        rig.database.close()


@pytest.mark.slow
def test_a_share_that_is_unmounted_and_mounted_again_loses_nothing(tmp_path: Path) -> None:
    with watch_rig(tmp_path / "rig") as rig:
        (rig.root / "share").mkdir()
        done = subprocess.run(["mount", "--bind", str(rig.root / "share"), str(rig.inbox)], capture_output=True)
        if done.returncode:
            pytest.skip("nothing may be mounted here")
        try:
            rig.drop("a.mp4", film(1))
            rig.idle()
            subprocess.run(["umount", str(rig.inbox)], check=True)
            rig.watcher.ring()
            rig.rounds(0.6)
            subprocess.run(["mount", "--bind", str(rig.root / "share"), str(rig.inbox)], check=True)
            rig.drop("b.mp4", film(2))
            rig.idle()
        finally:
            subprocess.run(["umount", "-l", str(rig.inbox)], check=True)
        assert [row.source["sha256"] for row in rig.jobs()] == [sha256(film(1)), sha256(film(2))]
