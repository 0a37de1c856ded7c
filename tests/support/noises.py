"""Sounds that are neither speech nor music, and mixing at a level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

RATE_HZ = 48_000
Sound = NDArray[np.float32]

# ITU-R BS.1770-5 tables 1 and 2: the two stages of K-weighting at 48 kHz.
SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])


def traffic(seconds: float, seed: int) -> Sound:
    """[2, n] brown noise that hisses more as vehicles pass: swells of 2 to 6 s every few seconds, panned across."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    brown = lfilter([1.0], [1.0, -0.995], rng.standard_normal((2, count)))
    tyres = sosfilt(butter(1, (300, 2500), "bandpass", fs=RATE_HZ, output="sos"), rng.standard_normal((2, count)))
    brown, tyres = brown / brown.std(), tyres / tyres.std()
    time_s = np.arange(count) / RATE_HZ
    sound = 0.4 * brown
    at_s = rng.uniform(0, 3)
    while at_s < seconds:
        width_s, weight, way = rng.uniform(0.8, 2.2), rng.uniform(0.4, 1.2), rng.choice([-1, 1])
        swell = weight * np.exp(-0.5 * ((time_s - at_s) / width_s) ** 2)
        pan = 0.5 + 0.4 * np.tanh(way * (time_s - at_s) / width_s)
        sound += swell * np.stack([pan, 1 - pan]) * (brown + 0.8 * tyres)
        at_s += rng.uniform(2, 6)
    return (0.25 * sound / np.abs(sound).max()).astype(np.float32)


def weighted_db(sound: Sound, where: NDArray[np.bool_] | None = None) -> float:
    """Level after K-weighting, dB, of [2, n]; where: [m] per 10 ms, the only parts to count."""
    weighted = lfilter(*HIGH_PASS, lfilter(*SHELF, sound.astype(np.float64), axis=1), axis=1)
    power = np.square(weighted).sum(axis=0)
    if where is not None:
        count = min(len(where), len(power) // 480)
        power = power[: count * 480].reshape(count, 480)[where[:count]]
    return float(10 * np.log10(power.mean() + 1e-20))


def over(speech: Sound, spoken: NDArray[np.bool_], bed: Sound, clearance_db: float, level_db: float = -23.0) -> Sound:
    """[2, n] speech at a K-weighted level over a bed so much quieter, both measured where they sound."""
    count = speech.shape[1]
    bed = np.tile(bed, (1, count // bed.shape[1] + 1))[:, :count]
    voice_gain = 10 ** ((level_db - weighted_db(speech, spoken)) / 20)
    bed_gain = 10 ** ((level_db - clearance_db - weighted_db(bed)) / 20)
    return (voice_gain * speech + bed_gain * bed).astype(np.float32)
