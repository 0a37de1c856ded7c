"""Harmony: which chord sounds when, from the style's progressions and the cue's key."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from music_engine.composer.form import Form
from scoring.key import PITCH_NAMES, Key
from scoring.request import CueRequest
from scoring.style import DEGREE, Harmony

BRIGHT_MODES = ("lydian", "major", "mixolydian")
_MAJOR_STEPS = (0, 2, 4, 5, 7, 9, 11)
_TRIADS = {(4, 7): "", (3, 7): "m", (3, 6): "dim", (2, 7): "sus2", (5, 7): "sus4"}
OTHER = 0.35  # how often a phrase takes the cue's second progression
PEDAL_TENSION = 0.6  # from here some phrases keep the home note in the bass (design choice)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord over [beat, beat + beats). root, pitch_classes (root first), bass: pitch classes, C = 0."""

    beat: float
    beats: float
    root: int
    pitch_classes: tuple[int, ...]
    bass: int
    symbol: str

    @property
    def end(self) -> float:
        """Where it stops, in beats."""
        return self.beat + self.beats


def read_degree(word: str, key: Key) -> Chord:
    """A chord of no length from a scale degree: "6", "b7", "5sus4", "3min", "4add9".

    Triads are built in thirds on the key's own scale; a diminished one is replaced by the triad a third below,
    which shares two of its notes. A flat degree is a major triad, borrowed.
    """
    match = DEGREE.fullmatch(word)
    if match is None:
        raise ValueError(f"no such degree: {word!r}")
    flat, degree, quality, colour = match.groups()
    step = int(degree) - 1
    if flat:
        root, third, fifth = (key.tonic + _MAJOR_STEPS[step] - 1) % 12, 4, 7
    else:
        root, third, fifth = _triad(step, key)
        if (third, fifth) == (3, 6):
            root, third, fifth = _triad(step - 2, key)
    if quality:
        third, fifth = (4 if quality == "maj" else 3), 7
    return _coloured(root, third, fifth, colour or "", key)


def _triad(step: int, key: Key) -> tuple[int, int, int]:
    scale = key.scale
    root = scale[step % 7]
    return root, (scale[(step + 2) % 7] - root) % 12, (scale[(step + 4) % 7] - root) % 12


def _coloured(root: int, third: int, fifth: int, colour: str, key: Key) -> Chord:
    steps = [0, third, fifth]
    suffix = _TRIADS.get((third, fifth), "")
    if colour.startswith("sus"):
        steps[1] = 2 if colour == "sus2" else 5
        suffix = colour
    elif colour == "add9":
        steps.append(2)
        suffix += colour
    elif colour == "7":
        seventh = 10 if (root + 10) % 12 in key.scale or third == 3 else 11
        steps.append(seventh)
        suffix += "7" if seventh == 10 else "maj7"
    pitch_classes = tuple((root + step) % 12 for step in steps)
    return Chord(0.0, 0.0, root, pitch_classes, root, PITCH_NAMES[root] + suffix)


def chord_beats(harmony: Harmony, form: Form, arousal: float) -> float:
    """How long a chord lasts: from calm_bars to lively_bars, in halves and doubles of a bar."""
    share = (min(max(arousal, -1.0), 1.0) + 1.0) / 2.0
    bars = harmony.calm_bars ** (1.0 - share) * harmony.lively_bars**share
    bars = 2.0 ** round(math.log2(bars))
    if form.beats_per_bar % 2 and bars < 1:
        bars = 1.0
    return bars * form.beats_per_bar


def harmonise(form: Form, harmony: Harmony, request: CueRequest, rng: np.random.Generator) -> tuple[Chord, ...]:
    """Chords from the first sample to the last, without a gap."""
    bright = request.key.mode in BRIGHT_MODES
    words = _words(form, harmony, request, bright, rng)
    chords = [_place(word, beat, end, request, harmony, rng) for beat, end, word in words]
    if chords:  # a cue begins on a plain chord
        chords[0] = replace(read_degree(words[0][2], request.key), beat=chords[0].beat, beats=chords[0].beats)
    chords = _pedals(chords, form, request, rng)
    home = read_degree("1", request.key)
    if form.final_beat is not None:
        chords.append(replace(home, beat=form.final_beat, beats=form.stop_beat - form.final_beat))
    elif chords:
        chords[-1] = replace(chords[-1], beats=form.stop_beat - chords[-1].beat)
    else:
        chords = [replace(home, beat=0.0, beats=form.stop_beat)]
    first = chords[0]
    if first.beat - form.start_beat > 1e-6:
        chords.insert(0, replace(first, beat=form.start_beat, beats=first.beat - form.start_beat))
    return tuple(chords)


def _words(
    form: Form, harmony: Harmony, request: CueRequest, bright: bool, rng: np.random.Generator
) -> list[tuple[float, float, str]]:
    """(beat, end, degree) up to the last beat: two progressions that alternate, a cadence where the cue ends."""
    pool = harmony.bright if bright else harmony.dark
    chosen = [pool[i].split() for i in rng.permutation(len(pool))[:2]]
    length = chord_beats(harmony, form, request.arousal)
    words: list[tuple[float, float, str]] = []
    place, which = 0, 0
    for bars in form.phrases:
        edges = _edges(form, bars[0].beat, bars[-1].beat + bars[-1].beats, length)
        for beat, end in edges:
            words.append((beat, end, chosen[which][place % len(chosen[which])]))
            place += 1
        if place >= len(chosen[which]):  # heard once through: the next phrase begins one, mostly the first again
            place, which = 0, int(rng.random() < OTHER and len(chosen) > 1)
    if form.final_beat is None:
        return _without_stasis(words, request.key, bright, "")
    pool = harmony.cadences_bright if bright else harmony.cadences_dark
    words = _with_cadence(words, pool[int(rng.integers(len(pool)))].split()[:-1])
    return _without_stasis(words, request.key, bright, "1")


def _edges(form: Form, start: float, end: float, length: float) -> list[tuple[float, float]]:
    """Chord spans of a phrase; a heavy hit begins a new one, and no span is shorter than a beat."""
    marks = {start, *(start + k * length for k in range(1, math.ceil((end - start) / length)))}
    for accent in form.accents:
        if accent.heavy and start <= accent.beat < end - 0.99:
            marks = {m for m in marks if m in (start, accent.beat) or abs(m - accent.beat) > 1.01} | {accent.beat}
    ordered = sorted(m for m in marks if m == start or end - m > 0.99)
    return list(zip(ordered, [*ordered[1:], end], strict=True))


def _without_stasis(
    words: list[tuple[float, float, str]], key: Key, bright: bool, last: str
) -> list[tuple[float, float, str]]:
    """No root twice in a row: the first of the two turns aside, so the second is an arrival. last: what follows."""
    moved = list(words)
    for i, (beat, end, word) in enumerate(words):
        before = read_degree(moved[i - 1][2], key).root if i else -1
        following = words[i + 1][2] if i + 1 < len(words) else last
        after = read_degree(following, key).root if following else -1
        if read_degree(word, key).root == after:
            choices = ("5sus4", "4", "6", "3", "2") if bright else ("7", "4", "6", "3", "5")
            moved[i] = (beat, end, next(w for w in choices if read_degree(w, key).root not in (before, after)))
    return moved


def _with_cadence(words: list[tuple[float, float, str]], approach: list[str]) -> list[tuple[float, float, str]]:
    """The last chords before the final one become the cadence's, as many as there is room for."""
    kept = approach[-max(len(words) - 1, 0) :] if len(words) > 1 else []
    count = len(kept)
    start = len(words) - count
    tail = [(beat, end, word) for (beat, end, _), word in zip(words[start:], kept, strict=True)]
    return words[:start] + tail


def _place(
    word: str, beat: float, end: float, request: CueRequest, harmony: Harmony, rng: np.random.Generator
) -> Chord:
    """The chord of a degree, coloured as mood and tension ask: the tenser, the more seconds and suspensions."""
    draw, kind = rng.random(2)
    match = DEGREE.fullmatch(word)
    share = harmony.colour * 0.6 + 0.35 * request.tension
    if match is not None and not match[4] and draw < share:
        suspended = kind < 0.1 + 0.5 * request.tension
        candidate = word + (("sus4" if kind < 0.25 * request.tension else "sus2") if suspended else "add9")
        chord = read_degree(candidate, request.key)
        if set(chord.pitch_classes) <= set(request.key.scale):
            return replace(chord, beat=beat, beats=end - beat)
    return replace(read_degree(word, request.key), beat=beat, beats=end - beat)


def _pedals(chords: list[Chord], form: Form, request: CueRequest, rng: np.random.Generator) -> list[Chord]:
    """Tense cues keep the home note in the bass through some phrases, never two in a row."""
    if request.tension < PEDAL_TENSION or not form.bars:
        return chords
    pedal: set[int] = set()
    for number in range(len(form.phrases)):
        if rng.random() < request.tension * 0.7 and number - 1 not in pedal:
            pedal.add(number)
    bars = [form.bar_at(chord.beat) for chord in chords]
    return [
        replace(chord, bass=request.key.tonic, symbol=f"{chord.symbol}/{PITCH_NAMES[request.key.tonic]}")
        if bar is not None and bar.phrase in pedal and chord.root != request.key.tonic
        else chord
        for chord, bar in zip(chords, bars, strict=True)
    ]
