"""Long series as short paths: no more points than a page can show, gaps where nothing is known."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.chart.thinning import thin
from pipeline.report.drawing.axis import Axis, Scale

Series = NDArray[np.floating[Any]]
MOST_POINTS = 1800  # of two hours one every four seconds
_CALM_POINTS = 280  # of a long film seen as a whole: what rises and falls faster is a scribble, not a line
_LEAST_PX = 0.4  # silence is a line, not nothing


def thinned(values: Series, rate_hz: float, keep: Literal["mean", "low", "high"]) -> tuple[Series, Series]:
    """Times s and values at most MOST_POINTS long; of neighbours their mean, lowest or highest that is known.

    values: [T] at an even rate, NaN or infinite where unknown; NaN stays only where none of the neighbours is known.
    """
    values = np.asarray(values, np.float64)
    times_s = (np.arange(len(values)) + 0.5) / rate_hz
    known = np.isfinite(values)
    if keep == "mean":
        return means(times_s, values, MOST_POINTS)
    outside = np.inf if keep == "low" else -np.inf
    found = thin(times_s, np.where(known, values, outside), MOST_POINTS)
    chosen = found.low if keep == "low" else found.high
    return found.times_s, np.where(np.isfinite(chosen), chosen, np.nan)


def means(times_s: Series, values: Series, most: int) -> tuple[Series, Series]:
    """At most that many points, each the mean of what is known of its neighbours; NaN where nothing is."""
    known = np.isfinite(values)
    shares = thin(times_s, known.astype(np.float64), most)
    sums = thin(times_s, np.where(known, values, 0.0), most).mean
    return shares.times_s, np.where(shares.mean > 0, sums / np.maximum(shares.mean, 1e-9), np.nan)


def curve(axis: Axis, scale: Scale, times_s: Series, values: Series, kind: str) -> str:
    """A line as an SVG path; of a long series two: a calm one for the whole, a finer one for who looks nearer."""
    fine = line(axis, scale, times_s, values)
    if len(times_s) <= MOST_POINTS // 2:
        return f'<path class="curve {kind}" d="{fine}"/>'
    calm = line(axis, scale, *means(times_s, values, _CALM_POINTS))
    return f'<path class="curve {kind} far" d="{calm}"/><path class="curve {kind} near" d="{fine}"/>'


def line(axis: Axis, scale: Scale, times_s: Series, values: Series) -> str:
    """A path's d through all known values; a new piece after each gap."""
    pieces = []
    for first, last in runs(np.isfinite(values)):
        points = [
            f"{axis.unit(t)} {scale.y(v):.1f}" for t, v in zip(times_s[first:last], values[first:last], strict=True)
        ]
        pieces.append("M" + "L".join(points if len(points) > 1 else points * 2))
    return "".join(pieces)


def under(axis: Axis, scale: Scale, times_s: Series, values: Series, base: float) -> str:
    """A path's d of the area between known values and a base value."""
    pieces = []
    for first, last in runs(np.isfinite(values)):
        start, end = axis.unit(times_s[first]), axis.unit(times_s[last - 1])
        y = scale.y(base)
        points = [
            f"{axis.unit(t)} {scale.y(v):.1f}" for t, v in zip(times_s[first:last], values[first:last], strict=True)
        ]
        pieces.append(f"M{start} {y:.1f}L{'L'.join(points)}L{end} {y:.1f}Z")
    return "".join(pieces)


def outline(axis: Axis, times_s: Series, shares: Series, height_px: int) -> str:
    """A path's d of a waveform: shares 0..1 of half the height, above and below the middle."""
    half = height_px / 2
    reach = np.clip(np.nan_to_num(shares), 0.0, 1.0) * (half - 1)
    reach = np.maximum(reach, _LEAST_PX)
    units = [axis.unit(t) for t in times_s]
    above = [f"{x} {half - r:.1f}" for x, r in zip(units, reach, strict=True)]
    below = [f"{x} {half + r:.1f}" for x, r in zip(units[::-1], reach[::-1], strict=True)]
    return f"M{'L'.join([*above, *below])}Z"


def runs(known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches that are true, half-open."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
