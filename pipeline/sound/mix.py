"""Lay the music on the film's timeline and put the film's own sound under it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.media.bed import Bed
from pipeline.media.sound import FilmSound
from pipeline.sound.file import SoundWriter, reading
from pipeline.sound.join import Stems
from pipeline.sound.level import Levels
from pipeline.sound.loudness import LoudnessMeter
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_END_FADE_SAMPLES = SAMPLE_RATE_HZ // 100  # 10 ms: the last sample must be zero, or the end clicks
_BLOCK_SAMPLES = SAMPLE_RATE_HZ

PARTS = ("music.w64", "film.w64")  # the mix by its two halves, in a folder for them

Advance = Callable[[float], None]  # called with the share done, 0..1


@dataclass(frozen=True, slots=True)
class Mixed:
    """The mix before mastering. music_energy, source_energy: [K] of the gained stems, a tenth of a second each.

    centre_energy: of the film's own centre loudspeaker alone; None where its sound has none.
    """

    integrated_lufs: float
    sample_peak_dbfs: float
    music_energy: NDArray[np.float64]
    source_energy: NDArray[np.float64]
    centre_energy: NDArray[np.float64] | None = None


def write_music(
    blocks: Iterable[Stems],
    path: Path,
    total_samples: int,
    meter: LoudnessMeter,
    *,
    stems: Path | None,
    advance: Advance,
) -> None:
    """Write the sum of the stems to `path`, metered, and each stem film-long into the folder `stems` if given."""
    done = 0
    with ExitStack() as files:
        out = files.enter_context(SoundWriter(path, "float"))
        rows: dict[str, _StemFile] = {}
        for block in blocks:
            n = max(audio.shape[1] for audio in block.values())
            total = np.zeros((2, n), np.float32)
            for name, audio in block.items():
                total[:, : audio.shape[1]] += audio
                if stems is not None and name not in rows:
                    rows[name] = files.enter_context(_StemFile(stems / f"{name}.flac"))
            for name, row in rows.items():
                row.put(block.get(name), done, n)
            fade_end(total, done, total_samples)
            out.write(total)
            meter.add(total)
            done += n
            advance(done / total_samples)
        for row in rows.values():
            row.put(None, done, 0)


def mix(
    music: Path,
    source: Iterator[FilmSound],
    bed: Bed,
    levels: Levels,
    path: Path,
    total_samples: int,
    *,
    parts: Path | None = None,
    advance: Advance,
) -> Mixed:
    """Add the film's own sound to the music, each at its level, into a float file `path` of total_samples.

    bed: the channels of the film's sound, and of the result; the music plays from the left and right of it.
    parts: a folder for the two by themselves, `music.w64` and `film.w64`, which add up to the mix.
    """
    meter, music_meter, source_meter = (LoudnessMeter(bed.weights) for _ in range(3))
    centre_meter = None if bed.centre is None else LoudnessMeter((1.0,))
    own = _Aligned(source if math.isfinite(levels.source_gain_db) else iter(()), bed.size)
    music_gain, source_gain = _linear(levels.music_gain_db), _linear(levels.source_gain_db)
    rows = bed.spread(levels.surround)
    done = 0
    with ExitStack() as files:
        played = files.enter_context(reading(music))
        out = files.enter_context(SoundWriter(path, "float", bed.size))
        places = [parts / name for name in PARTS] if parts is not None else []
        alone = [files.enter_context(SoundWriter(place, "float", bed.size)) for place in places]
        while done < total_samples:
            n = min(_BLOCK_SAMPLES, total_samples - done)
            stereo = played.read(n, dtype="float32", always_2d=True).T * music_gain
            if not levels.automation.is_flat:
                stereo *= levels.automation.linear(done, stereo.shape[1])
            heard = np.zeros((bed.size, n), np.float32)
            for channel, place, factor in rows:
                heard[place, : stereo.shape[1]] = stereo[channel] * np.float32(factor)
            spoken = own.take(n) * source_gain
            for stem, stem_meter in ((heard, music_meter), (spoken, source_meter)):
                fade_end(stem, done, total_samples)
                stem_meter.add(stem)
            if centre_meter is not None and bed.centre is not None:
                centre_meter.add(spoken[bed.centre : bed.centre + 1])
            for file, stem in zip(alone, (heard, spoken), strict=False):
                file.write(stem)
            heard += spoken
            out.write(heard)
            meter.add(heard)
            done += n
            advance(done / total_samples)
    return Mixed(
        meter.integrated_lufs,
        meter.sample_peak_dbfs,
        music_meter.step_energy,
        source_meter.step_energy,
        None if centre_meter is None else centre_meter.step_energy,
    )


class _Aligned:
    """Serves consecutive stretches of a stream of blocks, silence where it has none."""

    def __init__(self, blocks: Iterator[FilmSound], channels: int) -> None:
        self._blocks = blocks
        self._channels = channels
        self._held: Samples = np.empty((channels, 0), np.float32)
        self._started = False
        self._over = False

    def take(self, n: int) -> Samples:
        while self._held.shape[1] < n and not self._over:
            block = next(self._blocks, None)
            if block is None:
                self._over = True
                break
            parts = [self._held, block.bed]
            if not self._started:
                # The sound may begin after the first picture.
                parts.insert(1, np.zeros((self._channels, max(0, round(block.time_s * SAMPLE_RATE_HZ))), np.float32))
                self._started = True
            self._held = np.concatenate(parts, axis=1)
        out = np.zeros((self._channels, n), np.float32)
        have = min(n, self._held.shape[1])
        out[:, :have] = self._held[:, :have]
        self._held = self._held[:, have:]
        return out


class _StemFile:
    """One film-long stem; silence is written where a cue does not have it."""

    def __init__(self, path: Path) -> None:
        self._out = SoundWriter(path, "flac24")
        self._written = 0

    def __enter__(self) -> _StemFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._out.__exit__(*error)

    def put(self, audio: Samples | None, at: int, n: int) -> None:
        """Write n samples that begin at film sample `at`."""
        while self._written < at:
            gap = min(_BLOCK_SAMPLES, at - self._written)
            self._out.write(np.zeros((2, gap), np.float32))
            self._written += gap
        if audio is not None:
            block = np.zeros((2, n), np.float32)
            block[:, : audio.shape[1]] = audio
            self._out.write(block)
            self._written += n


def fade_end(block: Samples, at: int, total_samples: int) -> None:
    """Fade the film's last 10 ms, in place."""
    first = total_samples - _END_FADE_SAMPLES
    stop = at + block.shape[1]
    if stop > first:
        where = np.arange(max(at, first), stop)
        block[:, where - at] *= np.clip((total_samples - 1 - where) / _END_FADE_SAMPLES, 0, 1).astype(np.float32)


def _linear(gain_db: float) -> np.float32:
    return np.float32(10 ** (gain_db / 20)) if math.isfinite(gain_db) else np.float32(0)
