"""Make the films that the benchmarks run on: seeded, drawn by the bundled ffmpeg, the same on every machine.

python benchmarks/film.py FOLDER          a 60 s, 1080p30, 10 Mbit/s film with a cut every four seconds
python benchmarks/film.py FOLDER --long   also two hours of it at a low rate, made by looping packets
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from pipeline.media.ffmpeg_gate import bundled_ffmpeg

DURATION_S = 60
SHOT_S = 4
LOOPS_OF_LONG = 119  # 60 s times 120 is two hours


def ffmpeg(*arguments: str | Path) -> None:
    """Run the bundled ffmpeg; raise when it fails."""
    command = [bundled_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *arguments]
    subprocess.run([str(part) for part in command], check=True)


def sources(size: str) -> tuple[list[str], str]:
    """Input arguments and a filter graph [v]: fifteen shots of moving, noisy, differently coloured pictures."""
    inputs: list[str] = []
    for shot in range(DURATION_S // SHOT_S):
        kinds = (
            f"testsrc2=s={size}:r=30:d={SHOT_S}",
            f"gradients=s={size}:r=30:d={SHOT_S}:speed=0.04:seed={shot}:n=4",
            f"cellauto=s={size}:r=30:seed={shot}:rule=110,trim=duration={SHOT_S}",
        )
        inputs += ["-f", "lavfi", "-i", kinds[shot % 3]]
    count = DURATION_S // SHOT_S
    looks = [f"hue=h={i * 47 % 360}:s={0.6 + 0.1 * (i % 5)},noise=alls={8 + i % 5}:allf=t" for i in range(count)]
    parts = "".join(f"[{i}:v]format=yuv420p,setsar=1,{look}[p{i}];" for i, look in enumerate(looks))
    return inputs, parts + "".join(f"[p{i}]" for i in range(count)) + f"concat=n={count}:v=1[v]"


def make(path: Path, size: str, rate: str) -> Path:
    """Write one film unless it is there."""
    if path.exists():
        return path
    inputs, graph = sources(size)
    sound = "aevalsrc='0.06*sin(2*PI*(180+40*sin(0.3*t))*t)*(0.6+0.4*sin(0.9*t))+0.01*(random(0)-0.5)':s=48000:c=stereo"
    part = path.with_suffix(".part.mp4")
    ffmpeg(
        *inputs, "-f", "lavfi", "-i", f"{sound}:d={DURATION_S}", "-filter_complex", graph, "-map", "[v]",
        "-map", f"{DURATION_S // SHOT_S}:a", "-c:v", "libx264", "-preset", "veryfast", "-b:v", rate, "-minrate", rate,
        "-maxrate", rate, "-bufsize", "20M", "-g", "250", "-c:a", "aac", "-b:a", "160k", part,
    )  # fmt: skip
    part.rename(path)
    return path


def benchmark_film(folder: Path) -> Path:
    """The fixed 60 s, 1080p30, 10 Mbit/s film."""
    return make(folder / "film60.mp4", "1920x1080", "10M")


def long_film(folder: Path) -> Path:
    """Two hours of 1080p30 at 1 Mbit/s, looped packet by packet."""
    path = folder / "film7200.mp4"
    if not path.exists():
        short = make(folder / "short.mp4", "1920x1080", "1M")
        ffmpeg("-stream_loop", str(LOOPS_OF_LONG), "-i", short, "-c", "copy", path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--long", action="store_true")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(benchmark_film(args.folder))
    if args.long:
        print(long_film(args.folder))


if __name__ == "__main__":
    main()
