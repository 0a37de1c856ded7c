"""Rhythm: a note for each syllable of a line, the last one held, then a breath."""

from __future__ import annotations

from collections.abc import Sequence

from music_engine.composer.lyrics.syllables import Syllable

PULSES = (2.0, 1.0, 0.5, 0.25)  # beats of a plain syllable
SLOWEST_S = 0.75  # a plain syllable lasts at most this long, where a quicker pulse is to be had
BREATH_SHARE = 1 / 8  # of a line's room is left silent at its end, and never less than BREATH_BEATS
BREATH_BEATS, TIGHT_BREATH_BEATS = 0.5, 0.25
ROOMY_BEATS = 4.0  # from here a line has a full breath and a beat for its last note
LONGEST_HOLD_BEATS = 3.0


def kept_syllables(syllables: Sequence[Syllable], beats: float) -> tuple[Syllable, ...]:
    """Those that fit into a line's room at the quickest pulse; where it is too short, unstressed ones go first."""
    most = max(int((beats - _breath(beats) - _hold(beats)) / PULSES[-1] + 1e-6) + 1, 1)
    kept = list(syllables)
    for place in range(len(kept) - 2, 0, -1):
        if len(kept) > most and not kept[place].is_stressed:
            del kept[place]
    return (*kept[: most - 1], *kept[-1:]) if len(kept) > most else tuple(kept)


def line_rhythm(syllables: Sequence[Syllable], beats: float, beat_s: float) -> tuple[float, ...]:
    """How long each syllable sounds, in beats; together shorter than `beats` by a breath.

    syllables: at least one, as kept_syllables leaves them. Stressed ones are moved onto the beat where there is room
    for that, by holding the stressed one before; the last is held.
    """
    room = beats - _breath(beats)
    hold = _hold(beats)
    pulse = _pulse(len(syllables), room, hold, beat_s)
    slack = room - pulse * (len(syllables) - 1) - max(hold, pulse)
    lengths: list[float] = []
    held = 0  # the stressed syllable that may be held
    for place, syllable in enumerate(syllables):
        wait = -sum(lengths) % 1.0
        if syllable.is_stressed and place and 1e-6 < wait <= slack + 1e-6:
            lengths[held] += wait
            slack -= wait
        if syllable.is_stressed:
            held = place
        lengths.append(pulse)
    at = sum(lengths[:-1])
    last = min(max(hold, pulse) + max(slack, 0.0), max(LONGEST_HOLD_BEATS, hold, pulse), room - at)
    return (*lengths[:-1], last)


def _breath(beats: float) -> float:
    return max(beats * BREATH_SHARE, BREATH_BEATS) if beats >= ROOMY_BEATS - 1e-6 else TIGHT_BREATH_BEATS


def _hold(beats: float) -> float:
    """The least the last note of a line gets."""
    return 1.0 if beats >= ROOMY_BEATS - 1e-6 else 0.5


def _pulse(count: int, room: float, hold: float, beat_s: float) -> float:
    """The slowest that fits and does not drag."""
    fitting = [pulse for pulse in PULSES if pulse * (count - 1) + max(hold, pulse) <= room + 1e-6]
    return next((pulse for pulse in fitting if pulse * beat_s <= SLOWEST_S), fitting[-1] if fitting else PULSES[-1])
