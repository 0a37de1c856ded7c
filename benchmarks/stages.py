"""Every stage of the main job beside what it competes against, in turn, in one run: quote the ratios.

    python benchmarks/stages.py FOLDER [--rounds 3]

Rows, each the median over the rounds, and its ratio to the plain decode or to the film's length:
the bundled ffmpeg decoding to nothing · PySceneDetect's detect-adaptive · `cuesmith score` from nothing, by stage.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from film import DURATION_S, benchmark_film

from pipeline.media.ffmpeg_gate import bundled_ffmpeg


def wall_s(*command: str | Path) -> float:
    """How long a command takes, seconds; it must succeed."""
    began_s = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began_s


def score(film: Path, folder: Path) -> tuple[float, dict[str, float]]:
    """Wall time of a whole run from nothing, and of its stages, seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    code = "from integrations.cli.main import main; main()"
    began_s = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, "score", film, "-o", folder / "out.mp4", "--json"], capture_output=True, check=True
    )
    return time.perf_counter() - began_s, json.loads(done.stdout)["report"]["stages_s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    film = benchmark_film(args.folder)
    decode_s, detect_s, whole_s = [], [], []
    stages: dict[str, list[float]] = {}
    for _ in range(args.rounds):
        decode_s.append(wall_s(bundled_ffmpeg(), "-nostdin", "-i", film, "-f", "null", "-"))
        run_s, parts = score(film, args.folder / "scored")
        whole_s.append(run_s)
        for name, seconds in parts.items():
            stages.setdefault(name, []).append(seconds)
        detect = [sys.executable, "-m", "scenedetect", "-q", "-i", film, "detect-adaptive"]
        detect_s.append(wall_s(*detect))
    middle = {name: statistics.median(values) for name, values in stages.items()}
    decode, detected = statistics.median(decode_s), statistics.median(detect_s)
    after = sum(seconds for name, seconds in middle.items() if name != "analyse")
    print(f"plain decode            {decode:7.2f} s   1.00 of decode")
    print(f"detect-adaptive         {detected:7.2f} s   {detected / decode:.2f} of decode")
    print(f"analyse                 {middle['analyse']:7.2f} s   {middle['analyse'] / decode:.2f} of decode (goal 1.4)"
          f"   {middle['analyse'] / detected:.2f} of detect-adaptive (goal below 1)")  # fmt: skip
    for name, seconds in middle.items():
        if name != "analyse":
            print(f"{name:<24}{seconds:7.2f} s   {seconds / DURATION_S:.3f} of the film")
    print(f"all after analysis      {after:7.2f} s   {after / DURATION_S:.3f} of the film (goal 0.2)")
    whole = statistics.median(whole_s)
    print(f"the whole command       {whole:7.2f} s   {whole / DURATION_S:.3f} of the film")


if __name__ == "__main__":
    main()
