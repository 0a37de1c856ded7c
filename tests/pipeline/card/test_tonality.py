"""Keys read from sound, against keys planned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import cue_plan, film_of, music, noise, plan_of, row_of, silence, take_of, tracked
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card.chords import chord_classes, transposition
from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.keys import KeyReading, read_key
from pipeline.card.row import Row
from pipeline.card.tonality import key_rows
from pipeline.card.track import Track
from scoring.key import MODES, PITCH_NAMES, Key
from scoring.timebase import TimeRange

FEW = settings(max_examples=25, deadline=None)
LENGTH_S = 24.0
BAR_S = 2.4
CHORDS = tuple((bar * BAR_S, ("Am", "F", "C", "G")[bar % 4]) for bar in range(10))
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(MODES)))


@cache
def _track() -> Track:
    """A minor, F, C, G."""
    return tracked(music(LENGTH_S))


def _shifted(track: Track, semitones: int) -> Track:
    """The same, sounding so many semitones higher."""
    return replace(track, chroma=np.roll(track.chroma, semitones, axis=1))


def _row(track: Track, cue: CuePlan) -> Row:
    return row_of(key_rows(Evidence(LENGTH_S, track, plan=plan_of(cue))), "C2")


def _fifths(semitones: int) -> int:
    return min(semitones * 7 % 12, -semitones * 7 % 12)


@pytest.mark.parametrize("planned", ["A minor", "C major", "D dorian", "F lydian", "E minor", "F major"])
def test_the_planned_key_its_relatives_and_neighbours_pass(planned: str) -> None:
    assert _row(_track(), cue_plan(0, LENGTH_S, key=Key.parse(planned))).status == "pass"


@pytest.mark.parametrize("semitones", range(12))
def test_a_cue_in_a_wrong_key_fails_from_two_fifths_on(semitones: int) -> None:
    row = _row(_shifted(_track(), semitones), cue_plan(0, LENGTH_S))
    assert row.value == _fifths(semitones)
    assert row.status == ("fail" if _fifths(semitones) > 1 else "pass")


def test_real_sound_a_minor_third_up_fails_and_says_what_it_is_in() -> None:
    row = row_of(key_rows(take_of(music(LENGTH_S, semitones=3))), "C2")
    assert (row.status, row.value, row.cue) == ("fail", 3.0, "1m1")
    assert "planned was A minor" in row.advice
    assert any(
        f"reads as {key}" in row.advice for key in ("C minor", "Eb major", "G phrygian", "Ab lydian", "F dorian")
    )


@FEW
@given(planned=KEYS, semitones=st.integers(0, 11))
def test_the_distance_is_the_same_in_every_key(planned: Key, semitones: int) -> None:
    moved = Key((planned.tonic + semitones) % 12, planned.mode)
    here = _row(_track(), cue_plan(0, LENGTH_S, key=planned))
    there = _row(_shifted(_track(), semitones), cue_plan(0, LENGTH_S, key=moved))
    assert (here.value, here.status) == (there.value, there.status)


@FEW
@given(level=st.floats(1e-4, 1e2), at=st.integers(0, 200), length=st.integers(1, 40))
def test_neither_level_nor_one_loud_passage_changes_the_key(level: float, at: int, length: int) -> None:
    louder = _track().chroma * np.float32(level)
    louder[at : at + length] *= 50
    evidence = Evidence(LENGTH_S, _track())
    stretch = TimeRange(0, LENGTH_S)
    reading = read_key(evidence, replace(_track(), chroma=louder), stretch, cue_plan(0, LENGTH_S))
    assert isinstance(reading, KeyReading)
    assert reading.key.fifths_to(Key.parse("A minor")) <= 1


@pytest.mark.parametrize("semitones", range(1, 12))
def test_with_chords_even_the_nearest_wrong_key_is_sure(semitones: int) -> None:
    cue = cue_plan(0, LENGTH_S, chords=CHORDS)
    evidence = Evidence(LENGTH_S, _track(), plan=plan_of(cue))
    reading = read_key(evidence, _shifted(_track(), semitones), TimeRange(0, LENGTH_S), cue)
    assert isinstance(reading, KeyReading)
    assert reading.chords is not None
    assert reading.chords.semitones % 12 == semitones
    assert reading.chords.fifths == _fifths(semitones)


def test_chords_that_were_composed_in_a_wrong_key_fail_though_they_are_played_as_written() -> None:
    """An engine that misread the key tells the chords that it really played."""
    row = _row(_track(), cue_plan(0, LENGTH_S, key=Key.parse("C minor"), chords=CHORDS))
    assert row.status == "fail"


def test_a_key_read_without_confidence_only_warns() -> None:
    """Two keys a whole tone apart, sounding nearly as long as each other."""
    chroma = _track().chroma.copy()
    other = np.arange(len(chroma)) % 40 < 22
    chroma[other] = np.roll(chroma[other], 10, axis=1)
    row = _row(replace(_track(), chroma=chroma), cue_plan(0, LENGTH_S))
    assert (row.status, row.value) == ("warn", 2.0)
    assert row.advice


@pytest.mark.parametrize("sound", ["noise", "silence"])
def test_what_has_no_key_is_not_measurable(sound: str) -> None:
    samples = noise(12.0) if sound == "noise" else silence(12.0)
    row = row_of(key_rows(take_of(samples)), "C2")
    assert (row.status, row.value) == ("not measurable", None)
    assert row.advice


def test_without_a_plan_there_is_no_key_to_keep() -> None:
    row = row_of(key_rows(film_of(silence(1.0))), "C2")
    assert row.status == "not measurable"
    assert row.advice


def test_a_withheld_cue_is_not_read() -> None:
    plan = plan_of(cue_plan(0, LENGTH_S, withheld=True))
    assert row_of(key_rows(Evidence(LENGTH_S, _track(), plan=plan)), "C2").status == "not measurable"


def test_the_worst_cue_is_shown_and_the_others_stand_in_the_detail() -> None:
    chroma = _track().chroma.copy()
    chroma[120:] = np.roll(chroma[120:], 1, axis=1)
    plan = plan_of(cue_plan(0, 12.0, name="1m1"), cue_plan(12.0, LENGTH_S, name="1m2"))
    row = row_of(key_rows(Evidence(LENGTH_S, replace(_track(), chroma=chroma), plan=plan)), "C2")
    assert (row.status, row.cue, row.at_s, row.value) == ("fail", "1m2", 12.0, 5.0)
    assert set(row.detail["cues"]) == {"1m1", "1m2"}


def test_what_is_muted_on_purpose_is_not_read() -> None:
    chroma = _track().chroma.copy()
    chroma[60:] = np.roll(chroma[60:], 6, axis=1)
    gain_db = np.zeros(2400)
    gain_db[600:] = -60.0
    track = replace(_track(), chroma=chroma)
    kept = Evidence(LENGTH_S, track, plan=plan_of(cue_plan(0, LENGTH_S), gain_db=gain_db))
    rested = Evidence(LENGTH_S, track, plan=plan_of(cue_plan(0, LENGTH_S), rests=[(6.0, LENGTH_S)]))
    assert row_of(key_rows(kept), "C2").status == "pass"
    assert row_of(key_rows(rested), "C2").status == "pass"


@pytest.mark.parametrize(
    ("symbol", "notes"),
    [
        ("C", {0, 4, 7}),
        ("F#madd9/A", {6, 8, 9, 1}),
        ("Bbsus4", {10, 3, 5}),
        ("Dm/C", {2, 5, 9, 0}),
        ("Ebmaj7", {3, 7, 10, 2}),
    ],
)
def test_chord_symbols_are_read(symbol: str, notes: set[int]) -> None:
    assert chord_classes(symbol) == frozenset(notes)


@pytest.mark.parametrize("symbol", ["", "H", "N.C.", "Cfoo", "C/", "c"])
def test_what_is_no_chord_symbol_is_left_alone(symbol: str) -> None:
    assert chord_classes(symbol) is None


@FEW
@given(
    roots=st.lists(st.sampled_from(PITCH_NAMES), min_size=3, max_size=8, unique=True),
    semitones=st.integers(0, 11),
)
def test_a_transposition_of_written_chords_is_found(roots: list[str], semitones: int) -> None:
    chords = tuple((bar * 3.0, root + "m" * (bar % 2)) for bar, root in enumerate(roots))
    steps = 30 * len(roots)
    chroma = np.full((steps, 12), 0.02, np.float32)
    for bar, (_, symbol) in enumerate(chords):
        notes = sorted(chord_classes(symbol) or ())
        chroma[30 * bar : 30 * bar + 30, [(note + semitones) % 12 for note in notes]] = 1.0
    found = transposition(chords, chroma, 0.0, np.ones(steps, bool))
    assert found is not None
    assert found.semitones % 12 == semitones
    assert found.fit > 0.9


def test_one_chord_alone_says_nothing_of_a_transposition() -> None:
    chroma = np.ones((100, 12), np.float32)
    assert transposition(((0.0, "C"),), chroma, 0.0, np.ones(100, bool)) is None
    assert transposition((), chroma, 0.0, np.ones(100, bool)) is None
