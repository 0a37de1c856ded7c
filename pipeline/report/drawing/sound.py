"""What is heard: the waveform with the gain laid over it, loudness against its target, speech over music."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.report.drawing.axis import Axis, Lane, Scale, crowd, level_line, stretched
from pipeline.report.drawing.series import Series, curve, line, outline, runs, thinned
from pipeline.report.drawing.words import count, figure
from pipeline.report.shown import Shown
from scoring.cue_sheet import Cue
from scoring.timebase import TimeRange, clock

RATE_HZ = 10.0  # of every series here
_WAVE_PX, _LOUDNESS_PX, _CLEARANCE_PX = 92, 84, 76
_EDGES_APART_PX = 8.0
_DEEPEST_DB = -24.0  # a mute lies at the foot
_MUTE_DB = -60.0
_UNDER_LU, _OVER_LU = 20.0, 8.0  # of the target


def wave_lane(axis: Axis, shown: Shown) -> Lane | None:
    """The music's waveform before that of the film's own sound, both to one scale, cue edges and ducking."""
    given = [peaks for peaks in (shown.film_peak, shown.music_peak) if peaks is not None and len(peaks)]
    if not given:
        return None
    loudest = max(1e-3, *(float(np.max(np.nan_to_num(peaks, posinf=0.0, neginf=0.0))) for peaks in given))
    paths: list[str] = []
    keys: list[tuple[str, str]] = []
    for name, word, peaks in (("film", "all sound", shown.film_peak), ("score", "music", shown.music_peak)):
        if peaks is not None and len(peaks):
            times_s, highest = thinned(peaks, RATE_HZ, "high")
            paths.append(f'<path class="wave {name}" d="{outline(axis, times_s, highest / loudest, _WAVE_PX)}"/>')
            keys.insert(0, (name, word))
    paths.append(_edges(axis, shown.cues))
    said = ""
    if shown.duck_db is not None and len(shown.duck_db):
        # A mute is minus infinity, which is no number that can be drawn but is known all the same.
        gain_db = np.maximum(np.nan_to_num(shown.duck_db, neginf=_MUTE_DB), _MUTE_DB)
        times_s, deepest_db = thinned(gain_db, RATE_HZ, "low")
        scale = Scale(_DEEPEST_DB, 0.0, _WAVE_PX)
        paths.append(curve(axis, scale, times_s, deepest_db, "duck"))
        keys.append(("duck", "gain (to −24 dB)"))
        least_db = float(deepest_db.min())
        said = f"; the music is turned down by up to {figure(-least_db, 'dB')} dB" if least_db < -0.1 else ""
        said = "; the music is muted somewhere" if least_db <= _MUTE_DB else said
    about = "Waveform of the music" if shown.music_peak is not None else "Waveform of all sound"
    return Lane(
        "Sound", about + said, _WAVE_PX, _speech(axis, shown.speech, _WAVE_PX) + stretched(_WAVE_PX, "".join(paths)),
        tuple(keys + ([("speech", "speech")] if shown.speech else [])),
    )  # fmt: skip


def loudness_lane(axis: Axis, shown: Shown) -> Lane | None:
    """Short-term loudness, with the target as a band."""
    values = shown.short_term_lufs
    if values is None or not np.isfinite(values).any():
        return None
    times_s, short_term = thinned(np.maximum(np.nan_to_num(values, nan=-120.0), -120.0), RATE_HZ, "mean")
    middle = shown.target_lufs if shown.target_lufs is not None else float(np.nanmax(short_term)) - _OVER_LU / 2
    scale = Scale(middle - _UNDER_LU, middle + _OVER_LU, _LOUDNESS_PX)
    ground, keys = "", [("loudness", "short-term")]
    if shown.target_lufs is not None:
        top, foot = (scale.y(shown.target_lufs + side * shown.tolerance_lu) for side in (1, -1))
        ground = f'<rect class="target" x="0" width="100%" y="{top:.1f}" height="{max(1.5, foot - top):.1f}"/>'
        keys.append(("target", "target"))
    first = round(middle)
    lines = "".join(level_line(scale, value, figure(value)) for value in (first, first - 12))
    loudest = int(np.nanargmax(values))
    says = f"Short-term loudness, loudest {figure(float(values[loudest]), 'LUFS')} LUFS at {clock(loudest / RATE_HZ)}"
    if shown.target_lufs is not None:
        says += f"; the target for the whole is {figure(shown.target_lufs, 'LUFS')} LUFS"
    drawn = stretched(_LOUDNESS_PX, curve(axis, scale, times_s, short_term, "loudness"))
    return Lane("Loudness", says, _LOUDNESS_PX, ground + lines + drawn, tuple(keys), "LUFS")


def clearance_lane(axis: Axis, shown: Shown) -> Lane | None:
    """How far speech stands over the music, beside what was wanted; red where it does not reach."""
    ground = _speech(axis, shown.speech, _CLEARANCE_PX)
    values = shown.clearance_lu
    if values is None or not np.isfinite(values).any():
        if not shown.speech:
            return None
        stretches = count(len(shown.speech), "stretch of speech", "stretches of speech")
        said = f"{stretches}; how far it stands over the music was not measured"
        return Lane("Speech", said, 20, _speech(axis, shown.speech, 20))
    times_s, worst = thinned(values, RATE_HZ, "low")
    wanted = shown.wanted_lu
    middle = wanted if wanted is not None else 14.0
    scale = Scale(middle - 14.0, middle + 18.0, _CLEARANCE_PX)
    paths = f'<path class="curve clearance" d="{line(axis, scale, times_s, worst)}"/>'
    keys = [("clearance", "measured"), ("speech", "speech")]
    least = int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))
    says = f"Speech over music, at its least {figure(float(values[least]), 'LU')} LU at {clock(least / RATE_HZ)}"
    lines = level_line(scale, middle - 12, figure(middle - 12)) + level_line(scale, middle + 12, figure(middle + 12))
    if wanted is not None:
        short = np.where(worst < wanted, worst, np.nan)
        paths += f'<path class="curve short" d="{line(axis, scale, times_s, short)}"/>'
        lines += level_line(scale, wanted, f"{figure(wanted)} wanted", "wanted")
        says += f"; at least {figure(wanted)} LU is wanted"
        if len(runs(np.isfinite(short))):
            keys.append(("short", "too little"))
    return Lane(
        "Speech over music", says, _CLEARANCE_PX, ground + lines + stretched(_CLEARANCE_PX, paths), tuple(keys), "LU"
    )


def _edges(axis: Axis, cues: Sequence[Cue]) -> str:
    """A line where each cue begins and where one ends with none after it."""
    units = sorted({axis.unit(time_s) for cue in cues for time_s in (cue.in_s, cue.out_s)})
    path = "".join(f"M{unit} 0V{_WAVE_PX}" for unit in units)
    return f'<path {crowd("edges", len(units), _EDGES_APART_PX)} d="{path}"/>' if path else ""


def _speech(axis: Axis, speech: Sequence[TimeRange], height_px: int) -> str:
    """A shade where somebody speaks."""
    path = "".join(
        f"M{axis.unit(one.start_s)} 0H{max(axis.unit(one.end_s), axis.unit(one.start_s) + 1)}V{height_px}"
        f"H{axis.unit(one.start_s)}Z"
        for one in speech
    )
    return stretched(height_px, f'<path class="speech" d="{path}"/>') if path else ""


def sampled(values: Series, rate_hz: float, times_s: Series) -> Series:
    """A series' values at times, NaN outside it."""
    places = np.floor(np.asarray(times_s) * rate_hz).astype(np.intp)
    inside = (places >= 0) & (places < len(values))
    return np.where(inside, np.asarray(values, np.float64)[np.clip(places, 0, max(0, len(values) - 1))], np.nan)
