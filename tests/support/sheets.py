"""Cue sheets for tests, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from scoring.cue_sheet import Cue, CueSheet, HitPoint, Metre, Transition
from scoring.key import Key
from scoring.timebase import FrameRate, TimeRange


def sheet(
    edges_s: Sequence[float],
    hits: Sequence[tuple[float, float]] = (),
    *,
    locked: Sequence[int] = (),
    silences: Sequence[TimeRange] = (),
    rate: FrameRate | None = None,
) -> CueSheet:
    """Cues between the edges. hits: (time s, weight). locked: indices of cues."""
    cues = [
        Cue(
            id=f"1m{index + 1}",
            in_s=in_s,
            out_s=out_s,
            mood="calm",
            bpm=80.0,
            key=Key.parse("C major"),
            metre=Metre(),
            first_downbeat_s=in_s,
            valence=0.0,
            arousal=0.0,
            tension=0.0,
            intensity=(),
            hit_points=tuple(HitPoint(t, w, 80.0, "cut") for t, w in hits if in_s <= t < out_s),
            transition=Transition("crossfade", 4.0) if out_s < edges_s[-1] else Transition("end", 0.0),
            prompt="",
            seed=100 + index,
            locked=index in locked,
        )
        for index, (in_s, out_s) in enumerate(pairwise(edges_s))
    ]
    return CueSheet(
        source="film.mp4",
        duration_s=edges_s[-1],
        frame_rate=rate or FrameRate(25),
        style="cinematic",
        seed=1,
        analyser="colour-motion",
        cues=tuple(cues),
        silences=tuple(silences),
    )
