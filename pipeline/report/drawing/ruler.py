"""The times along the axis."""

from __future__ import annotations

from pipeline.chart.sheet import tick_times, time_words
from pipeline.report.drawing.axis import Axis, Lane
from scoring.timebase import clock

_HEIGHT_PX, _ROOM_PX = 18, 42


def ruler(axis: Axis) -> Lane:
    """Round times, as many as the narrowest page has room for."""
    times_s = tick_times(axis.duration_s)
    step_s = times_s[1] - times_s[0] if len(times_s) > 1 else axis.duration_s
    ticks = "".join(
        f'<line x1="{axis.at(time_s)}" x2="{axis.at(time_s)}" y1="0" y2="5"/>'
        f'<svg x="{axis.at(time_s)}" overflow="visible"><text x="3" y="14">{time_words(time_s, step_s)}</text></svg>'
        for time_s in times_s
        if axis.phone_px(axis.duration_s - time_s) > _ROOM_PX
    )
    says = f"Time, from 0 to {clock(axis.duration_s)}"
    return Lane("Time", says, _HEIGHT_PX, f'<g class="ruler">{ticks}</g>')
