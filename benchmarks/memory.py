"""Peak memory of the main job on a two-hour film, child processes included (Linux). Run once: it takes a while.

    python benchmarks/memory.py FOLDER [--film FILM]

Proportional set size summed over the process tree, sampled every quarter second: pages shared by two count once.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from film import long_film

SAMPLE_S = 0.25


def tree(pid: int) -> list[int]:
    """A process and everything it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def proportional_bytes(pid: int) -> int:
    """The proportional set size of one process; 0 when it has just ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    film = args.film or long_film(args.folder)
    out = args.folder / "memory"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    code = "from integrations.cli.main import main; main()"
    command = [sys.executable, "-c", code, "score", str(film), "-o", str(out / "out.mp4"), "--json"]
    peak, peak_own, began_s = 0, 0, time.perf_counter()
    with tempfile.TemporaryFile() as answer:
        running = subprocess.Popen(command, stdout=answer)
        while running.poll() is None:
            try:
                sizes = [proportional_bytes(pid) for pid in tree(running.pid)]
            except OSError:
                continue
            peak, peak_own = max(peak, sum(sizes)), max(peak_own, sizes[0])
            time.sleep(SAMPLE_S)
        answer.seek(0)
        said = json.loads(answer.read())
    if "error" in said:
        raise SystemExit(said["error"]["message"])
    report = said["report"]
    length_s = report["facts"]["video"]["duration_s"]
    took_s = time.perf_counter() - began_s
    print(
        f"film {length_s / 3600:.2f} h, {len(report['cues'])} cues; took {took_s:.0f} s, {took_s / length_s:.3f} of it"
    )
    print(f"peak memory {peak / 1e6:.0f} MB with children, {peak_own / 1e6:.0f} MB without (goal 700 MB)")
    for name, seconds in report["stages_s"].items():
        print(f"{name:<12}{seconds:8.1f} s   {seconds / length_s:.4f} of the film")
    print("fell short:", ", ".join(report["fell_short"]) or "nothing")


if __name__ == "__main__":
    main()
