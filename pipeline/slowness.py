"""How slow this machine is just now: its own pace and whatever else runs on it, in one number."""

from __future__ import annotations

import time

import numpy as np

from pipeline.forecast import calculation_s

_SAMPLES = 1 << 16
_ROUNDS = 240


def slowness() -> float:
    """1 for the machine that the model of forecasts was measured on, with nothing else to do; 3 where a fixed
    calculation takes three times as long by the clock. There it takes a quarter of a second.
    """
    signal = np.random.default_rng(0).standard_normal(_SAMPLES)
    np.fft.irfft(np.fft.rfft(signal), _SAMPLES)  # the first one makes tables
    began_s = time.perf_counter()
    for _ in range(_ROUNDS):
        signal = np.fft.irfft(np.fft.rfft(signal), _SAMPLES)
    return (time.perf_counter() - began_s) / calculation_s()
