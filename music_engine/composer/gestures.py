"""Synthesised gestures: risers, swells, impacts and the bed of air."""

from __future__ import annotations

import numpy as np

from music_engine.composer.players.effects import Gesture
from music_engine.composer.wavetable import TABLE_SAMPLES, air_table
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_STOP_SAMPLES = 240  # a riser stops dead on its hit, in 5 ms, so that it does not click


def render_gesture(gesture: Gesture) -> Samples:
    """[2, N] float32 at about −20 dBFS at its loudest: to be balanced."""
    length = max(round((gesture.end_s - gesture.start_s) * SAMPLE_RATE_HZ), _STOP_SAMPLES)
    if gesture.kind == "impact":
        return _impact(length)
    return _riser(length, steep=gesture.kind == "riser")


def bed(samples: int) -> Samples:
    """[2, samples]: noise that breathes slowly, one breath in 9 s left and 11 s right."""
    table = air_table()
    out = np.empty((2, samples), dtype=np.float32)
    for start in range(0, samples, TABLE_SAMPLES):
        piece = min(TABLE_SAMPLES, samples - start)
        out[:, start : start + piece] = table[:, :piece]
        time_s = np.arange(start, start + piece, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
        for channel, period_s in enumerate((9.0, 11.0)):
            out[channel, start : start + piece] *= 0.7 + 0.3 * np.sin(np.float32(2.0 * np.pi / period_s) * time_s)
    return out


def _riser(length: int, *, steep: bool) -> Samples:
    """Noise that grows and brightens to its last sample."""
    place = np.linspace(0.0, 1.0, length, dtype=np.float32)
    noise = np.take(air_table(), np.arange(length) % TABLE_SAMPLES, axis=1)
    dark = np.cumsum(noise, axis=1)
    dark = dark - _moving_mean(dark, 96)
    dark *= np.std(noise) / max(float(np.std(dark)), 1e-9)
    shape = place ** (2.6 if steep else 1.8)
    out = ((1.0 - place) * dark + place * noise) * shape
    stop = min(_STOP_SAMPLES, length)
    out[:, length - stop :] *= np.linspace(1.0, 0.0, stop, dtype=np.float32)
    return np.asarray(out, dtype=np.float32)


def _moving_mean(signal: Samples, width: int) -> Samples:
    padded = np.pad(signal.astype(np.float64), ((0, 0), (width, 0)), mode="edge").cumsum(axis=1)
    return np.asarray((padded[:, width:] - padded[:, :-width]) / width, dtype=np.float32)


def _impact(length: int) -> Samples:
    """A sine that falls from 95 to 42 Hz as it dies, under 30 ms of thump."""
    time_s = np.arange(length, dtype=np.float64) / SAMPLE_RATE_HZ
    phase = 2.0 * np.pi * (42.0 * time_s + (95.0 - 42.0) * 0.09 * (1.0 - np.exp(-time_s / 0.09)))
    body = np.sin(phase) * np.exp(-time_s / 0.55)
    thump = np.sin(2.0 * np.pi * 160.0 * time_s) * np.exp(-time_s / 0.012)
    fade = np.minimum((time_s[-1] + 1e-9 - time_s) / 0.2, 1.0)
    wave = (0.8 * body + 0.5 * thump) * fade
    return np.asarray(np.stack([wave, wave]) * 0.4, dtype=np.float32)
