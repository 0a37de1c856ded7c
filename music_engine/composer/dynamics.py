"""Dynamics: the gain over time that every stem of a cue shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, minimum_filter1d, uniform_filter1d

from music_engine.composer.form import Form
from scoring.request import CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ

HOP = 64  # samples between the points of a gain curve; straight lines between them
Curve = NDArray[np.float32]

_SWELL_DB = 6.5  # from the least to the most intense moment possible (design choice)
_MOST_SWELL_DB = 3.5
_SECTION_SWELL_DB = 9.0  # the same between sections, which are to be told apart (design choice)
_CEILING_DBFS = -1.2
_HEADROOM_LU = 12.4  # no peak stands higher above the cue's loudness (design choice: real tracks' crest is 11.5-15 dB)
_LOOK_S = 0.006  # a peak is turned down over this long before and after
_KNEE_LU, _RATIO = 3.0, 1.7  # bus compression: above the cue's loudness by this much, gently
_COMPRESSION_S = 0.12


def points(samples: int) -> int:
    """How many points a curve over so many samples has."""
    return -(-samples // HOP) + 1


def shape(request: CueRequest, form: Form, samples: int) -> Curve:
    """Intensity as loudness, the lead-in's swell, and the end: silence at the last sample."""
    count = points(samples)
    time_s = np.arange(count) * HOP / SAMPLE_RATE_HZ + form.time_s(form.start_beat)
    marks = request.intensity or ((0.0, 0.5),)
    intensity = np.interp(time_s, [m[0] for m in marks], [m[1] for m in marks])
    swell_db = np.clip(_SWELL_DB * (intensity - intensity.mean()), -_MOST_SWELL_DB, _MOST_SWELL_DB)
    if form.sections:
        swell_db = _section_db(form, time_s)
    swell_db = gaussian_filter1d(swell_db, 0.5 * SAMPLE_RATE_HZ / HOP, mode="nearest")
    gain = 10.0 ** (swell_db / 20.0)
    rise_s = max(request.lead_in_s, 0.004)
    gain *= np.sin(0.5 * np.pi * np.clip((time_s - time_s[0]) / rise_s, 0.0, 1.0)) ** 2
    gain *= _ending(request, form, time_s, samples)
    return np.asarray(gain, dtype=np.float32)


def _section_db(form: Form, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sections step from one to the next where the film's own intensity would glide."""
    starts_s = [form.time_s(bar.beat) for bar in form.bars]
    place = np.clip(np.searchsorted(starts_s, time_s, side="right") - 1, 0, len(form.bars) - 1)
    intensity = np.array([bar.intensity for bar in form.bars])
    return np.asarray(_SECTION_SWELL_DB * (intensity - intensity.mean())[place])


def _ending(request: CueRequest, form: Form, time_s: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    """The last chord dies away to the very end; a cue that hands over keeps its level and dies in its tail."""
    # The last point inside the sound, so that the straight line from it to the end is silence already.
    stop_s = form.time_s(form.start_beat) + (samples - 1) // HOP * HOP / SAMPLE_RATE_HZ
    if form.final_beat is not None:
        from_s = form.time_s(form.final_beat)
    else:
        from_s = request.duration_s if request.tail_s > 0 else stop_s - 0.004
    length_s = max(stop_s - from_s, 1e-3)
    left = np.clip((stop_s - time_s) / length_s, 0.0, 1.0)
    return np.asarray(left**1.5)


def tame(audio: Samples, loudness_lufs: float) -> Curve:
    """A gain curve that evens out the loudest moments a little and keeps peaks within their headroom."""
    peaks, power = _blocks(audio)
    peaks = np.maximum(np.append(peaks, peaks[-1]), np.insert(peaks, 0, peaks[0]))
    power = uniform_filter1d(power, max(round(_COMPRESSION_S * SAMPLE_RATE_HZ / HOP), 1))
    power = np.append(power, power[-1])
    level_db = 10.0 * np.log10(power + 1e-12)
    over_db = np.maximum(level_db - (loudness_lufs + _KNEE_LU), 0.0)
    gain = 10.0 ** (-over_db * (1.0 - 1.0 / _RATIO) / 20.0)
    ceiling = 10.0 ** (min(_CEILING_DBFS, loudness_lufs + _HEADROOM_LU) / 20.0)
    limit = np.minimum(1.0, ceiling / np.maximum(peaks * gain, 1e-9))
    reach = max(round(_LOOK_S * SAMPLE_RATE_HZ / HOP), 1)
    limit = minimum_filter1d(limit, 2 * reach + 1, mode="nearest")
    limit = uniform_filter1d(limit, 2 * reach + 1, mode="nearest")
    return np.asarray(gain * limit, dtype=np.float32)


def _blocks(audio: Samples) -> tuple[Curve, Curve]:
    """Peak and mean square of the louder channel in each HOP samples, the last block padded with silence."""
    peaks, powers = [], []
    for start in range(0, audio.shape[1], HOP * 4096):
        piece = np.abs(audio[:, start : start + HOP * 4096]).max(axis=0)
        blocks = np.pad(piece, (0, -len(piece) % HOP)).reshape(-1, HOP)
        peaks.append(blocks.max(axis=1))
        powers.append(np.einsum("ij,ij->i", blocks, blocks) / HOP)
    return np.concatenate(peaks), np.concatenate(powers)


def apply(curve: Curve, audio: Samples) -> None:
    """Multiplies [2, N] by a gain curve, in place."""
    samples = audio.shape[1]
    ramp = np.arange(HOP, dtype=np.float32) / np.float32(HOP)
    for first in range(0, len(curve) - 1, 4096):
        start, stop = curve[first : first + 4096], curve[first + 1 : first + 4097]
        gains = (start[: len(stop), None] + (stop - start[: len(stop)])[:, None] * ramp).ravel()
        begin = first * HOP
        end = min(begin + len(gains), samples)
        audio[:, begin:end] *= gains[: end - begin]
