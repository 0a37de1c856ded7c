"""The tune of lyrics: the motif's contour under the syllables, the same again where a section returns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from music_engine.composer.form import Form
from music_engine.composer.harmony import Chord
from music_engine.composer.lyrics.rhythm import kept_syllables, line_rhythm
from music_engine.composer.lyrics.syllables import Syllable
from music_engine.composer.lyrics.verses import Verse, Verses
from music_engine.composer.melody import Line, Writer, chord_at, legato
from music_engine.composer.motif import Motif
from music_engine.composer.note import Note
from music_engine.composer.seeds import Seeds
from scoring.key import Key

HIGH_LEVEL = 0.8  # from here on a section's tune lies in the upper part of the register
LIFT_SHARE = 4  # the upper and the lower part each leave out one such share of the register
LEAST_REGISTER = 15  # semitones; what is narrower is not divided


def write_tune(
    form: Form,
    chords: tuple[Chord, ...],
    key: Key,
    motif: Motif,
    register: tuple[int, int],
    verses: Verses,
    between: Line,
    seeds: Seeds,
) -> Line:
    """One phrase for each line of the verses, and a rest after it; a last note where the form has an ending.

    between: what is played where there are no words.
    """
    drawn = motif.for_bar(form.beats_per_bar)
    notes = [note for note in between.notes if form.final_beat is None or note.beat < form.final_beat - 1e-6]
    statements = list(between.statements)
    stanza: list[Note] = []
    for before, verse in zip((None, *verses.lines), verses.lines, strict=False):
        if before is None or verse.tune != before.tune or verse.number <= before.number:
            stanza = []  # where a section returns it begins as it began
        writer = Writer(form, chords, key, _register(form, verse, register))
        phrase = _phrase(writer, verse, drawn, form.beat_s, stanza, seeds)
        stanza += phrase
        notes += phrase
        statements.append((verse.beat, "words"))
    notes.sort(key=lambda note: note.beat)
    if form.final_beat is not None and notes:
        notes.append(Writer(form, chords, key, register).last_note(notes[-1].pitch))
    return Line(legato(notes), tuple(sorted(statements)))


def returning(chords: tuple[Chord, ...], form: Form) -> tuple[Chord, ...]:
    """The chords with those of a section that returns as they were the first time, up to the cadence of an ending."""
    first_of: dict[str, tuple[float, float]] = {}
    ends = form.last_beat - (2.0 * form.beats_per_bar if form.final_beat is not None else 0.0)
    row = chords
    for span in form.sections:
        start = form.bars[span.first].beat
        end = form.bars[span.stop - 1].beat + form.bars[span.stop - 1].beats
        if span.section.name not in first_of:
            first_of[span.section.name] = (start, end)
            continue
        first, first_end = first_of[span.section.name]
        length = min(end, ends) - start
        length = min(length, first_end - first)
        if length > 1e-6:
            again = [replace(c, beat=c.beat - first + start) for c in _between(row, first, first + length)]
            row = (*_between(row, -np.inf, start), *again, *_between(row, start + length, np.inf))
    return row


def _between(chords: Sequence[Chord], start: float, end: float) -> tuple[Chord, ...]:
    cut = [(c, max(c.beat, start), min(c.end, end)) for c in chords]
    return tuple(replace(c, beat=begin, beats=stop - begin) for c, begin, stop in cut if stop - begin > 1e-6)


def _phrase(writer: Writer, verse: Verse, motif: Motif, beat_s: float, before: list[Note], seeds: Seeds) -> list[Note]:
    syllables = kept_syllables(verse.syllables, verse.beats)
    lengths = line_rhythm(syllables, verse.beats, beat_s)
    rng = seeds.for_cue(f"words {zlib.crc32(verse.tune.encode('utf-8', 'surrogatepass'))} {verse.number}")
    shape = motif if verse.number % 2 == 0 else motif.inverted()  # a question, and its answer
    steps = _contour(syllables, shape, rng)
    notes = writer.state(Motif(steps, lengths), verse.beat, verse.beat + verse.beats, before)
    last = notes[-1]
    stressed = [*(s.is_stressed for s in syllables)]
    return [
        replace(note, velocity=note.velocity + (0.05 if strong else -0.03))
        for note, strong in zip((*notes[:-1], replace(last, pitch=_rest(writer, last))), stressed, strict=True)
    ]


def _contour(syllables: Sequence[Syllable], motif: Motif, rng: np.random.Generator) -> tuple[int, ...]:
    """A scale step for each syllable: the motif's on the stressed ones, the others on the way there."""
    marks = [i for i, syllable in enumerate(syllables) if syllable.is_stressed or i == len(syllables) - 1]
    steps = [0] * len(syllables)
    for number, place in enumerate(marks):
        steps[place] = motif.steps[number % len(motif.steps)]
        before = marks[number - 1] if number else -1
        start = steps[before] if number else steps[place] + int(rng.choice((-1, 0, 1)))
        gap = place - before
        for k in range(1, gap):
            # Unstressed syllables lean towards the note they lead to, or stay where they are.
            share = k / gap if rng.random() < 0.7 else 0.0
            steps[before + k] = round(start + (steps[place] - start) * share)
    return tuple(steps)


def _rest(writer: Writer, note: Note) -> int:
    """The nearest note of the chord under the end of a line, within the register."""
    chord = chord_at(writer.chords, note.beat + note.beats / 2)
    low, high = writer.register
    near = [p for p in range(max(low, note.pitch - 4), min(high, note.pitch + 4) + 1) if p % 12 in chord.pitch_classes]
    return min(near, key=lambda p: (abs(p - note.pitch), p), default=note.pitch)


def _register(form: Form, verse: Verse, register: tuple[int, int]) -> tuple[int, int]:
    """The upper part of the register for what is played strongly, the lower part for the rest."""
    low, high = register
    if high - low < LEAST_REGISTER or not form.sections:
        return register
    bar = form.bar_at(verse.beat)
    span = next((s for s in form.sections if bar is not None and s.first <= bar.index < s.stop), None)
    lift = (high - low) // LIFT_SHARE
    if span is not None and span.section.level >= HIGH_LEVEL:
        return low + lift, high
    return low, high - lift
