"""Measure the finished file as a player would hear it: length, offset, gaps. Nothing is taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.media.probe import MediaProbe, probe
from pipeline.media.sound import bed_of, read_sound
from pipeline.settings import Settings
from pipeline.sound.file import reading
from pipeline.sound.master import Master
from scoring.errors import DeliverableRejected
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, seconds_of

OFFSET_LIMIT_MS = 10.0
_WINDOW_SAMPLES = 4 * SAMPLE_RATE_HZ
_SEARCH_SAMPLES = SAMPLE_RATE_HZ // 4  # look for the master up to 250 ms early or late
_WINDOWS = 3
_AS_GOOD = 0.99  # of the best likeness
_AUDIBLE_RMS = 1e-4  # −80 dBFS: a window quieter than this says nothing about time


@dataclass(frozen=True, slots=True)
class Verified:
    """What the finished file measures.

    offset_ms: how much later than the master the decoded sound is; None where the film is too quiet to tell.
    """

    picture_s: float
    sound_s: float
    offset_ms: float | None
    frame_s: float

    @property
    def length_error_s(self) -> float:
        """Sound minus picture, seconds."""
        return self.sound_s - self.picture_s


def verify(path: Path, film: MediaProbe, picture_s: float, master: Master, settings: Settings) -> Verified:
    """Open the result as any film, decode its sound, and compare it with the master.

    picture_s: the film's length as decoded. Raises DeliverableRejected when the result is cut off or has lost
    its picture or its sound.
    """
    made = probe(path, settings, shortest_s=0.0)
    if not made.info.audio:
        raise DeliverableRejected(f"the finished {path.suffix} file has no sound", "Choose another container with -o")
    if bed_of(made) != bed_of(film):
        raise DeliverableRejected(
            f"the finished sound is {bed_of(made).name} where the film's is {bed_of(film).name}",
            "Choose another container with -o, for example a name ending in .mkv",
        )
    frame_s = film.info.frame_rate.frame_s
    made_s = made.declared_s or made.container_s or picture_s
    # A film that was cut between key frames says less than its last picture's end, and so does a true copy of it.
    whole_s = min(picture_s, film.declared_s or picture_s)
    if made_s < whole_s - max(2 * frame_s, 0.1):
        raise DeliverableRejected(
            f"the finished picture lasts {made_s:.3f} s where the film lasts {picture_s:.3f} s",
            "Choose another container with -o, for example a name ending in .mkv",
        )
    windows = _windows(master)
    heard: dict[int, list[Samples]] = {start: [] for start in windows}
    end = 0
    for block in read_sound(made, settings):
        at = round(block.time_s * SAMPLE_RATE_HZ)
        end = at + block.bed.shape[1]
        for start in windows:
            first, last = start - _SEARCH_SAMPLES, start + _WINDOW_SAMPLES + _SEARCH_SAMPLES
            if first < end and at < last:
                heard[start].append(block.bed[:, max(0, first - at) : max(0, last - at)])
    offsets = [
        offset
        for start, played in windows.items()
        if (offset := _offset_samples(played, heard[start], min(_SEARCH_SAMPLES, start))) is not None
    ]
    offset_ms = 1000 * seconds_of(int(np.median(offsets))) if offsets else None
    return Verified(picture_s, seconds_of(end), offset_ms, frame_s)


def _windows(master: Master) -> dict[int, NDArray[np.float64]]:
    """A few stretches of the mix, evenly spaced, start sample → mono [n]."""
    last = max(0, master.total_samples - _WINDOW_SAMPLES)
    found = {}
    with reading(master.mix) as file:
        for start in sorted({round(last * share) for share in np.linspace(0.1, 0.9, _WINDOWS)}):
            file.seek(start)
            found[start] = file.read(_WINDOW_SAMPLES, dtype="float64", always_2d=True).mean(axis=1)
    return found


def _offset_samples(played: NDArray[np.float64], heard: list[Samples], before: int) -> int | None:
    """How many samples later than `played` the decoded stretch is, by cross-correlation; None where too quiet.

    heard: blocks that begin `before` samples ahead of the place `played` was taken from.
    """
    from scipy.signal import correlate

    if not heard or np.sqrt(np.mean(played**2)) < _AUDIBLE_RMS:
        return None
    mono = np.concatenate(heard, axis=1).mean(axis=0).astype(np.float64)
    if mono.size < played.size // 2:
        return None
    likeness = correlate(mono, played, mode="full", method="fft")
    # A steady tone is as like itself a period later: of places that are alike, the nearest to where it should be.
    rises = np.diff(likeness, prepend=-np.inf, append=-np.inf)
    peaks = np.flatnonzero((rises[:-1] >= 0) & (rises[1:] <= 0) & (likeness >= _AS_GOOD * likeness.max()))
    offsets = peaks - (played.size - 1) - before
    return int(offsets[np.abs(offsets).argmin()])
