"""How long a minute of music takes through the front door of pipeline/music, by the composer, and where the time goes.

    python benchmarks/music.py [--runs 24] [--seconds 60] [--cores 2] [--format mp3]

Prompts, lyrics, styles and seeds vary from run to run; the engine is made once, as a worker keeps it, and once more for
every cold run. It judges nothing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from music_engine.sdk.export import export
from music_engine.sdk.generator import MusicGenerator
from pipeline.music.ask import MusicAsk
from pipeline.music.generation import generate_music, make_generator
from pipeline.settings import Settings

PROMPTS = (
    "warm acoustic pop with guitar and piano",
    "[intro] soft piano [verse] upright bass [chorus] loud drums and strings",
    "epic cinematic trailer with taiko and brass, 120 bpm, D minor",
    "lo-fi hip hop, electric piano, vinyl crackle, slow",
    "温柔的抒情钢琴，弦乐",
    "upbeat electronic dance, synth, drums, 128 bpm",
)
LYRICS = (
    None,
    "[intro - piano]\n[verse]\nWalking down the empty street tonight\nThe rain is falling on the window pane\n"
    "[chorus]\nOh, carry me home\nCarry me home across the river\n[verse]\nMorning finds me waiting by the door\n"
    "The coffee cold, the radio is on\n[chorus]\nOh, carry me home\nCarry me home across the river\n[outro]",
    "[主歌]\n走在空荡的街上\n雨落在窗前\n[副歌：小提琴]\n带我回家\n带我回家吧\n",
)


def asks(runs: int, seconds: float, output_format: str) -> list[MusicAsk]:
    """Different ones, as many as wanted."""
    pairs = itertools.cycle(itertools.product(PROMPTS, LYRICS))
    return [
        MusicAsk(prompt, lyrics, seconds, output_format, engine="composer", seed=number)  # type: ignore[arg-type]
        for number, (prompt, lyrics) in zip(range(runs), pairs, strict=False)
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """By the nearest rank, so that it is one of the values."""
    ordered = sorted(values)
    return ordered[min(max(round(share * len(ordered) + 0.5) - 1, 0), len(ordered) - 1)]


def show(name: str, values: Sequence[float]) -> None:
    """One row."""
    p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
    print(f"{name:34} {len(values):4} {p50:8.2f} {p95:8.2f} {max(values):8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=24)
    parser.add_argument("--cold", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--format", default="mp3")
    wanted = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: wanted.cores])
        print(f"{len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f}", flush=True)
    made = asks(wanted.runs, wanted.seconds, wanted.format)
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"music.{wanted.format}"
        started_s = time.perf_counter()
        generator, _ = make_generator(made[0], settings)
        first_s = time.perf_counter() - started_s
        whole, processor = [], []
        for ask in made:
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            generate_music(ask, output, settings=settings, generator=generator)
            whole.append(time.perf_counter() - wall_s)
            processor.append(time.process_time() - cpu_s)
        cold = []
        for ask in made[: wanted.cold]:
            wall_s = time.perf_counter()
            generate_music(ask, output, settings=settings)
            cold.append(time.perf_counter() - wall_s)
        composing, encoding = parts(generator, made[: max(wanted.runs // 3, 1)], output)
    print(f"{wanted.seconds:g} s of music as {wanted.format}; seconds of    runs      p50      p95      max")
    show("the front door, engine kept", whole)
    show("  processor time of that", processor)
    show("the front door, engine made anew", cold)
    show("composing alone", composing)
    show("encoding and writing alone", encoding)
    print(f"making the engine the first time: {first_s:.2f} s")
    scale = 1 if sys.platform == "darwin" else 1024
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    print(f"peak memory {peak_bytes / 1e6:.0f} MB; mean {statistics.mean(whole):.2f} s", end="")
    print(f"; load average at the end {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")


def parts(generator: MusicGenerator, made: Sequence[MusicAsk], output: Path) -> tuple[list[float], list[float]]:
    """Seconds of composing, and of encoding what was composed."""
    composing, encoding = [], []
    for ask in made:
        started_s = time.perf_counter()
        music = generator.generate(ask.prompt, ask.duration_s, lyrics=ask.lyrics, seed=ask.own_seed, stems=False)
        composed_s = time.perf_counter()
        export(music.audio, output)
        composing.append(composed_s - started_s)
        encoding.append(time.perf_counter() - composed_s)
    return composing, encoding


if __name__ == "__main__":
    main()
