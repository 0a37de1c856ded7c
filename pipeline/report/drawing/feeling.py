"""The film's feeling over time: valence and arousal as lines, tension as a shade."""

from __future__ import annotations

import numpy as np

from pipeline.chart.thinning import held
from pipeline.report.drawing.axis import Axis, Lane, Scale, level_line, stretched
from pipeline.report.drawing.series import MOST_POINTS, curve, means, under
from pipeline.report.drawing.words import figure
from pipeline.report.shown import Felt

_HEIGHT_PX = 104


def feeling_lane(axis: Axis, felt: Felt) -> Lane | None:
    """The three lines, from −1 to 1; tension from 0."""
    if len(felt.times_s) == 0:
        return None
    scale = Scale(-1.0, 1.0, _HEIGHT_PX)
    paths = []
    for name in ("tension", "arousal", "valence"):
        times_s, values = means(*held(felt.times_s, getattr(felt, name), axis.duration_s), MOST_POINTS)
        if name == "tension":
            paths.append(f'<path class="area {name}" d="{under(axis, scale, times_s, values, 0.0)}"/>')
        paths.append(curve(axis, scale, times_s, values, name))
    ground = "".join(level_line(scale, value, word) for value, word in ((1.0, "+1"), (0.0, "0"), (-1.0, "−1")))
    ranges = "; ".join(
        f"{name} from {figure(float(np.nanmin(values)))} to {figure(float(np.nanmax(values)))}"
        for name in ("valence", "arousal", "tension")
        if np.isfinite(values := np.asarray(getattr(felt, name), np.float64)).any()
    )
    return Lane(
        "Emotion",
        f"The film's emotion curve: {ranges}",
        _HEIGHT_PX,
        ground + stretched(_HEIGHT_PX, "".join(paths)),
        (("valence", "valence"), ("arousal", "arousal"), ("tension", "tension")),
    )
