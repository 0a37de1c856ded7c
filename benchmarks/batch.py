"""Several films in one command: `--jobs 1`, 2 and 3 beside one process that scores them one after the other.

    python benchmarks/batch.py FOLDER [--films 6] [--rounds 3]

Every way is run in every round, from nothing; the median of the rounds is printed, with the largest memory of the
process tree (proportional set size, looked at five times a second).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
from film import ffmpeg

_COMMAND = "from integrations.cli.main import main; main()"
_LOOP = """
import sys
from pathlib import Path
from pipeline.score_video import score_video
from pipeline.wish import Wish
for name in sys.argv[2:]:
    score_video(Path(name), Wish(output=Path(sys.argv[1])))
"""


def make_films(folder: Path, count: int) -> list[Path]:
    """Films of 20 s, 720p, each a little different."""
    films = [folder / f"film{number}.mp4" for number in range(count)]
    for number, film in enumerate(films):
        if not film.exists():
            ffmpeg(
                "-f", "lavfi", "-i", f"gradients=s=1280x720:r=25:d=20:speed=0.04:seed={number}:n=4", "-f", "lavfi",
                "-i", f"sine=f={220 + number}:d=20", "-vf", "noise=alls=8:allf=t", "-c:v", "libx264", "-preset",
                "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", film,
            )  # fmt: skip
    return films


def measured(arguments: list[str]) -> tuple[float, float]:
    """Seconds by the clock, and the most memory that the processes had together, MB."""
    began_s = time.perf_counter()
    running = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most_mb = [0.0]
    watcher = threading.Thread(target=_watch, args=(psutil.Process(running.pid), most_mb), daemon=True)
    watcher.start()
    assert running.wait() == 0, arguments
    took_s = time.perf_counter() - began_s
    watcher.join()
    return took_s, most_mb[0]


def _watch(process: psutil.Process, most_mb: list[float]) -> None:
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        total = 0.0
        try:
            for one in (process, *process.children(recursive=True)):
                total += one.memory_full_info().pss / 1e6
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        most_mb[0] = max(most_mb[0], total)
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    folder = args.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    films = [str(film) for film in make_films(folder, args.films)]
    out = folder / "out"
    ways = {"one process": ["-c", _LOOP, str(out), *films]}
    for jobs in (1, 2, 3):
        ways[f"--jobs {jobs}"] = ["-c", _COMMAND, "score", *films, "-o", str(out), "--quiet", "--jobs", str(jobs)]
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {len(films)} films of 20 s, 720p")
    for _ in range(args.rounds):
        for name, arguments in ways.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            took[name].append(measured(arguments))
    for name, rounds in took.items():
        seconds, most_mb = statistics.median(row[0] for row in rounds), max(row[1] for row in rounds)
        print(f"{name:<14}{seconds:7.1f} s   {seconds / len(films):5.1f} s a film   {most_mb:6.0f} MB")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
