"""Drop films into a watched folder in every awkward way, and kill the watch: what is taken in part, twice, or never.

    python benchmarks/watch_drops.py [--drops 500] [--writers 30] [--stall 60] [--waiting 1000] [--seed 1]

The real command on a real database and storage, with its usual times (5 s of standing still). The films are real too,
0.8 s long and a few kilobytes to a megabyte; scoring them is done by hand in this process, in no time: what is
measured is the taking. First writers drop films side by side: in one go, in chunks with random stalls with the file
open or closed between them, with the size set first, with old times, by a rename, as a hard link, one twice. Then
films lie waiting while the watch is killed with SIGKILL at random moments and started again. It judges nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from service_rig import COMMAND, until
from watch_rig import WatchRig, film, sha256, watch_rig

_SETTLE_S = 5.0  # the usual time of standing still
_SLOW = ("slow", "reopened", "size first", "size first, reopened")
_WAYS = (*_SLOW, "old times", "rename", "at once", "hard link", "twice")


@dataclass
class Drops:
    """What was dropped. came_s: path below the folder → when its last byte, or its name, came. ways: how many files."""

    films: set[str] = field(default_factory=set)
    came_s: dict[str, float] = field(default_factory=dict)
    ways: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, way: str, data: bytes, path: Path) -> None:
        """A file is there, whole."""
        with self.lock:
            self.films.add(sha256(data))
            self.came_s[path.relative_to(path.parents[1]).as_posix()] = time.time()
            self.ways[way] = self.ways.get(way, 0) + 1


def main() -> None:
    """Drop, kill, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drops", type=int, default=500)
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--stall", type=float, default=60.0)
    parser.add_argument("--waiting", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"load              {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        if asked.drops:
            drop_many(Path(folder) / "drops", asked)
        if asked.waiting:
            kill_while_many_wait(Path(folder) / "waiting", asked)
    print(f"load              {os.getloadavg()[0]:.1f}")


def drop_many(root: Path, asked: argparse.Namespace) -> None:
    """Writers side by side, one watch."""
    with watch_rig(root) as rig:
        rig.watcher.stop()
        rig.config.write_text("")
        process = start(rig)
        until(lambda: '"event": "watching"' in (rig.root / "log.txt").read_text(), what="the watch")
        drops, dice = Drops(), random.Random(asked.seed)
        numbers = iter(range(asked.drops))
        began_s = time.monotonic()

        def write_on(own: random.Random) -> None:
            while True:
                with drops.lock:
                    number = next(numbers, None)
                if number is None:
                    return
                write(rig, drops, number, own, asked.stall)

        threads = [
            threading.Thread(target=write_on, args=(random.Random(dice.random()),)) for _ in range(asked.writers)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            rig.work_off()
            time.sleep(0.2)
        wait_for(rig, len(drops.came_s))
        process.terminate()
        process.wait(120)
        print(f"drops             {len(drops.came_s)} files, {len(drops.films)} films, {asked.writers} writers, "
              f"stalls of up to {asked.stall:g} s, {time.monotonic() - began_s:.0f} s")  # fmt: skip
        print(f"  ways            {', '.join(f'{count} {way}' for way, count in sorted(drops.ways.items()))}")
        count(rig, drops.films)
        show(
            "standing still seen",
            [at_s - drops.came_s[name] - _SETTLE_S for name, at_s in logged(rig, "settled").items()],
        )
        show("job made", [at_s - drops.came_s[name] - _SETTLE_S for name, at_s in logged(rig, "scoring").items()])


def show(what: str, late_s: list[float]) -> None:
    """How long after a film had stood still for the usual time."""
    late_s = sorted(late_s)
    print(f"  {what:<19} median {statistics.median(late_s):.2f} s, p95 {late_s[int(0.95 * len(late_s))]:.2f} s, "
          f"worst {late_s[-1]:.2f} s after {_SETTLE_S:g} s of it")  # fmt: skip


def logged(rig: WatchRig, event: str) -> dict[str, float]:
    """path → when the watch last logged that event of it, seconds since 1970."""
    found = {}
    for line in (rig.root / "log.txt").read_text().splitlines():
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict) and row.get("event") == event:
                found[row["film"]] = datetime.fromisoformat(row["time"]).timestamp()
    return found


def write(rig: WatchRig, drops: Drops, number: int, dice: random.Random, stall_s: float) -> None:
    """One film, in one of the ways."""
    way = _WAYS[number % len(_WAYS)]
    data = film(number, dice.choice((8, 10_000, 1_000_000)))
    path = rig.inbox / f"folder {number % 7}" / f"film {number}.mp4"
    path.parent.mkdir(exist_ok=True)
    if way in _SLOW:
        stalls = [dice.choice((0.0, 0.2, dice.uniform(0, stall_s))) for _ in range(5)]
        slowly(path, data, stalls, closes="reopened" in way, size_first="size" in way)
    elif way == "old times":
        path.write_bytes(data)
        os.utime(path, (1e9 + number, 1e9))
    elif way == "rename":
        aside = path.with_name(f".{path.name}.part")
        aside.write_bytes(data)
        time.sleep(dice.uniform(0, stall_s / 4))
        aside.rename(path)
    else:
        path.write_bytes(data)
    drops.add(way, data, path)
    if way == "hard link":
        link = path.parent / f"link {number}.mp4"
        link.hardlink_to(path)
        drops.add(way, data, path)  # its inode has changed
        drops.add(way, data, link)
    elif way == "twice":
        copy = path.parent / f"copy {number}.mp4"
        shutil.copyfile(path, copy)
        drops.add(way, data, copy)
    time.sleep(dice.uniform(0, stall_s / 4))


def slowly(path: Path, data: bytes, stalls: list[float], *, closes: bool, size_first: bool) -> None:
    """In as many pieces as there are stalls, with one between two."""
    step = -(-len(data) // len(stalls))
    file = path.open("wb")
    if size_first:
        file.truncate(len(data))
    for number, stall_s in enumerate(stalls):
        file.write(data[number * step : (number + 1) * step])
        file.flush()
        if closes:
            file.close()
        if number + 1 < len(stalls):
            time.sleep(stall_s)
            if closes:
                file = path.open("r+b")
                file.seek((number + 1) * step)
    file.close()


def kill_while_many_wait(root: Path, asked: argparse.Namespace) -> None:
    """Films that lie there before the watch begins, and a watch that is killed again and again."""
    dice = random.Random(asked.seed)
    with watch_rig(root) as rig:
        rig.watcher.stop()
        rig.config.write_text("")
        for number in range(asked.waiting):
            rig.drop(f"{number % 10}/film {number}.mp4", film(number))
        wanted = {sha256(film(number)) for number in range(asked.waiting)}
        began_s, kills = time.monotonic(), 0
        process = start(rig)
        next_s = time.monotonic() + dice.uniform(3, 20)
        while delivered(rig) < asked.waiting:
            rig.work_off()
            time.sleep(0.2)
            if time.monotonic() > next_s:
                process.kill()
                process.wait(30)
                kills += 1
                process = start(rig)
                next_s = time.monotonic() + dice.uniform(3, 20)
        process.terminate()
        process.wait(120)
        print(f"waiting           {asked.waiting} films, {kills} kills, {time.monotonic() - began_s:.0f} s")
        count(rig, wanted)


def start(rig: WatchRig) -> subprocess.Popen[bytes]:
    """The command; its words go into a file."""
    folders = [str(rig.inbox), "--out", str(rig.out), "--config", str(rig.config)]
    root = str(Path(__file__).resolve().parents[1])
    with (rig.root / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, "watch", *folders, "--workers", "0"],
            env={**os.environ, "CUESMITH_DATA": str(rig.settings.data), "PYTHONPATH": root},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def delivered(rig: WatchRig) -> int:
    """Finished films in the output folder."""
    return sum(1 for _ in rig.out.rglob("*.scored.mp4"))


def wait_for(rig: WatchRig, names: int, patience_s: float = 900.0) -> None:
    """Until there are as many results as names, or nothing came for a long time."""
    last, end_s = -1, time.monotonic() + patience_s
    while (now := delivered(rig)) < names and time.monotonic() < end_s:
        if now != last:
            last, end_s = now, time.monotonic() + patience_s
        rig.work_off()
        time.sleep(0.2)


def count(rig: WatchRig, wanted: set[str]) -> None:
    """Compare what was taken with what was dropped, and the results with both."""
    taken = [job.source["sha256"] for job in rig.jobs()]
    results = {path.read_text().removeprefix("scored ") for path in rig.out.rglob("*.scored.mp4")}
    reasons = list(rig.inbox.rglob("*.reason.txt"))
    rows: dict[str, Callable[[], int]] = {
        "partial": lambda: sum(sha not in wanted for sha in taken),
        "duplicates": lambda: len(taken) - len(set(taken)),
        "missed": lambda: len(wanted - results),
        "refused": lambda: len(reasons),
    }
    print("  " + ", ".join(f"{name} {number()}" for name, number in rows.items()) + f"; {len(taken)} jobs")


if __name__ == "__main__":
    main()
