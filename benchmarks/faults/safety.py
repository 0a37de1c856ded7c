"""Sound that is never to be delivered."""

from __future__ import annotations

import numpy as np

from faults.base import Base, Sound, Spoilt
from faults.fault import Fault, times, yes_no
from pipeline.card.limits import limits
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

TONE_HZ, TONE_S = 19_000.0, 4.0
SUB_HZ, SUB_S = 9.0, 4.0
SPIKE_S = 0.3


def _middle(base: Base, seconds: float) -> slice:
    start_s = max(0.0, base.quiet_stretch(seconds))
    return slice(samples_at(start_s), samples_at(start_s + seconds))


def _with(base: Base, sound: Sound, where: slice) -> Spoilt:
    music = base.music.copy()
    music[:, where] += sound[:, : music[:, where].shape[1]]
    return Spoilt(music=music)


def _sine(hz: float, seconds: float, rms_db: float, times_edge: float) -> Sound:
    time_s = np.arange(samples_at(seconds)) / SAMPLE_RATE_HZ
    fade = np.clip(np.minimum(time_s, seconds - time_s) / 0.2, 0, 1)
    one = times_edge * 10 ** (rms_db / 20) * 2**0.5 * fade * np.sin(2 * np.pi * hz * time_s)
    return np.stack([one, one]).astype(np.float32)


def whistling(base: Base, times_edge: float) -> Spoilt:
    """A tone of 19 kHz in the music, against the level that fails."""
    return _with(base, _sine(TONE_HZ, TONE_S, limits()["S1-tone"].bad, times_edge), _middle(base, TONE_S))


def rumbling(base: Base, times_edge: float) -> Spoilt:
    """A tone below hearing, against the level that fails."""
    return _with(base, _sine(SUB_HZ, SUB_S, limits()["S1-sub"].bad, times_edge), _middle(base, SUB_S))


def leaping(base: Base, present: float) -> Spoilt:
    """A burst of noise at full scale."""
    if not present:
        return Spoilt()
    noise = np.random.default_rng(1).uniform(-1, 1, (2, samples_at(SPIKE_S))).astype(np.float32)
    return _with(base, 1.7 * noise, _middle(base, SPIKE_S))


def overdriven(base: Base, seconds: float) -> Spoilt:
    """The music driven to full scale and over, as a broken decoder does."""
    where = _middle(base, seconds)
    music = base.music.copy()
    music[:, where] = np.clip(music[:, where] * 100, -1.6, 1.6)
    return Spoilt(music=music)


FAULTS = (
    Fault(
        "19 kHz tone",
        ("S1-tone",),
        "x threshold",
        times(lambda base: None if base.bad("S1-tone") is None else 1.0),
        whistling,
        through=".mkv",
    ),
    Fault(
        "sub-sonic tone",
        ("S1-sub",),
        "x threshold",
        times(lambda base: None if base.bad("S1-sub") is None else 1.0),
        rumbling,
        through=".mkv",
    ),
    Fault(
        "energy spike",
        ("S1-spike", "S1-level"),
        "",
        yes_no(lambda base: base.bad("S1-spike") is not None),
        leaping,
        through=".mkv",
    ),
    Fault("over-level run", ("S1-level",), "s", times(lambda base: base.bad("S1-level")), overdriven, through=".mkv"),
)
