"""Fullness: how much louder a cue is because of who plays in it, so that more players need not turn the bed down."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from music_engine.composer.arrangement import FIGURES, Arrangement
from music_engine.composer.form import Bar, Form
from scoring.style import Style
from scoring.timebase import TimeRange

_GATE_LU = 12.0  # as the meter's (loudness.py): bars of a few soft players do not count


def fuller_lu(
    form: Form, style: Style, arrangement: Arrangement, plainly: Arrangement, speech: Sequence[TimeRange]
) -> float:
    """How much louder the cue is with one arrangement than with another, LU.

    Every layer has its own loudness while it plays and they add as powers do; the figures rest under speech.
    """
    fuller, plain = (_power(form, style, which, speech) for which in (arrangement, plainly))
    return 10.0 * math.log10(fuller / plain) if fuller > 0.0 and plain > 0.0 else 0.0


def _power(form: Form, style: Style, arrangement: Arrangement, speech: Sequence[TimeRange]) -> float:
    """Mean over the bars that count, relative to the cue's loudness."""
    powers = np.array([_bar_power(bar, form, style, arrangement, speech) for bar in form.bars])
    beats = np.array([bar.beats for bar in form.bars])
    if not powers.any():
        return 0.0
    counts = powers >= np.average(powers, weights=beats) * 10.0 ** (-_GATE_LU / 10.0)
    return float(np.average(powers[counts], weights=beats[counts]))


def _bar_power(bar: Bar, form: Form, style: Style, arrangement: Arrangement, speech: Sequence[TimeRange]) -> float:
    is_spoken = any(stretch.contains(form.time_s(bar.beat + bar.beats / 2)) for stretch in speech)
    playing = (
        layer
        for layer in style.layers
        if layer.kind != "effects" and arrangement.plays(layer, bar) and not (is_spoken and layer.kind in FIGURES)
    )
    return float(sum(10.0 ** (layer.level_lu / 10.0) for layer in playing))
