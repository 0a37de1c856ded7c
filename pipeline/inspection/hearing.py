"""Listen to a finished film, and beside it to the film's own sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.residue import played, residue
from pipeline.card.track import Track
from pipeline.card.tracking import Tracker
from pipeline.inspection.align import Alignment, Astray, align
from pipeline.inspection.excerpt import Excerpt, Excerpter
from pipeline.media.probe import MediaProbe
from pipeline.media.sound import FilmSound, read_sound
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessMeter
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, seconds_of
from vision.listening import Listener

Advance = Callable[[float], None]
_Energy = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Together:
    """A finished film's sound by itself. speech: where somebody speaks in it."""

    whole: Track
    speech: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """A finished film's sound taken apart. source: [K] K-weighted mean squares of the film's own sound as it is in it.

    speech: where somebody speaks in the source, on the finished film's clock.
    """

    whole: Track
    music: Track
    source: _Energy
    speech: tuple[TimeRange, ...]
    alignment: Alignment


def hear_together(film: MediaProbe, settings: Settings, advance: Advance = lambda share: None) -> Together:
    """The finished sound as it is, in one pass."""
    tracker, listener = Tracker(), Listener()

    def heard() -> Iterator[FilmSound]:
        for block in _told(read_sound(film, settings), film, advance):
            listener.hear(block)
            yield block

    for samples in played(heard()):
        tracker.add(samples)
    track = tracker.track()
    return Together(track, listener.heard(track.duration_s)[0].ranges)


def hear_apart(
    film: MediaProbe,
    source: MediaProbe,
    settings: Settings,
    speech: tuple[TimeRange, ...] | None = None,
    advance: Advance = lambda share: None,
) -> Apart | Together | Astray:
    """The finished sound without the source's, in two passes; or why that cannot be had.

    Together where the source is silent, so that there is nothing to take away. speech: where somebody speaks in the
    source, by its own clock, where that is known already.
    """
    listener = Listener() if speech is None else None
    one = _excerpt(film, settings, lambda share: advance(share / 5))
    other = _excerpt(source, settings, lambda share: advance((1 + share) / 5), listener)
    if other.is_silent:
        return Together(hear_together(film, settings, advance).whole, ())
    alignment = align(one, other)
    if isinstance(alignment, Astray):
        return alignment
    if listener is not None:
        speech = listener.heard(max(source.longest_s, 0.1))[0].ranges
    music, whole, own = Tracker(), Tracker(hears_voices=False), LoudnessMeter()
    parts = residue(played(read_sound(film, settings)), played(read_sound(source, settings)), alignment.offset_samples)
    done = 0
    for alone, everything in parts:
        music.add(alone)
        whole.add(everything)
        own.add(everything - alone)
        done += everything.shape[1]
        advance(min(1.0, (2 + 3 * done / SAMPLE_RATE_HZ / max(film.longest_s, 1.0)) / 5))
    together = whole.track()
    return Apart(
        together,
        music.track(),
        _as_long(own.step_energy, together.energy.size),
        _moved(speech or (), seconds_of(alignment.offset_samples), together.duration_s),
        alignment,
    )


def _excerpt(film: MediaProbe, settings: Settings, advance: Advance, listener: Listener | None = None) -> Excerpt:
    excerpter = Excerpter()

    def heard() -> Iterator[FilmSound]:
        for block in _told(read_sound(film, settings), film, advance):
            if listener is not None:
                listener.hear(block)
            yield block

    for samples in played(heard()):
        excerpter.add(samples)
    return excerpter.excerpt()


def _told(blocks: Iterable[FilmSound], film: MediaProbe, advance: Advance) -> Iterator[FilmSound]:
    for block in blocks:
        yield block
        advance(min(1.0, block.time_s / max(film.longest_s, 1.0)))


def _as_long(energy: _Energy, steps: int) -> _Energy:
    """A meter gives whole tenths only; a track one more for what is left."""
    return np.concatenate([energy, np.zeros(max(0, steps - energy.size))])[:steps]


def _moved(ranges: Iterable[TimeRange], by_s: float, end_s: float) -> tuple[TimeRange, ...]:
    moved = ((max(0.0, r.start_s + by_s), min(end_s, r.end_s + by_s)) for r in ranges)
    return tuple(TimeRange(start_s, last_s) for start_s, last_s in moved if last_s > start_s)
