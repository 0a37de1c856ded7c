"""The curve: valence, arousal and tension over the film, the paler the less sure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.chart.lettering import SIZE, SMALL, write
from pipeline.chart.palette import AROUSAL, FAINT, LINE, TENSION, VALENCE
from pipeline.chart.thinning import Series, held, thin
from scoring.analysis import Analysis, Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Design choices. Confidence is on the scale of a correlation with what people say; 0.6 is as good as analysers get.
_PALEST, _SURE = 0.3, 0.6
_LEVELS = 6  # of paleness
_APART_PX = 22.0
_TIGHT_PX = 7  # of a long film a point every so many pixels: what rises and falls faster is a scribble, not a line


def draw_curve(axes: Axes, analysis: Analysis, width_px: int = 1600) -> None:
    """Draw the three lines from −1 to 1, each named at its end, with a step at every hard cut.

    Of a film with more values than width_px can show apart, the lines are means and the extremes a shade around them.
    """
    curve = analysis.curve
    axes.set_ylim(-1.08, 1.08)
    _ground(axes, analysis.duration_s)
    if len(curve.times_s) == 0:
        return
    cuts_s = [cut.time_s for cut in analysis.shots.cuts if cut.length_s == 0.0]
    times_s, confidence = _stepped(curve.times_s, curve.confidence, analysis.duration_s, cuts_s)
    most = width_px // _TIGHT_PX if len(times_s) > width_px // 2 else len(times_s)
    sure = thin(times_s, confidence, most).mean
    ends = []
    for name, colour, width in (("tension", TENSION, 1.6), ("arousal", AROUSAL, 2.3), ("valence", VALENCE, 2.3)):
        line = thin(*_stepped(curve.times_s, getattr(curve, name), analysis.duration_s, cuts_s), most)
        if name == "tension":
            axes.fill_between(line.times_s, 0.0, line.mean, color=colour, alpha=0.14, linewidth=0, zorder=1)
        elif len(line.times_s) < len(times_s):
            axes.fill_between(line.times_s, line.low, line.high, color=colour, alpha=0.14, linewidth=0, zorder=2)
        _pale_line(axes, line.times_s, line.mean, sure, colour, width)
        ends.append((name, colour, float(line.mean[-1])))
    _name_ends(axes, ends)


def _stepped(times_s: Curve, values: Curve, duration_s: float, cuts_s: Sequence[float]) -> tuple[Series, Series]:
    """A series from the film's first moment to its last that holds its value up to each cut and is new from there."""
    times, shown = held(times_s, values, duration_s)
    cuts = np.asarray([cut_s for cut_s in cuts_s if times[0] < cut_s < times[-1]])
    if len(cuts) == 0:
        return times, shown
    after = np.searchsorted(
        times, cuts, side="left"
    )  # the first value of the new shot; a cut on a value begins with it
    places = np.repeat(after, 2)
    held_values = np.column_stack((shown[after - 1], shown[after])).ravel()
    return np.insert(times, places, np.repeat(cuts, 2)), np.insert(shown, places, held_values)


def _ground(axes: Axes, duration_s: float) -> None:
    for value, words in ((1.0, "+1"), (0.5, ""), (0.0, "0"), (-0.5, ""), (-1.0, "−1")):
        axes.hlines(value, 0.0, duration_s, colors=FAINT if value == 0.0 else LINE, linewidths=0.8, zorder=0)
        if words:
            write(
                axes, -0.008, value, words, size=SMALL, ha="right", va="center", color=FAINT,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
    for value, words in ((-0.43, "paler:"), (-0.54, "less sure")):
        write(
            axes, -0.008, value, words, size=SMALL - 1, ha="right", va="center", color=FAINT,
            transform=axes.get_yaxis_transform(),
        )  # fmt: skip


def _pale_line(axes: Axes, times_s: Series, values: Series, sure: Series, colour: str, width: float) -> None:
    """One line in pieces, each as dark as its confidence."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    levels = np.round(np.clip(sure / _SURE, 0.0, 1.0) * _LEVELS).astype(np.intp)
    starts = [0, *(np.flatnonzero(np.diff(levels[:-1])) + 1), len(levels) - 1]
    points = np.column_stack((times_s, values))
    pieces = [points[a : b + 1] for a, b in pairwise(starts)]
    shades = [to_rgba(colour, _PALEST + (1.0 - _PALEST) * levels[a] / _LEVELS) for a in starts[:-1]]
    axes.add_collection(
        LineCollection(pieces, colors=shades, linewidths=width, capstyle="butt", joinstyle="round", zorder=3),
        autolim=False,
    )


def _name_ends(axes: Axes, ends: Sequence[tuple[str, str, float]]) -> None:
    """The lines' names at the right, pushed apart where they would stand on each other."""
    to_px, to_value = axes.transData, axes.transData.inverted()
    rising = sorted(ends, key=lambda end: end[2])
    places_px = np.array([to_px.transform((0.0, value))[1] for *_, value in rising])
    wanted_px = places_px.mean() + (np.arange(len(rising)) - (len(rising) - 1) / 2) * _APART_PX
    for _ in range(len(rising)):
        for i in range(1, len(rising)):
            lack = _APART_PX - (places_px[i] - places_px[i - 1])
            if lack > 0:
                places_px[i - 1], places_px[i] = places_px[i - 1] - lack / 2, places_px[i] + lack / 2
    if np.any(np.diff(places_px) < _APART_PX - 0.5):
        places_px = wanted_px
    frame = axes.get_window_extent()
    places_px += max(0.0, frame.y0 + 8 - places_px[0]) - max(0.0, places_px[-1] - frame.y1 + 8)
    for (name, colour, _), place_px in zip(rising, places_px, strict=True):
        y = float(to_value.transform((0.0, place_px))[1])
        write(
            axes, 1.006, y, name, size=SIZE, ha="left", va="center", color=colour, fontweight="bold",
            transform=axes.get_yaxis_transform(),
        )  # fmt: skip
