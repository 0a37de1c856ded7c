"""What the crosshair says: every series at one time, as data for the page's script."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from pipeline.pages import holdable
from pipeline.report.drawing.axis import Axis
from pipeline.report.drawing.series import Series
from pipeline.report.drawing.sound import RATE_HZ, sampled
from pipeline.report.shown import Shown

MOST_MOMENTS = 2400


def readout(axis: Axis, shown: Shown) -> str:
    """JSON that may stand inside a script element: duration_s, series, cues and speech.

    series: name, unit and values, even over the film, null where unknown. cues: in, out, words. Times are seconds.
    """
    moments = max(2, min(MOST_MOMENTS, round(axis.duration_s * RATE_HZ)))
    times_s = (np.arange(moments) + 0.5) / moments * axis.duration_s
    series = [
        [name, unit, _plain(values, places)] for name, unit, values, places in _series(shown, times_s) if len(values)
    ]
    document = {
        "duration_s": axis.duration_s,
        "series": series,
        "cues": [
            [
                round(cue.in_s, 2),
                round(cue.out_s, 2),
                holdable(f"{cue.id} · {cue.mood} · {cue.bpm:.0f} bpm · {cue.key}")[:160],
            ]
            for cue in shown.cues
        ],
        "speech": [[round(one.start_s, 2), round(one.end_s, 2)] for one in shown.speech],
    }
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    # Inside a script element only "</script" and "<!--" mean anything, and both begin with this.
    return text.replace("<", "\\u003c")


def _series(shown: Shown, times_s: Series) -> list[tuple[str, str, Series, int]]:
    found: list[tuple[str, str, Series, int]] = []
    felt = shown.felt
    if felt is not None and len(felt.times_s):
        for name in ("valence", "arousal", "tension"):
            found.append((name, "", np.interp(times_s, felt.times_s, getattr(felt, name)), 2))
    tenths = (
        ("loudness", "LUFS", shown.short_term_lufs, 1),
        ("clearance", "LU", shown.clearance_lu, 1),
        ("gain", "dB", shown.duck_db, 1),
    )
    for name, unit, values, places in tenths:
        if values is not None and len(values):
            found.append((name, unit, sampled(values, RATE_HZ, times_s), places))
    return found


def _plain(values: Series, places: int) -> list[Any]:
    return [round(float(v), places) if math.isfinite(v) else None for v in values]
