"""What measuring costs: time against the film's length, and memory on a long one."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import clean_set
import numpy as np

from pipeline.card.card import measure_card
from pipeline.card.evidence import Evidence
from pipeline.card.residue import residue
from pipeline.card.tracking import Tracker
from pipeline.report.evidence import gather
from scoring.timebase import SAMPLE_RATE_HZ

TIMED = 12  # of the composer's films: three minutes long, with speech
LONG_S = 7200


def cost(place: clean_set.Place, folder: Path) -> None:
    """Print both."""
    import tomllib

    rows = tomllib.loads(clean_set.TABLE.read_text(encoding="utf-8"))["composer"]
    run = clean_set.scored(rows[TIMED - 1], f"composer-{TIMED:02}", place)
    began = _now()
    evidence = gather(run)
    gathered = _now()
    measure_card(evidence)
    done = _now()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; shares of {evidence.duration_s:.0f} s of film")
    for name, (one, other) in {
        "decode, subtract, track": (began, gathered),
        "rows": (gathered, done),
        "all": (began, done),
    }.items():
        wall_s, processor_s = (b - a for a, b in zip(one, other, strict=True))
        print(
            f"  {name:<26}wall {wall_s / evidence.duration_s:.4f}  processor {processor_s / evidence.duration_s:.4f}"
            f"  ({wall_s:.2f} s)"
        )
    before_mb = _peak_mb()
    tracked = _tracked(evidence)
    print(f"two hours tracked: peak memory {before_mb:.0f} MB before, {_peak_mb():.0f} MB after; {tracked}", flush=True)


def _tracked(evidence: Evidence) -> str:
    """Two hours of music under noise, subtracted and tracked; the features' size."""
    rng = np.random.default_rng(0)
    music = (0.1 * rng.standard_normal((2, 7 * SAMPLE_RATE_HZ))).astype(np.float32)
    film = (0.03 * rng.standard_normal((2, 11 * SAMPLE_RATE_HZ))).astype(np.float32)

    def repeated(*loops: np.ndarray) -> Iterator[np.ndarray]:
        for second in range(LONG_S):
            parts = [loop[:, (at := second * SAMPLE_RATE_HZ % loop.shape[1]) : at + SAMPLE_RATE_HZ] for loop in loops]
            yield np.sum(parts, axis=0)

    alone, together = Tracker(), Tracker()
    for left, whole in residue(repeated(music, film), repeated(film)):
        alone.add(left)
        together.add(whole)
    tracks = (alone.track(), together.track())
    size = sum(
        getattr(track, name).nbytes
        for track in tracks
        for name in track.__slots__
        if isinstance(getattr(track, name), np.ndarray)
    )
    return f"both tracks hold {size / 2**20:.0f} MB"


def _now() -> tuple[float, float]:
    """Wall and processor seconds, children's too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.monotonic(), sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
