"""Melody: the motif and its relatives laid over the chords, phrase by phrase."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from music_engine.composer.form import Bar, Form
from music_engine.composer.harmony import Chord
from music_engine.composer.motif import Motif
from music_engine.composer.note import Note
from scoring.key import Key
from scoring.style import Melody

RELATIVES = ("sequence", "inversion", "fragment", "augmentation", "statement")
_CLASH = (1, 11)  # a semitone above or below, octaves aside


@dataclass(frozen=True, slots=True)
class Line:
    """The tune, and where the motif stands in it: (beat, relative), the relative a name of RELATIVES, or "words" where
    its contour lies under a line of lyrics."""

    notes: tuple[Note, ...]
    statements: tuple[tuple[float, str], ...]


def write_line(
    form: Form,
    chords: tuple[Chord, ...],
    key: Key,
    motif: Motif,
    melody: Melody,
    register: tuple[int, int],
    sounding: frozenset[int],
    rng: np.random.Generator,
) -> Line:
    """The lead's tune over the phrases in `sounding` (numbers of phrases); silent elsewhere.

    The first of them states the motif as it is; later ones state it or a relative, or rest.
    """
    writer = Writer(form, chords, key, register)
    drawn = motif.for_bar(form.beats_per_bar).stretched(melody.stretch)
    notes: list[Note] = []
    statements: list[tuple[float, str]] = []
    for number, bars in enumerate(form.phrases):
        if number not in sounding or (statements and rng.random() < melody.rests and number + 1 < len(form.phrases)):
            continue
        relatives = _plan(bars, drawn, not statements, rng)
        for beat, relative in relatives:
            notes += writer.state(_relative(drawn, relative, rng), beat, bars[-1].beat + bars[-1].beats, notes)
            statements.append((beat, relative))
    if form.final_beat is not None and notes:
        notes.append(writer.last_note(notes[-1].pitch))
    return Line(legato(notes), tuple(statements))


def _plan(bars: tuple[Bar, ...], motif: Motif, first: bool, rng: np.random.Generator) -> list[tuple[float, str]]:
    """Where in a phrase which relative begins: the motif, then an answer in its second half."""
    start, end = bars[0].beat, bars[-1].beat + bars[-1].beats
    opening = "statement" if first or rng.random() < 0.6 else str(rng.choice(RELATIVES[:4]))
    planned = [(start, opening)]
    length = motif.length * (2.0 if opening == "augmentation" else 1.0)
    bar_beats = bars[0].beats
    answer = start + max(np.ceil(length / bar_beats), 1) * bar_beats
    if answer + 2.0 <= end:
        planned.append((float(answer), str(rng.choice(("sequence", "fragment", "inversion")))))
    return planned


def _relative(motif: Motif, name: str, rng: np.random.Generator) -> Motif:
    if name == "inversion":
        return motif.inverted()
    if name == "augmentation":
        return motif.stretched(2.0)
    if name == "fragment":
        return motif.head()
    if name == "sequence":
        shift = int(rng.choice((-2, -1, 1, 2)))
        return Motif(tuple(step + shift for step in motif.steps), motif.beats)
    return motif


@dataclass(frozen=True, slots=True)
class Writer:
    """Sets motifs to notes over the chords of one cue."""

    form: Form
    chords: tuple[Chord, ...]
    key: Key
    register: tuple[int, int]

    def state(self, motif: Motif, beat: float, end: float, before: list[Note]) -> list[Note]:
        """The motif from a beat on, cut at `end`, at the pitch where it agrees best with the chords."""
        onsets = beat + np.concatenate([[0.0], np.cumsum(motif.beats)[:-1]])
        inside = [i for i, onset in enumerate(onsets) if onset < end - 0.2]
        steps = [motif.steps[i] for i in inside]
        lengths = [min(motif.beats[i], end - onsets[i]) for i in inside]
        times = [float(onsets[i]) for i in inside]
        last = before[-1].pitch if before else sum(self.register) // 2
        ladders = {shift: [self._pitch(step + shift) for step in steps] for shift in range(-14, 22)}
        fitting = {k: p for k, p in ladders.items() if min(p) >= self.register[0] and max(p) <= self.register[1]}
        shift = min(fitting or ladders, key=lambda k: (self._cost(ladders[k], times, lengths, last), k))
        pitches = [self._settled(p, t, n) for p, t, n in zip(ladders[shift], times, lengths, strict=True)]
        peak = max(pitches)
        return [
            Note(t, n, self._within(p), 0.62 + (0.12 if p == peak else 0.0))
            for t, n, p in zip(times, lengths, pitches, strict=True)
        ]

    def last_note(self, near: int) -> Note:
        """The home note or its third over the final chord, whichever is nearer."""
        home = self.chords[-1]
        choices = [p for p in range(*self.register) if p % 12 in home.pitch_classes[:2]]
        pitch = min(choices, key=lambda p: abs(p - near))
        return Note(home.beat, home.beats, pitch, 0.6)

    def _pitch(self, step: int) -> int:
        octave, degree = divmod(step, 7)
        tonic = self.register[0] + (self.key.tonic - self.register[0]) % 12
        offset = (self.key.scale[degree] - self.key.tonic) % 12
        return tonic + 12 * octave + offset

    def _within(self, pitch: int) -> int:
        low, high = self.register
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        return pitch

    def _cost(self, pitches: list[int], times: list[float], lengths: list[float], last: int) -> float:
        """Clashes on strong notes first, then notes foreign to the chord, then the leap from the last phrase."""
        cost = 0.0
        for pitch, time, length in zip(pitches, times, lengths, strict=True):
            weight = length * (2.0 if self._is_strong(time, length) else 0.5)
            cost += 8.0 * weight * self._clashes(pitch, time, length)
            cost += weight * (pitch % 12 not in chord_at(self.chords, time).pitch_classes)
        centre = sum(self.register) / 2.0
        return cost + 0.25 * abs(float(np.mean(pitches)) - centre) + 0.1 * abs(pitches[0] - last)

    def _is_strong(self, time: float, length: float) -> bool:
        return time % self.form.beats_per_bar < 1e-6 or length >= 1.0

    def _clashes(self, pitch: int, time: float, length: float) -> bool:
        """Whether it lies a semitone from a note of a chord that sounds for at least half a beat of it."""
        sounding = [c for c in self.chords if c.beat < time + length - 0.5 and c.end > time + 1e-6]
        return any(
            (pitch - pc) % 12 in _CLASH and pitch % 12 not in c.pitch_classes
            for c in sounding
            for pc in c.pitch_classes
        )

    def _settled(self, pitch: int, time: float, length: float) -> int:
        """A strong note that clashes moves to the nearest note that does not; the motif bends, never the ear."""
        if not self._is_strong(time, length) or not self._clashes(pitch, time, length):
            return pitch
        chord = chord_at(self.chords, time)
        nearby = sorted(range(pitch - 4, pitch + 5), key=lambda p: (abs(p - pitch), p))
        return next((p for p in nearby if p % 12 in chord.pitch_classes and not self._clashes(p, time, length)), pitch)


def chord_at(chords: tuple[Chord, ...], beat: float) -> Chord:
    """The chord that sounds at a beat; the first or last one outside."""
    for chord in chords:
        if beat < chord.end - 1e-6:
            return chord
    return chords[-1]


def legato(notes: list[Note]) -> tuple[Note, ...]:
    """Sorted, no two at once: each note stops where the next begins."""
    ordered = sorted(notes, key=lambda note: note.beat)
    cut = [
        Note(a.beat, min(a.beats, b.beat - a.beat), a.pitch, a.velocity)
        for a, b in pairwise(ordered)
        if b.beat - a.beat > 1e-6
    ]
    return (*cut, *ordered[-1:])
