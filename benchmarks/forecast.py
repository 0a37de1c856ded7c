"""How near `cuesmith score --dry-run` comes: its forecast beside the run itself, on films of several lengths and sizes.

    python benchmarks/forecast.py FOLDER

Every film is forecast and scored twice, each time from nothing: first as on a machine where nothing has run, then from
the workspaces of the other films. Printed: what a run took over what was likely, its median and the 90th percentile of
how far it is off, and how many runs lay in the range that was given. Times are of whole commands, by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from film import ffmpeg

from pipeline.demo_film import make_demo_film

_CODE = "from integrations.cli.main import main; main()"
_SHOT_S = 5
# name, size, frames a second, seconds, options of the coder
_FILMS = (
    ("short-160.mp4", "160x90", 25, 5, ("-c:v", "libx264", "-preset", "veryfast")),
    ("minute-360.mp4", "640x360", 30, 60, ("-c:v", "libx264", "-preset", "veryfast")),
    ("five-minutes-360.mp4", "640x360", 25, 300, ("-c:v", "libx264", "-preset", "veryfast", "-crf", "30")),
    ("half-minute-720.mp4", "1280x720", 25, 30, ("-c:v", "libx264", "-preset", "veryfast")),
    ("half-minute-1080.mp4", "1920x1080", 30, 30, ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "10M")),
    ("fast-1080.mp4", "1920x1080", 60, 20, ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "12M")),
    ("hevc-1080.mp4", "1920x1080", 25, 20, ("-c:v", "libx265", "-preset", "ultrafast", "-b:v", "8M")),
    ("four-k.mp4", "3840x2160", 24, 15, ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "40M")),
    ("prores-1080.mov", "1920x1080", 25, 15, ("-c:v", "prores_ks", "-profile:v", "2")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A film's forecast and its run, seconds."""

    film: str
    low_s: float
    likely_s: float
    high_s: float
    took_s: float

    @property
    def ratio(self) -> float:
        """What it took over what was likely."""
        return self.took_s / self.likely_s

    @property
    def is_in_range(self) -> bool:
        """Whether it lay in the range."""
        return self.low_s <= self.took_s <= self.high_s


def make_films(folder: Path) -> list[Path]:
    """The demo film and the made ones; kept from one run of this script to the next."""
    films = [folder / "demo.mp4"]
    if not films[0].exists():
        make_demo_film(films[0])
    for name, size, rate, duration_s, coder in _FILMS:
        films.append(folder / name)
        if films[-1].exists():
            continue
        count = duration_s // _SHOT_S
        inputs = []
        for shot in range(count):
            drawn = f"testsrc2=s={size}" if shot % 2 else f"gradients=s={size}:speed=0.04:seed={shot}:n=4"
            inputs += ["-f", "lavfi", "-i", f"{drawn}:r={rate}:d={_SHOT_S}"]
        parts = "".join(f"[{n}:v]format=yuv420p,setsar=1,noise=alls=8:allf=t[p{n}];" for n in range(count))
        joined = "".join(f"[p{n}]" for n in range(count)) + f"concat=n={count}:v=1[v]"
        tone = f"aevalsrc='0.06*sin(2*PI*(180+40*sin(0.3*t))*t)':s=48000:c=stereo:d={duration_s}"
        ffmpeg(
            *inputs, "-f", "lavfi", "-i", tone, "-filter_complex", parts + joined, "-map", "[v]",
            "-map", f"{count}:a", "-c:a", "aac", *coder, films[-1],
        )  # fmt: skip
    return films


def command(*arguments: str | Path) -> dict[str, object]:
    """Run the command; its one object."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE, "score", *map(str, arguments), "--json"], capture_output=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def compare(film: Path, output: Path, elsewhere: Path | None) -> Row:
    """Forecast a film, then score it. elsewhere: the workspaces to learn from, None for none."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    for workspace in elsewhere.glob("*.cuesmith") if elsewhere is not None else ():
        if workspace.stem != film.stem:
            shutil.copytree(workspace, output / workspace.name, ignore=shutil.ignore_patterns("*.flac", "*.jpg"))
    told = command(film, "-o", output, "--dry-run")["time"]
    assert isinstance(told, dict)
    began_s = time.perf_counter()
    command(film, "-o", output)
    took_s = time.perf_counter() - began_s
    return Row(film.name, told["low_s"], told["likely_s"], told["high_s"], took_s)


def show(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        inside = "" if row.is_in_range else "   outside"
        print(
            f"{row.film:<24}{row.took_s:7.1f} s   likely {row.likely_s:6.1f}   "
            f"{row.low_s:6.1f} to {row.high_s:6.1f}   {row.ratio:5.2f}{inside}"
        )
    off = sorted(max(row.ratio, 1 / row.ratio) for row in rows)
    p90 = off[min(len(off) - 1, round(0.9 * (len(off) - 1)))]
    median = statistics.median(row.ratio for row in rows)
    inside_count = sum(row.is_in_range for row in rows)
    print(
        f"took / likely: median {median:.2f}; off by {statistics.median(off):.2f} times (median), {p90:.2f} times (p90)"
    )
    print(f"in the range: {inside_count} of {len(rows)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    films = make_films(folder)
    kept = folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    first = []
    for film in films:
        first.append(compare(film, folder / "out", None))
        shutil.copytree(folder / "out" / f"{film.stem}.cuesmith", kept / f"{film.stem}.cuesmith")
    show("nothing has run on this machine", first)
    show("from the other films' workspaces", [compare(film, folder / "out", kept) for film in films])
    print(f"\nload average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
