"""Equalisation and stereo placement of one layer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from scoring.request import Samples
from scoring.style import Layer, Mix
from scoring.timebase import SAMPLE_RATE_HZ

NO_CUT_HZ = 20_000.0  # a high cut from here on is none
_AIR_HZ, _WARMTH_HZ = 6500.0, 180.0
_SIDE_DELAY_S = 0.0127  # between a channel and its decorrelated copy (design choice, under the echo threshold)
_SIDE_GAIN = 0.36
_CHUNK = 1 << 18
_SIDE_LOW_CUT_HZ = 220.0  # the bass stays in the middle


def equalise(audio: Samples, layer: Layer, mix: Mix) -> None:
    """Low cut, high cut, warmth shelf and air shelf, in place, on [2, N]."""
    sections = [butter(2, layer.low_cut_hz, "highpass", fs=SAMPLE_RATE_HZ, output="sos")]
    if layer.high_cut_hz < NO_CUT_HZ:
        sections.append(butter(1, layer.high_cut_hz, fs=SAMPLE_RATE_HZ, output="sos"))
    if mix.warmth_db:
        sections.append(_shelf(_WARMTH_HZ, mix.warmth_db, high=False))
    air_db = layer.air_db + mix.air_db
    if air_db:
        sections.append(_shelf(_AIR_HZ, air_db, high=True))
    sos = np.concatenate(sections)
    with ThreadPoolExecutor(2) as channels:
        list(channels.map(partial(filter_in_place, sos), audio))


def filter_in_place(sos: NDArray[np.float64], signal: Samples) -> None:
    """Runs second-order sections over [N], some seconds at a time: a whole cue in float64 would fill the memory."""
    state = np.zeros((len(sos), 2))
    for start in range(0, len(signal), _CHUNK):
        signal[start : start + _CHUNK], state = sosfilt(sos, signal[start : start + _CHUNK], zi=state)


def _shelf(corner_hz: float, gain_db: float, *, high: bool) -> NDArray[np.float64]:
    """[1, 6] second-order section. R. Bristow-Johnson, "Audio EQ cookbook", shelves of slope 1."""
    amplitude = 10.0 ** (gain_db / 40.0)
    omega = 2.0 * np.pi * corner_hz / SAMPLE_RATE_HZ
    cosine = np.cos(omega) * (-1.0 if high else 1.0)
    turn = 2.0 * np.sqrt(amplitude) * np.sin(omega) / np.sqrt(2.0)
    up, down = amplitude + 1.0, amplitude - 1.0
    sign = -1.0 if high else 1.0
    b = (amplitude * (up - down * cosine + turn), sign * 2 * amplitude * (down - up * cosine),
         amplitude * (up - down * cosine - turn))  # fmt: skip
    a = (up + down * cosine + turn, sign * -2.0 * (down + up * cosine), up + down * cosine - turn)
    return np.asarray(np.array([[*b, *a]]) / a[0], dtype=np.float64)


def place(audio: Samples, layer: Layer) -> None:
    """Pan at constant power and widen, in place. The widening cancels in mono: what is added left is taken right."""
    if layer.width:
        middle = audio[0] + audio[1]
        middle *= np.float32(0.5 * _SIDE_GAIN * layer.width)
        filter_in_place(butter(1, _SIDE_LOW_CUT_HZ, "highpass", fs=SAMPLE_RATE_HZ, output="sos"), middle)
        delay = min(round(_SIDE_DELAY_S * SAMPLE_RATE_HZ), len(middle))
        side = middle[: len(middle) - delay]
        audio[0, delay:] += side
        audio[1, delay:] -= side
    angle = (layer.pan + 1.0) * np.pi / 4.0
    audio[0] *= np.float32(np.sqrt(2.0) * np.cos(angle))
    audio[1] *= np.float32(np.sqrt(2.0) * np.sin(angle))
