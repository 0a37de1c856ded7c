"""How fast the composer is, as multiples of real time, and how much memory a cue takes.

    python benchmarks/composer.py [--seconds 60] [--styles cinematic,ambient,upbeat] [--repeats 3]

Run it on an idle machine; it judges nothing.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Sequence

from music_engine.composer.engine import Composer
from scoring.cue_sheet import HitPoint, Metre
from scoring.key import Key
from scoring.request import CueRequest
from scoring.style import load_style, style_names


def request_of(style: str, seconds: float) -> CueRequest:
    """A cue that grows from calm to full, with a hit every eight seconds: no player stays silent."""
    low, high = load_style(style).tempo_range_bpm
    bpm = (low + high) / 2
    return CueRequest(
        cue_id="1m1",
        style=style,
        prompt="",
        mood="calm",
        duration_s=seconds,
        bpm=bpm,
        key=Key.parse("D dorian"),
        metre=Metre(4, 4),
        first_downbeat_s=0.0,
        valence=0.1,
        arousal=0.4,
        tension=0.4,
        intensity=((0.0, 0.3), (seconds / 2, 1.0), (seconds, 0.8)),
        hit_points=tuple(HitPoint(t * 60 / bpm, 0.8, 80.0, "cut") for t in range(16, int(seconds * bpm / 60), 16)),
        ending="end",
        seed=1,
        film_seed=2,
        is_first=True,
        is_last=True,
        lead_in_s=0.0,
        tail_s=0.0,
    )


def ratios(composer: Composer, request: CueRequest, *, with_stems: bool, repeats: int) -> tuple[float, float]:
    """Medians of length over wall time and over processor time: the second is steadier on a shared machine."""
    walls, processors = [], []
    for _ in range(repeats):
        wall_s, processor_s = time.perf_counter(), time.process_time()
        composer.compose([request], with_stems=with_stems)
        walls.append(request.duration_s / (time.perf_counter() - wall_s))
        processors.append(request.duration_s / (time.process_time() - processor_s))
    return statistics.median(walls), statistics.median(processors)


def peak_mb() -> float:
    """Most memory this process has held, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one line a style: mix only, five stems, and the memory above what a two-second cue takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--styles", default=",".join(style_names()))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    composer = Composer()
    for style in options.styles.split(","):
        composer.compose([request_of(style, 2.0)], with_stems=True)
    base_mb = peak_mb()
    print("times real time: wall / processor; goals 25 for the mix only, 12 with five stems")
    print(f"{'style':<12}{'mix only':>16}{'5 stems':>16}{'memory above ' + format(base_mb, '.0f') + ' MB':>24}")
    for style in options.styles.split(","):
        request = request_of(style, options.seconds)
        plain = ratios(composer, request, with_stems=False, repeats=options.repeats)
        stems = ratios(composer, request, with_stems=True, repeats=options.repeats)
        columns = [f"{wall:.1f} / {processor:.1f}" for wall, processor in (plain, stems)]
        print(f"{style:<12}{columns[0]:>16}{columns[1]:>16}{peak_mb() - base_mb:>20.0f} MB")


if __name__ == "__main__":
    main()
