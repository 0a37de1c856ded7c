"""Brings everything that was measured to the curve's own times: one smooth track for each cue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve
from vision.activity import bin_centres_s, shot_of
from vision.analyser import CURVE_RATE_HZ, Reading
from vision.colour import LOOK_NAMES, LookMeter
from vision.relations import SCALES
from vision.smoothing import smooth

# Design choices. Looks and movement belong to a shot and are never smoothed across a cut; sound and the pace of cutting
# flow on across cuts.
LOOK_SIGMA_S = 1.5
MOTION_SIGMA_S = 1.0
SOUND_SIGMA_S = 1.0
PACE_SIGMA_S = 4.0
SOUND_SPREAD_SIGMA_S = 3.0

QUIET_DB = -60.0  # below this all silence is alike
CLEAR_CONTRAST = 0.08  # luma deviation from which a picture says all it can; a plain field says nothing
LEAST_WEIGHT = 0.01  # a plain field's say among its neighbours
GREY, COLOURED = 5.0, 15.0  # colourfulness: up to the first a film is black and white, from the second it has colour


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a mood at each of T times, and how clearly.

    cues: [T] for every name in SCALES, each in its own unit. visible: [T] 0..1, how much there is to see.
    coloured: 0 for a black and white film, 1 for one in colour. audible: whether the film has sound.
    sound_spread_db: [T] how much the level varies nearby. stills: how many were seen.
    """

    times_s: Curve
    cues: Mapping[str, Curve]
    visible: Curve
    coloured: float
    audible: bool
    sound_spread_db: Curve
    stills: int


def gather(looks: LookMeter, reading: Reading) -> Evidence:
    """All cues at CURVE_RATE_HZ, from 0 s to the end of the film."""
    times_s = np.arange(max(1, int(np.ceil(reading.duration_s * CURVE_RATE_HZ - 1e-6)))) / CURVE_RATE_HZ
    seen, visible = _looks_over_time(looks, reading, times_s)
    bins_s = bin_centres_s(len(reading.activity.motion))
    cuts = reading.shots.cuts
    motion = _flow(
        bins_s, reading.activity.motion, times_s, MOTION_SIGMA_S, shot_of(bins_s, cuts), shot_of(times_s, cuts)
    )
    level_db = np.maximum(reading.activity.sound_db, QUIET_DB)
    power = _flow(bins_s, 10.0 ** (level_db / 10.0), times_s, SOUND_SIGMA_S)
    mean_db = _flow(bins_s, level_db, times_s, SOUND_SPREAD_SIGMA_S)
    mean_square_db = _flow(bins_s, level_db**2, times_s, SOUND_SPREAD_SIGMA_S)
    heard = {
        "motion": motion,
        "cut_pace": _flow(bins_s, reading.cut_pace, times_s, PACE_SIGMA_S),
        "loudness": 10.0 * np.log10(power),
    }
    return Evidence(
        times_s=times_s,
        cues={**seen, **heard},
        visible=visible,
        coloured=_coloured(looks),
        audible=reading.has_sound,
        sound_spread_db=np.sqrt(np.maximum(mean_square_db - mean_db**2, 0.0)),
        stills=len(looks.times_s),
    )


def _looks_over_time(looks: LookMeter, reading: Reading, times_s: Curve) -> tuple[dict[str, Curve], Curve]:
    """The looks at each time, and how much there was to see; plain neutral when no still came."""
    stills_s = looks.times_s
    if len(stills_s) == 0:
        return {name: np.full(len(times_s), SCALES[name].middle) for name in LOOK_NAMES}, np.zeros(len(times_s))
    values = looks.looks
    clear = np.clip(values[:, LOOK_NAMES.index("contrast")] / CLEAR_CONTRAST, 0.0, 1.0)
    cuts = reading.shots.cuts
    shots, at_shots = shot_of(stills_s, cuts), shot_of(times_s, cuts)
    weights = np.maximum(clear, LEAST_WEIGHT)
    smoothed = smooth(stills_s, values, weights, shots, times_s, at_shots, LOOK_SIGMA_S)
    visible = smooth(stills_s, clear[:, None], np.ones(len(clear)), shots, times_s, at_shots, LOOK_SIGMA_S)
    return dict(zip(LOOK_NAMES, smoothed.T, strict=True)), visible[:, 0]


def _flow(
    bins_s: Curve,
    values: Curve,
    times_s: Curve,
    sigma_s: float,
    shots: Curve | None = None,
    at_shots: Curve | None = None,
) -> Curve:
    """[T] a 10 Hz track, smoothed, at the curve's times; across cuts unless the shots are given."""
    shots = np.zeros(len(bins_s)) if shots is None else shots
    at_shots = np.zeros(len(times_s)) if at_shots is None else at_shots
    return smooth(bins_s, values[:, None], np.ones(len(bins_s)), shots, times_s, at_shots, sigma_s)[:, 0]


def _coloured(looks: LookMeter) -> float:
    """0..1 from the film's more colourful stills: a colour film may begin in grey, a grey one has tinted noise."""
    if len(looks.times_s) == 0:
        return 0.0
    most = float(np.percentile(looks.looks[:, LOOK_NAMES.index("colourfulness")], 90))
    return float(np.clip((most - GREY) / (COLOURED - GREY), 0.0, 1.0))
