"""What is delivered: loudness, peaks, clipping, spectrum, stereo, hum, length, offset (rows F, G2, H1)."""

from __future__ import annotations

import math
from dataclasses import replace

from pipeline.card.balance import balance_rows
from pipeline.card.evidence import Encoded, Evidence
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row
from pipeline.sound.loudness import SILENCE_LUFS
from scoring.timebase import clock

_NO_FILE = "There is no encoded file to measure"
_SHOWN_LU = 0.05  # ebur128 prints tenths
_ELSEWHERE_CLIPPED = 16.0  # samples: a loud master made elsewhere holds shorter runs that nobody hears
_ELSEWHERE_LENGTH_MS = 1000.0  # recordings made elsewhere often end a few pictures early or late


def delivery_rows(evidence: Evidence) -> list[Row]:
    """The rows of the finished file."""
    encoded = evidence.encoded
    if encoded is None:
        rows = [unmeasured(name, _NO_FILE) for name in ("F1", "F1-peak", "F1-range", "G2", "H1")]
    else:
        rows = [_loudness(encoded), _peak(encoded), _range(encoded), _length(encoded, evidence), _offset(encoded)]
    return [*rows, _clipped(evidence), *balance_rows(evidence)]


def _is_silent(encoded: Encoded) -> bool:
    return not math.isfinite(encoded.integrated_lufs)


def _loudness(encoded: Encoded) -> Row:
    """Judged by its distance from the target, shown as it is."""
    target = encoded.target
    lufs = SILENCE_LUFS if _is_silent(encoded) else encoded.integrated_lufs
    if target is None:
        return replace(judged("F1", 0.0), value=lufs, allowed="no standard was named", status="info")
    off_lu = lufs - target.integrated_lufs
    limit_lu = target.tolerance_lu + _SHOWN_LU
    if _is_silent(encoded):
        told = "The film is silent; check that music was laid and is not muted"
    else:
        side = "louder" if off_lu > 0 else "softer"
        told = f"The film is {abs(off_lu):.1f} LU {side} than {target.title} asks; master it again or choose a target"
    row = judged(
        "F1",
        abs(off_lu),
        good=limit_lu,
        bad=limit_lu,
        allowed=f"{target.integrated_lufs:g} ±{target.tolerance_lu:g}",
        told=told,
        detail={"off_lu": round(off_lu, 2), "target": target.name, "silent": _is_silent(encoded)},
    )
    return replace(row, value=lufs, source=target.source)


def _peak(encoded: Encoded) -> Row:
    peak_db, target = encoded.true_peak_dbtp, encoded.target
    if _is_silent(encoded) or not math.isfinite(peak_db):
        return unmeasured("F1-peak", "The film is silent")
    if target is None:
        return replace(judged("F1-peak", peak_db), allowed="no standard was named", status="info", advice="")
    most_db = target.true_peak_dbtp + _SHOWN_LU
    row = judged("F1-peak", peak_db, good=most_db, bad=most_db, allowed=f"at most {target.true_peak_dbtp:g}")
    return replace(row, source=target.source)


def _range(encoded: Encoded) -> Row:
    if _is_silent(encoded) or not math.isfinite(encoded.range_lu):
        return unmeasured("F1-range", "The film is silent")
    return judged("F1-range", encoded.range_lu)


def _length(encoded: Encoded, evidence: Evidence) -> Row:
    error_s = encoded.length_error_s
    if error_s is None:
        return unmeasured("G2", "The picture's length or the sound's is not known")
    frame_ms = 1000 * encoded.frame_s
    side = "longer" if error_s > 0 else "shorter"
    row = judged(
        "G2",
        abs(error_s) * 1000,
        good=frame_ms + 0.5,
        bad=frame_ms + 0.5 if evidence.plan else max(frame_ms, _ELSEWHERE_LENGTH_MS),
        allowed=f"within one picture, {frame_ms:.1f}",
        side=side,
    )
    return replace(row, value=error_s * 1000)


def _offset(encoded: Encoded) -> Row:
    offset_ms = encoded.offset_ms
    if offset_ms is None:
        return unmeasured("H1", "There is nothing to compare the finished sound with")
    row = judged("H1", abs(offset_ms), side="late" if offset_ms > 0 else "early")
    return replace(row, value=offset_ms)


def _clipped(evidence: Evidence) -> Row:
    track = evidence.whole or evidence.music
    if track is None:
        return unmeasured("F2", "The sound could not be read")
    worst = max(track.clips, key=lambda clip: clip.samples, default=None)
    if worst is None:
        return judged("F2", 0.0)
    count = len(track.clips)
    return judged(
        "F2",
        float(worst.samples),
        at_s=worst.time_s,
        bad=None if evidence.plan else _ELSEWHERE_CLIPPED,
        detail={"runs": count},
        at=clock(worst.time_s),
        count=count,
    )
