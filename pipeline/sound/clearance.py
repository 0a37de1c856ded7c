"""How far the speech stands above the music, in the windows where it matters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import TimeRange

STEPS_PER_S = 10  # the meters' resolution
WINDOW_S = 3.0  # EBU Tech 3341: short-term loudness
CENTRE_UNDER_LU = 6.0  # design choice: a centre that is further below the whole sound is not where people speak
SWELL_GAP_S = 3.0  # in shorter gaps the music stays down; it would only pump
MOMENTARY_STEPS = 4  # EBU Tech 3341: momentary loudness, 400 ms
LEAST_SPEECH_S = 1.0  # a window with less speech than this says nothing
_FLOOR = 1e-12
_REACH_STEPS = 5  # half a second: the longest that the detector came late on synthesised and read speech
_VOICE_RANGE_DB = 15.0  # weak syllables lie this far below the average of a phrase

Energy = NDArray[np.float64]  # [K] K-weighted mean squares, a tenth of a second each


@dataclass(frozen=True, slots=True)
class Gap:
    """A pause in the speech. swell_lu: the music's momentary maximum in it over the speech's average loudness."""

    range: TimeRange
    swell_lu: float


@dataclass(frozen=True, slots=True)
class Clearance:
    """The worst window. at_s: where it begins. speech_lufs, music_lufs: inside it, speech samples only."""

    worst_lu: float
    at_s: float
    speech_lufs: float
    music_lufs: float


def spoken(regions: Sequence[TimeRange], voice: Energy) -> tuple[TimeRange, ...]:
    """The detected regions, each stretched to where its sound begins and ends, and by no more than half a second.

    A detector is sure of a voice only after a syllable or two; what sounds right before it, loud as the voice itself,
    is taken for its beginning. Where something else sounds there, the music merely makes room a little early.
    """
    stretched: list[TimeRange] = []
    for region in regions:
        first, last = (min(voice.size, round(t * STEPS_PER_S)) for t in (region.start_s, region.end_s))
        least = (
            voice[first : max(last, first + 1)].mean() * 10 ** (-_VOICE_RANGE_DB / 10) if first < voice.size else np.inf
        )
        earliest, latest = max(0, first - _REACH_STEPS), min(voice.size, last + _REACH_STEPS)
        while first > earliest and voice[first - 1] > least:
            first -= 1
        while last < latest and voice[last] > least:
            last += 1
        start_s, end_s = min(region.start_s, first / STEPS_PER_S), max(region.end_s, last / STEPS_PER_S)
        if stretched and start_s <= stretched[-1].end_s:
            start_s = stretched.pop().start_s
        stretched.append(TimeRange(start_s, end_s))
    return tuple(stretched)


def voice_energy(source: Energy, centre: Energy | None, speech: Sequence[TimeRange]) -> Energy:
    """What the speech is measured by: the centre loudspeaker where it carries the speech, else the film's whole sound.

    In a surround mix people speak from the centre, and what plays around them does not help to understand them.
    """
    return centre if centre is not None and carries_speech(source, centre, speech) else source


def carries_speech(source: Energy, centre: Energy, speech: Sequence[TimeRange]) -> bool:
    """Whether the centre, while somebody speaks, is within CENTRE_UNDER_LU of the whole sound."""
    mask = speech_mask(speech, min(source.size, centre.size))
    if not mask.any():
        return False
    whole, alone = (float(e[: mask.size][mask].mean()) for e in (source, centre))
    return alone > whole * 10 ** (-CENTRE_UNDER_LU / 10)


def faintest_gap(
    voice: Energy, music: Energy, speech: Sequence[TimeRange], silent: Sequence[TimeRange] = ()
) -> Gap | None:
    """The gap of SWELL_GAP_S or more between two stretches of speech in which the music comes back least.

    silent: where no music is meant; a gap that touches one is not looked at. None without any such gap.
    """
    steps = min(voice.size, music.size)
    mask = speech_mask(speech, steps)
    if not mask.any():
        return None
    speech_db = float(_db(np.array([voice[:steps][mask].mean()]))[0])
    found = []
    for before, after in itertools.pairwise(speech):
        gap = TimeRange(before.end_s, after.start_s)
        if gap.duration_s < SWELL_GAP_S or any(s.start_s < gap.end_s and s.end_s > gap.start_s for s in silent):
            continue
        first, last = int(np.ceil(gap.start_s * STEPS_PER_S)), min(steps, int(gap.end_s * STEPS_PER_S))
        momentary = np.convolve(music[first:last], np.full(MOMENTARY_STEPS, 1 / MOMENTARY_STEPS), "valid")
        found.append(Gap(gap, float(_db(momentary).max()) - speech_db))
    return min(found, key=lambda gap: gap.swell_lu, default=None)


def speech_mask(regions: Sequence[TimeRange], steps: int) -> NDArray[np.bool_]:
    """[steps] which tenths of a second lie in speech, by their middles."""
    middles = (np.arange(steps) + 0.5) / STEPS_PER_S
    mask = np.zeros(steps, bool)
    for region in regions:
        mask |= (middles >= region.start_s) & (middles < region.end_s)
    return mask


def worst_clearance(speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange]) -> Clearance | None:
    """The smallest difference of loudness, over all 3 s windows with at least a second of speech; None without any.

    speech_energy, music_energy: [K] K-weighted mean squares a tenth of a second each, of the gained stems.
    """
    speech, music = _windows(speech_energy, music_energy, regions)
    difference = speech - music
    if not np.isfinite(difference).any():
        return None
    worst = int(np.nanargmin(difference))
    return Clearance(float(difference[worst]), worst / STEPS_PER_S, float(speech[worst]), float(music[worst]))


def clearance_curve(speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange]) -> Energy:
    """[K] speech over music, LU, in the 3 s window around each tenth of a second; NaN with too little speech in it."""
    speech, music = _windows(speech_energy, music_energy, regions)
    steps = min(speech_energy.size, music_energy.size)
    curve = np.full(steps, np.nan)
    first = (steps - speech.size) // 2
    curve[first : first + speech.size] = speech - music
    return curve


def shortfalls(
    speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange], clearance_lu: float
) -> list[float]:
    """By how much each region's worst window misses the clearance, LU; 0 where it does not."""
    speech, music = _windows(speech_energy, music_energy, regions)
    missing = np.nan_to_num(clearance_lu - (speech - music), nan=0.0)
    width = round(WINDOW_S * STEPS_PER_S)
    found = []
    for region in regions:
        # Every window that touches the region.
        first = max(0, int(region.start_s * STEPS_PER_S) - width + 1)
        last = max(first + 1, int(np.ceil(region.end_s * STEPS_PER_S)))
        found.append(max(0.0, float(missing[first:last].max(initial=0.0))))
    return found


def _windows(speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange]) -> tuple[Energy, Energy]:
    """Loudness of speech and of music in each 3 s window, speech samples only, LUFS; NaN with too little speech."""
    steps = min(speech_energy.size, music_energy.size)
    mask = speech_mask(regions, steps)
    width = min(steps, round(WINDOW_S * STEPS_PER_S))
    if width == 0:
        return np.empty(0), np.empty(0)
    ones = np.ones(width)
    count = np.convolve(mask.astype(np.float64), ones, "valid")
    count[count < LEAST_SPEECH_S * STEPS_PER_S - 0.5] = np.nan
    speech, music = (
        _db(np.convolve(np.where(mask, energy[:steps], 0.0), ones, "valid") / count)
        for energy in (speech_energy, music_energy)
    )
    return speech, music


def _db(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    decibels: NDArray[np.float64] = -0.691 + 10 * np.log10(np.maximum(energy, _FLOOR))
    return decibels
