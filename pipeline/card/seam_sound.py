"""What changes in the sound across a seam: its colour, and clicks (rows B2 and B5)."""

from __future__ import annotations

import numpy as np

from pipeline.card.evidence import CuePlan, Series
from pipeline.card.seam import Measured, Music, Seam
from pipeline.card.track import CLICK_HZ
from pipeline.sound.clearance import STEPS_PER_S
from scoring.timebase import TimeRange

_SIDE_S = 2.0
_LEAST_STEPS = 12
_EDGE_S = 0.5  # a cue's own beginning and end are none of its inside
_HOP_STEPS = 5
_LEAST_PAIRS = 8
_LEAST_SPREAD_DB = 0.3
_RANGE_DB = 50.0  # of a step's own loudest band
_CLICK_REACH_S = 0.01
_AROUND_S, _APART_S = 2.0, 0.05
_LEAST_AROUND = 400  # points: two of these four seconds
_LEAST_BEND = 1e-4  # where next to nothing sounds around, anything would be a click
_SILENT_BEND = 1e-5


def sound_change(music: Music, seam: Seam) -> Measured | str:
    """B2, z: how far the two sides' mean spectra are apart, against places as far apart inside a cue.

    The more changeable of the two cues is taken, and z by its own mean and spread.
    """
    sides = music.before(seam, _SIDE_S), music.after(seam, _SIDE_S)
    if min(int(music.is_open[part].sum()) for part in sides) < _LEAST_STEPS:
        return "too little music is heard by itself beside the seam"
    shape = _shape(music)
    across = _apart(_mean(music, shape, sides[0]), _mean(music, shape, sides[1]))
    gap = seam.after_step - seam.before_step
    inside = [_inside(music, shape, cue, gap) for cue in (seam.before, seam.after)]
    known = [
        (float(np.mean(one)), max(float(np.std(one)), _LEAST_SPREAD_DB)) for one in inside if len(one) >= _LEAST_PAIRS
    ]
    if not known:
        return "the cues are too short to know their own changes"
    z, usual = min(((across - mean) / spread, mean) for mean, spread in known)
    return Measured(z, {"across_db": round(across, 2), "inside_db": round(usual, 2)})


def click(music: Music, seam: Seam) -> Measured | str:
    """B5: the sharpest bend of the waveform at the seam or an edge of its overlap, against the sharpest around it."""
    track = music.track
    half = seam.join.overlap_s / 2
    found = []
    for time_s in (seam.join.at_s - half, seam.join.at_s, seam.join.at_s + half):
        at = track.clicks(TimeRange(time_s - _CLICK_REACH_S, time_s + _CLICK_REACH_S + 1 / CLICK_HZ))
        around = track.clicks(TimeRange(time_s - _AROUND_S, time_s + _AROUND_S))
        bends = track.click[around].astype(np.float64)
        apart = round(_APART_S * CLICK_HZ)
        bends = np.delete(bends, slice(max(0, at.start - apart - around.start), at.stop + apart - around.start))
        if bends.size >= _LEAST_AROUND and at.stop > at.start:
            sharpest = float(track.click[at].max())
            if max(sharpest, float(bends.max())) > _SILENT_BEND:
                found.append((sharpest / max(float(np.percentile(bends, 99.9)), _LEAST_BEND), time_s))
    if not found:
        return "too little music around the seam"
    ratio, time_s = max(found)
    return Measured(ratio, {"at_s": round(time_s, 3)})


def _shape(music: Music) -> Series:
    """[K, MELS] the spectrum of each step without its level, dB."""
    mel_db = music.track.mel_db.astype(np.float64)
    mel_db = np.maximum(mel_db, mel_db.max(axis=1, keepdims=True) - _RANGE_DB)
    return np.asarray(mel_db - mel_db.mean(axis=1, keepdims=True))


def _mean(music: Music, shape: Series, part: slice) -> Series:
    return np.asarray(shape[part][music.is_open[part]].mean(axis=0))


def _apart(one: Series, other: Series) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


def _inside(music: Music, shape: Series, cue: CuePlan, gap: int) -> list[float]:
    """The same distance at every place inside a cue. gap: steps between the two sides."""
    side, edge = round(_SIDE_S * STEPS_PER_S), round(_EDGE_S * STEPS_PER_S)
    part = music.track.steps(cue.range)
    found = []
    for middle in range(part.start + edge + side, part.stop - edge - side - gap, _HOP_STEPS):
        sides = slice(middle - side, middle), slice(middle + gap, middle + gap + side)
        if min(int(music.is_open[one].sum()) for one in sides) >= _LEAST_STEPS:
            found.append(_apart(_mean(music, shape, sides[0]), _mean(music, shape, sides[1])))
    return found
