"""Atmospheres: rain, crackle, wind and waves, made of noise.

Each is a table that joins its own end without a seam, as the pads' are: its spectrum is shaped, so it is periodic.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_SAMPLES = 1 << 19  # 10.9 s
_RMS = 0.1  # of every table; it is balanced afterwards
Wave = NDArray[np.float64]

# Against the cue's loudness, LU: heard, and under the music (design choices).
LEVELS_LU = {"rain": -13.0, "vinyl": -16.0, "wind": -14.0, "waves": -13.0}


def atmosphere(name: str, samples: int) -> Samples:
    """[2, samples] float32 of a name in LEVELS_LU, root mean square about 0.1."""
    table = _table(name)
    out = np.empty((2, samples), dtype=np.float32)
    for start in range(0, samples, _SAMPLES):
        piece = min(_SAMPLES, samples - start)
        out[:, start : start + piece] = table[:, :piece]
    return out


@cache
def _table(name: str) -> Samples:
    rng = np.random.default_rng([sum(name.encode()), 7])
    table = np.stack([_MAKERS[name](rng) for _ in range(2)])
    return np.asarray(table * (_RMS / np.sqrt(np.mean(table**2))), dtype=np.float32)


def _rain(rng: np.random.Generator) -> Wave:
    """A broad hiss around 3 kHz, and a hundred drops a second of which some stand out."""
    hiss = _noise(rng, centre_hz=3000.0, octaves=1.6)
    drops = _clicks(rng, per_s=110.0, centre_hz=4500.0, octaves=0.8, heaviness=1.0)
    return hiss + 0.9 * drops


def _vinyl(rng: np.random.Generator) -> Wave:
    """A faint hiss, fine crackle and a pop now and then."""
    hiss = _noise(rng, centre_hz=6000.0, octaves=1.2)
    crackle = _clicks(rng, per_s=24.0, centre_hz=3500.0, octaves=1.2, heaviness=1.3)
    pops = _clicks(rng, per_s=1.2, centre_hz=900.0, octaves=1.2, heaviness=0.5)
    return 0.3 * hiss + crackle + 0.7 * pops


def _wind(rng: np.random.Generator) -> Wave:
    """Low and middling noise in gusts."""
    low = _noise(rng, centre_hz=220.0, octaves=1.0) * _breath(rng, (2, 3, 5))
    whistle = _noise(rng, centre_hz=750.0, octaves=0.35) * _breath(rng, (1, 4, 7)) ** 2
    return low + 0.35 * whistle


def _waves(rng: np.random.Generator) -> Wave:
    """Surf: two swells in the table's length, brighter as they break."""
    swell = _breath(rng, (1, 2)) ** 2
    return _noise(rng, centre_hz=350.0, octaves=1.5) * (0.3 + swell) + 0.7 * _noise(
        rng, centre_hz=2500.0, octaves=1.3
    ) * (swell**2)


_MAKERS: dict[str, Callable[[np.random.Generator], Wave]] = {
    "rain": _rain,
    "vinyl": _vinyl,
    "wind": _wind,
    "waves": _waves,
}


def _band(centre_hz: float, octaves: float) -> Wave:
    """[bins] gain of a bell on a logarithmic axis; nothing under 60 Hz, where it would only eat headroom."""
    frequencies_hz = np.fft.rfftfreq(_SAMPLES, 1.0 / SAMPLE_RATE_HZ)
    apart = np.log2(np.maximum(frequencies_hz, 20.0) / centre_hz)
    return np.asarray(np.exp(-0.5 * (apart / octaves) ** 2) * (frequencies_hz > 60.0))


def _noise(rng: np.random.Generator, *, centre_hz: float, octaves: float) -> Wave:
    """Root mean square 1."""
    spectrum = _band(centre_hz, octaves) * np.exp(2j * np.pi * rng.random(_SAMPLES // 2 + 1))
    return _unit(np.fft.irfft(spectrum, _SAMPLES))


def _clicks(rng: np.random.Generator, *, per_s: float, centre_hz: float, octaves: float, heaviness: float) -> Wave:
    """Impulses at random times, their sizes log-normal, filtered. Root mean square 1."""
    train = np.zeros(_SAMPLES)
    count = round(per_s * _SAMPLES / SAMPLE_RATE_HZ)
    np.add.at(
        train, rng.integers(0, _SAMPLES, count), rng.lognormal(0.0, heaviness, count) * rng.choice((-1, 1), count)
    )
    return _unit(np.fft.irfft(np.fft.rfft(train) * _band(centre_hz, octaves), _SAMPLES))


def _breath(rng: np.random.Generator, cycles: tuple[int, ...]) -> Wave:
    """0..1, whole cycles over the table, so that it joins."""
    turn = 2.0 * np.pi * np.arange(_SAMPLES) / _SAMPLES
    wave = sum(
        np.sin(k * turn + phase) for k, phase in zip(cycles, rng.uniform(0, 2 * np.pi, len(cycles)), strict=True)
    )
    return np.asarray((wave - wave.min()) / (wave.max() - wave.min()))


def _unit(wave: Wave) -> Wave:
    return np.asarray(wave / np.sqrt(np.mean(wave**2)))
