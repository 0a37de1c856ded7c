"""Finds music that is already in the film, under speech too, by tones that hold still.

Music holds its pitches, a voice glides and noise has none: a spectrogram of music shows long horizontal lines. What is
summed here is how many there are and how clearly they stand out: continuous frequency activation (Seyerlehner, Pohle,
Schedl & Widmer 2007, "Automatic music detection in television productions", DAFx-07), with two changes: a line counts
only while it lasts 200 ms, and nothing below 250 Hz is looked at, where the lowest harmonics of a voice move too few
bins to be told from notes.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import TimeRange
from vision.narrow import NARROW_RATE_HZ, Chunks, Samples
from vision.regions import RegionRules, find_regions

WINDOW_SAMPLES = 2048  # 128 ms: 7.8 Hz bins tell a semitone apart from 130 Hz up and blur a gliding voice
HOP_SAMPLES = 512
BAND_HZ = (250.0, 6_000.0)
NEIGHBOURS = 21  # bins, 164 Hz: what a line has to stand out from (the paper's)
# The ripple of noise stays below 7 dB. At 3 dB the weak hum of real rooms counts, at 9 dB music under speech sinks.
STANDS_OUT_DB = 7.0
HELD_FRAMES = 6  # 192 ms
SPAN_FRAMES = 78  # 2.5 s, about the paper's 2.6 s
STEP_FRAMES = 8  # 0.256 s between values
STEP_S = STEP_FRAMES * HOP_SAMPLES / NARROW_RATE_HZ
LINES = 10  # the clearest lines are summed; chords with overtones have that many, a long vowel has not
AUDIBLE_DBFS = -60.0  # a frame below is silence, whatever rings in it

# A hum, a whistle or a test tone holds still for ever; of music's clearest lines a third is gone after four seconds.
STEADY_LAG_STEPS = 16
STEADY_SHARE = 0.8

MUSIC_RULES = RegionRules(
    enter=2.6,  # a real hall's hum stays below 2.1; music soon passes it, alone (median 7) or 10 dB under speech (3.8)
    leave=1.7,  # speech stays below 1.6 and traffic below .4 in 98 % of the tuning half
    gap_s=3.0,  # a loud sentence or a rest hides music for some seconds, and new music in such a gap would be wrong
    least_s=2.0,  # shorter is a ring tone or a jingle; half the span that is looked at is 1.25 s
    early_s=0.5,  # a span of 2.5 s reaches over edges: the clearer the music the farther, .3 to 1 s
    late_s=0.5,
)
SMOOTH_STEPS = 5  # median over 1.3 s


class MusicDetector:
    """Takes 16 kHz mono from 0 s on, in pieces of any length; keeps about 90 bytes a second."""

    def __init__(self) -> None:
        bins = np.array(BAND_HZ) * WINDOW_SAMPLES / NARROW_RATE_HZ
        self._band = slice(int(bins[0]) - NEIGHBOURS // 2, int(bins[1]) + NEIGHBOURS // 2)
        self._window = np.hanning(WINDOW_SAMPLES).astype(np.float32)
        self._chunks = Chunks(WINDOW_SAMPLES, HOP_SAMPLES)
        self._chunks.put(np.zeros(WINDOW_SAMPLES // 2, np.float32))  # frame k is centred on k hops
        width = self._band.stop - self._band.start - NEIGHBOURS + 1
        self._recent = np.zeros((0, width), np.bool_)
        self._first_centre = STEP_FRAMES // 2  # of the step to be worked out next, in frames
        self._first_recent = 0  # the frame that the oldest kept row is
        self._clarity = array("f")
        self._lines = array("H")  # LINES bins a step, the clearest first, 0 where there are fewer

    def put(self, samples: Samples) -> None:
        """samples: [n]."""
        frames = self._chunks.put(samples)
        if len(frames):
            self._recent = np.concatenate([self._recent, self._standing_out(frames)])
            self._advance(SPAN_FRAMES // 2)

    def finish(self) -> None:
        """Work out the last steps, whose span ends with the film."""
        self.put(np.zeros(WINDOW_SAMPLES // 2 + STEP_FRAMES * HOP_SAMPLES, np.float32))
        self._advance(0)

    @property
    def clarity(self) -> Samples:
        """[K] summed clearness of the lines round each step, 0..LINES; value k covers [k, k + 1) steps."""
        return np.array(self._clarity, np.float32)

    def regions(self, length_s: float) -> tuple[TimeRange, ...]:
        """Where there is music, within [0, length_s)."""
        from scipy.ndimage import median_filter

        if not self._clarity:
            return ()
        evidence = median_filter(self.clarity, SMOOTH_STEPS, mode="nearest")
        found = find_regions(evidence, STEP_S, MUSIC_RULES, length_s)
        return tuple(region for region in found if not self._is_steady(region))

    def _standing_out(self, frames: Samples) -> NDArray[np.bool_]:
        """[k, bins] where a frame rises above its neighbourhood; nowhere in a silent one."""
        power = np.square(np.abs(np.fft.rfft(frames * self._window, axis=1)[:, self._band]))
        level_db = 10 * np.log10(power + 1e-12)
        total = np.cumsum(np.pad(level_db, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
        around = (total[:, NEIGHBOURS:] - total[:, :-NEIGHBOURS]) / NEIGHBOURS
        half = NEIGHBOURS // 2
        audible = np.mean(np.square(frames), axis=1) > 10 ** (AUDIBLE_DBFS / 10)
        return np.asarray((level_db[:, half:-half] - around > STANDS_OUT_DB) & audible[:, None])

    def _advance(self, ahead: int) -> None:
        end = self._first_recent + len(self._recent)
        while self._first_centre + ahead < end:
            first = max(0, self._first_centre - SPAN_FRAMES // 2)
            last = min(end, self._first_centre + SPAN_FRAMES // 2)
            self._step(self._recent[first - self._first_recent : last - self._first_recent])
            self._first_centre += STEP_FRAMES
        spare = max(0, self._first_centre - SPAN_FRAMES // 2) - self._first_recent
        if spare > 0:
            self._recent = self._recent[spare:].copy()
            self._first_recent += spare

    def _step(self, rows: NDArray[np.bool_]) -> None:
        share = _held(rows).mean(axis=0)
        peaks = np.flatnonzero((share[1:-1] >= share[:-2]) & (share[1:-1] > share[2:])) + 1
        valleys = np.minimum.reduceat(share, np.concatenate([[0], peaks]))
        clear = share[peaks] - np.maximum(valleys[:-1], valleys[1:])
        best = np.argsort(-clear, kind="stable")[:LINES]
        self._clarity.append(float(clear[best].sum()))
        self._lines.extend([*peaks[best].tolist(), *[0] * (LINES - len(best))])

    def _is_steady(self, region: TimeRange) -> bool:
        """Whether most lines are still the same ones, within a bin, four seconds on."""
        lines = np.array(self._lines, np.int32).reshape(-1, LINES)
        lines = lines[int(region.start_s / STEP_S) : int(region.end_s / STEP_S)]
        shares = [
            float(np.mean(np.abs(now[now > 0][:, None] - then[None, :]).min(axis=1) <= 1))
            for now, then in zip(lines, lines[STEADY_LAG_STEPS:], strict=False)
            if now.any()
        ]
        return bool(shares) and float(np.median(shares)) > STEADY_SHARE


def _held(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows without what lasts less than HELD_FRAMES of them: a morphological opening along time."""
    count = len(rows) - HELD_FRAMES + 1
    if count <= 0:
        return np.zeros_like(rows)
    begun = rows[:count].copy()
    for later in range(1, HELD_FRAMES):
        begun &= rows[later : later + count]
    held = np.zeros_like(rows)
    for later in range(HELD_FRAMES):
        held[later : later + count] |= begun
    return held
