"""Where mains hum would be: the lines around 50 and 60 Hz and their multiples, finely, a few seconds at a time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.card.track import Floats
from scoring.timebase import SAMPLE_RATE_HZ

MAINS_HZ = (50.0, 60.0)
MULTIPLES = (1, 2, 3)
AROUND_HZ = 4.0
_DOWN = 96
_RATE_HZ = SAMPLE_RATE_HZ / _DOWN
_WINDOW = 4000  # 8 s: its lines are an eighth of a hertz apart, so that even a G at 49 Hz is another line
_HOP = _WINDOW // 2
LINE_HZ = _RATE_HZ / _WINDOW
REACH = round(AROUND_HZ / LINE_HZ)
_CUT_HZ, _TAPS = 250.0, 1153  # nothing over 315 Hz may fold down to under 185
_FLOOR = 1e-12


class MainsReader:
    """Takes blocks of mono sound and gives the level of each line in each window."""

    def __init__(self) -> None:
        self._held: Floats = np.zeros(_TAPS - 1, np.float32)
        self._low: Floats = np.zeros(0, np.float32)
        self._windows: list[Floats] = []

    def add(self, mono: Floats) -> None:
        """mono: [n], in order."""
        held = np.concatenate([self._held, mono])
        count = (held.size - _TAPS) // _DOWN + 1
        if count <= 0:
            self._held = held
            return
        windows = np.lib.stride_tricks.sliding_window_view(held, _TAPS)[: count * _DOWN : _DOWN]
        self._held = held[count * _DOWN :].copy()
        self._low = np.concatenate([self._low, windows @ _low_pass()])
        while self._low.size >= _WINDOW:
            self._windows.append(_lines_db(self._low[:_WINDOW]))
            self._low = self._low[_HOP:]

    def lines_db(self) -> Floats:
        """[W, mains, multiples, 2·REACH + 1] dBFS; the middle line is the multiple itself."""
        shape = (-1, len(MAINS_HZ), len(MULTIPLES), 2 * REACH + 1)
        return np.stack(self._windows).reshape(shape) if self._windows else np.zeros((0, *shape[1:]), np.float32)


def _lines_db(low: Floats) -> Floats:
    window = np.hanning(_WINDOW)
    spectrum = np.fft.rfft(low * window)
    power = (spectrum.real**2 + spectrum.imag**2) * 2.0 / (_WINDOW * float((window**2).sum()))
    centres = [round(mains * multiple / LINE_HZ) for mains in MAINS_HZ for multiple in MULTIPLES]
    lines = np.concatenate([power[centre - REACH : centre + REACH + 1] for centre in centres])
    return np.asarray(10 * np.log10(np.maximum(lines, _FLOOR)), np.float32)


@cache
def _low_pass() -> NDArray[np.float32]:
    from scipy.signal import firwin

    return np.asarray(firwin(_TAPS, _CUT_HZ, fs=SAMPLE_RATE_HZ), np.float32)
