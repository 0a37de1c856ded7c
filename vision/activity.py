"""Lays what was measured on even time bins: motion, sound level and pace of cutting, ten values a second."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Activity, Curve, Cut
from scoring.timebase import SAMPLE_RATE_HZ
from vision.pictures import PictureTrack
from vision.sound import BIN_SAMPLES, SoundMeter

Indices = NDArray[np.intp]

RATE_HZ = SAMPLE_RATE_HZ / BIN_SAMPLES  # 10: the least that spotting can place a hit by

# Luma change that reads as motion 1 − 1/e, shares of full scale per second. Design choice; on real films a still card
# measures 0.01, two people who talk and gesture 0.16, a hand-held camera close to its subject 0.45, a blurred leap 1.5.
FULL_MOTION_PER_S = 0.5
NEAR_END_S = 0.5  # a fade this near the film's beginning or end opens or closes it
SLOW_SHOT_S = 5.0  # design choice: a shot of this length, usual in feature films, has cut pace 1/e


def bin_count(duration_s: float) -> int:
    """How many bins cover the film; the last may reach beyond its end."""
    return max(1, math.ceil(duration_s * RATE_HZ - 1e-6))


def bin_centres_s(bins: int) -> Curve:
    """The middle of each bin, seconds."""
    return (np.arange(bins, dtype=np.float64) + 0.5) / RATE_HZ


def shot_of(times_s: Curve, cuts: tuple[Cut, ...]) -> Curve:
    """Which shot each time lies in, counted from 0, as float64; a cut's own time belongs to the new shot."""
    cut_times_s = np.array([cut.time_s for cut in cuts])
    return np.searchsorted(cut_times_s, times_s, side="right").astype(np.float64)


def measure_activity(track: PictureTrack, sound: SoundMeter, cuts: tuple[Cut, ...], duration_s: float) -> Activity:
    """Motion and sound level of the film at RATE_HZ."""
    bins = bin_count(duration_s)
    return Activity(RATE_HZ, motion=_motion(track, cuts, bins), sound_db=sound.level_db(bins))


def _motion(track: PictureTrack, cuts: tuple[Cut, ...], bins: int) -> Curve:
    """[bins] 0..1. Pairs of pictures with a change of shot between them are left out and filled from beside."""
    starts_s, ends_s = track.pair_starts_s, track.pair_ends_s
    whole = shot_of(starts_s, cuts) == shot_of(ends_s, cuts)
    for cut in cuts:
        if cut.length_s > 0.0:  # a blend changes every picture, and nothing moves
            among = slice(*np.searchsorted(ends_s, [cut.start_s, cut.end_s], side="right").tolist())
            whole[among] = False
            whole[among.stop : among.stop + 1] &= starts_s[among.stop : among.stop + 1] >= cut.end_s
    seconds = np.where(whole, ends_s - starts_s, 0.0)
    # Both totals rise linearly within a pair, so their differences at the bin edges share a straddling pair exactly.
    knots_s = np.concatenate([starts_s[:1], ends_s])
    edges_s = np.arange(bins + 1) / RATE_HZ
    if len(knots_s) < 2:
        return np.zeros(bins)
    moved = np.diff(np.interp(edges_s, knots_s, _running_total(np.where(whole, track.pair_motion, 0.0))))
    measured_s = np.diff(np.interp(edges_s, knots_s, _running_total(seconds)))
    known = measured_s > 1e-3
    per_s = moved[known] / measured_s[known]
    filled = _fill(np.flatnonzero(known), per_s, shot_of(bin_centres_s(bins), cuts))
    return 1.0 - np.exp(-filled / FULL_MOTION_PER_S)


def _running_total(values: Curve) -> Curve:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def _fill(known: Indices, values: Curve, shots: Curve) -> Curve:
    """[len(shots)] each bin's own value, else the nearest of its shot, else the nearest."""
    if len(known) == 0:
        return np.zeros(len(shots))
    bins = np.arange(len(shots))
    after = np.clip(np.searchsorted(known, bins), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, bins, side="right") - 1, 0, len(known) - 1)

    def cost(choice: Indices) -> Curve:
        elsewhere = shots[known[choice]] != shots
        return np.asarray(np.abs(known[choice] - bins) + len(shots) * elsewhere, np.float64)

    return np.asarray(values[np.where(cost(before) <= cost(after), before, after)], np.float64)


def cut_pace(cuts: tuple[Cut, ...], duration_s: float) -> Curve:
    """[N] 0..1 at RATE_HZ: how short the shot at each time is, 0 for a film in one shot.

    Hanjalic & Xu 2005, IEEE TMM 7:143, cut density exp((1 − shot length) / δ), with the length in seconds so that the
    frame rate does not matter. The film's ends count as cuts when it has any cut; a fade that opens or closes it counts
    as that end.
    """
    bins = bin_count(duration_s)
    inner = tuple(cut for cut in cuts if not _is_at_an_end(cut, duration_s))
    if not inner:
        return np.zeros(bins)
    edges_s = np.array([0.0, *(cut.time_s for cut in inner), duration_s])
    lengths_s = np.diff(edges_s)[shot_of(bin_centres_s(bins), inner).astype(np.intp)]
    return np.asarray(np.exp(-lengths_s / SLOW_SHOT_S), np.float64)


def _is_at_an_end(cut: Cut, duration_s: float) -> bool:
    return cut.kind == "fade" and (cut.start_s < NEAR_END_S or duration_s - cut.end_s < NEAR_END_S)
