"""The rows below the curve: cuts, speech, music, voices, movement and the sound's level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.chart.asides import say_at_end, say_empty
from pipeline.chart.palette import CUT, FAINT, INK, LINE
from pipeline.chart.thinning import Series, held, thin
from scoring.analysis import Curve, Shots
from scoring.timebase import TimeRange

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CUTS_TOLD_APART = 400  # more lines than this are a grey wall: then the row shows how many there are a minute
CUTS_THROUGH_THE_CURVE = 150
_PIECES = 80
_QUIETEST_DB = -60.0  # the bottom of the sound's row


def draw_cuts(axes: Axes, shots: Shots) -> None:
    """A line for each cut; a dissolve or a fade is as wide as it is long. Of very many, how many a minute."""
    if not shots.cuts:
        say_empty(axes, "one shot, no cuts")
    elif len(shots.cuts) <= CUTS_TOLD_APART:
        _spans(axes, shots, "#C3C8D0", 1.0)
        axes.vlines([cut.time_s for cut in shots.cuts], 0.0, 1.0, colors=INK, linewidths=1.0, zorder=3)
    else:
        edges_s = np.linspace(0.0, shots.duration_s, _PIECES + 1)
        count, _ = np.histogram([cut.time_s for cut in shots.cuts], bins=edges_s)
        a_minute = count / (shots.duration_s / _PIECES / 60)
        axes.stairs(a_minute / a_minute.max(), edges_s, fill=True, color=CUT, zorder=2)
        say_at_end(axes, f"{a_minute.max():.0f}/min", 1.0)


def draw_cuts_through(axes: Axes, shots: Shots) -> None:
    """The cuts as thin lines behind what a row shows; none where there would be too many."""
    if len(shots.cuts) <= CUTS_THROUGH_THE_CURVE:
        _spans(axes, shots, "#EDEFF2", 0.0)
        whole = axes.get_xaxis_transform()
        axes.vlines(
            [cut.time_s for cut in shots.cuts], 0.0, 1.0, colors=CUT, linewidths=0.7, zorder=0.5, transform=whole
        )


def _spans(axes: Axes, shots: Shots, colour: str, zorder: float) -> None:
    for cut in shots.cuts:
        if cut.length_s > 0.0:
            axes.axvspan(cut.start_s, cut.end_s, color=colour, linewidth=0, zorder=zorder)


def draw_bars(axes: Axes, ranges: Sequence[TimeRange], colour: str, nothing: str) -> None:
    """A bar for each range on a faint ground. nothing: what to say where there is none."""
    if not ranges:
        say_empty(axes, nothing)
        return
    axes.axhspan(0.0, 1.0, color="#F3F4F6", linewidth=0, zorder=-1)
    axes.broken_barh([(r.start_s, r.duration_s) for r in ranges], (0.12, 0.76), facecolors=colour, linewidth=0)


def draw_level(axes: Axes, rate_hz: float, sound_db: Curve, colour: str, most: int) -> None:
    """The sound's level, dBFS, from −60 to 0."""
    times_s = (np.arange(len(sound_db)) + 0.5) / rate_hz
    if len(sound_db) == 0 or float(sound_db.max()) <= _QUIETEST_DB:
        say_empty(axes, "silent")
        return
    shares = np.clip(1.0 - sound_db / _QUIETEST_DB, 0.0, 1.0)
    _filled(axes, times_s, shares, colour, most)
    say_at_end(axes, "0 dBFS", 1.0)
    say_at_end(axes, "−60", 0.0)


def draw_motion(axes: Axes, rate_hz: float, motion: Curve, colour: str, most: int) -> None:
    """How much moves, 0..1 by its own greatest: it is small numbers that differ much from film to film."""
    greatest = float(motion.max(initial=0.0))
    if greatest <= 1e-4:
        say_empty(axes, "nothing moves")
        return
    _filled(axes, (np.arange(len(motion)) + 0.5) / rate_hz, motion / greatest, colour, most)
    say_at_end(axes, f"{greatest:.2f} of 1", 1.0)


def draw_voice(axes: Axes, times_s: Curve, voice: Curve, colour: str, most: int) -> None:
    """How much livelier or calmer than usual the voices are, −1..1 about a middle line."""
    axes.set_ylim(-1.0, 1.0)
    axes.axhline(0.0, color=FAINT, linewidth=0.8, zorder=1)
    _filled(axes, times_s, voice, colour, most)
    say_at_end(axes, "livelier", 1.0)
    say_at_end(axes, "calmer", 0.0)


def _filled(axes: Axes, times_s: Series, values: Series, colour: str, most: int) -> None:
    shown = thin(*held(times_s, values, axes.get_xlim()[1]), most)
    axes.fill_between(shown.times_s, 0.0, shown.high, color=colour, alpha=0.35, linewidth=0, zorder=2)
    axes.fill_between(shown.times_s, 0.0, shown.mean, color=colour, alpha=0.75, linewidth=0, zorder=2)
    axes.axhline(0.0, color=LINE, linewidth=0.8, zorder=1)
