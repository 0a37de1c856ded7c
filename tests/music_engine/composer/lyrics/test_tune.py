"""The tune of lyrics, in whole plans: phrases follow lines, notes follow syllables, a chorus returns."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.melody import chord_at
from music_engine.composer.note import Note
from music_engine.composer.plan import Plan, make_plan
from music_engine.sdk.piece import Piece, request_for_piece
from scoring.cue_sheet import Metre
from scoring.style import load_style, style_names

SONG = (
    "[intro]\n[verse]\nWalking down the empty street tonight\nThe rain is falling on the window pane\n"
    "[chorus]\nOh, carry me home\nCarry me home across the river\n"
    "[verse]\nMorning finds me waiting by the door\nThe coffee cold, the radio is on\n"
    "[chorus]\nOh, carry me home\nCarry me home across the river\n[outro]"
)


def _plan(lyrics: str | None = SONG, **fields: object) -> Plan:
    piece = {"prompt": "warm", "duration_s": 60.0, "seed": 3, **fields, "lyrics": lyrics}
    request = request_for_piece(Piece(**piece))  # type: ignore[arg-type]
    return make_plan(request, load_style(request.style))


def _notes(plan: Plan, start: float, end: float) -> list[Note]:
    return [note for note in plan.line.notes if start - 1e-6 <= note.beat < end - 1e-6]


@pytest.mark.parametrize("style", style_names())
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_line_is_a_phrase_with_a_note_a_syllable_a_long_end_and_a_rest(style: str, seed: int) -> None:
    plan = _plan(style=style, seed=seed)
    for line in plan.verses.lines:
        notes = _notes(plan, line.beat, line.end)
        assert len(notes) == len(line.syllables), line.text
        assert notes[0].beat == pytest.approx(line.beat)
        assert notes[-1].beat + notes[-1].beats <= line.end - 0.25 + 1e-6
        assert notes[-1].beats >= sorted(note.beats for note in notes)[len(notes) // 2] - 1e-6
        assert notes[-1].pitch % 12 in chord_at(plan.chords, notes[-1].beat + notes[-1].beats / 2).pitch_classes


@pytest.mark.parametrize("seed", range(6))
def test_a_chorus_that_returns_has_its_melody_and_its_chords_again(seed: int) -> None:
    plan = _plan(seed=seed)
    form = plan.form
    first, second = (span for span in form.sections if span.section.name == "chorus")
    one, other = form.bars[first.first].beat, form.bars[second.first].beat
    length = form.bars[first.stop - 1].beat + form.bars[first.stop - 1].beats - one
    heard = [[(n.beat - at, n.beats, n.pitch) for n in _notes(plan, at, at + length)] for at in (one, other)]
    assert len(heard[0]) == 5 + 9
    assert heard[0] == [pytest.approx(note) for note in heard[1]]
    assert [chord_at(plan.chords, one + beat).symbol for beat in range(int(length))] == [
        chord_at(plan.chords, other + beat).symbol for beat in range(int(length))
    ]


def test_verse_and_chorus_have_melodies_of_their_own() -> None:
    plan = _plan("[verse]\nHello my old friend\n[chorus]\nHello my old friend")
    rows = {
        line.tune: [n.pitch - _notes(plan, line.beat, line.end)[0].pitch for n in _notes(plan, line.beat, line.end)]
        for line in plan.verses.lines
    }
    assert rows["verse"] != rows["chorus"]


@pytest.mark.parametrize("style", style_names())
def test_someone_plays_the_tune_wherever_there_are_words(style: str) -> None:
    for prompt in ("", "piano", "[verse] piano [chorus] violin", "no strings, solo cello", "drums", "no piano"):
        plan = _plan(style=style, prompt=prompt)
        leads = [layer for layer in plan.style.layers if layer.kind == "lead"]
        assert leads
        for bar in plan.form.bars:
            if plan.verses.holds(bar):
                assert any(plan.arrangement.plays(lead, bar) for lead in leads), (prompt, bar.index)


def test_other_words_make_another_melody_and_the_same_words_the_same() -> None:
    assert _plan().line == _plan().line
    assert _plan(SONG.replace("Walking down", "Wandering and wandering down")).line != _plan().line
    assert _plan(None).line != _plan().line


def test_words_that_are_sung_change_no_chord_outside_what_returns() -> None:
    with_words, without = _plan("la la la\nla la"), _plan(None)
    assert with_words.chords == without.chords


@settings(max_examples=25, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from("abcde \n[]爱さ"), st.characters()), min_size=1, max_size=400),
    st.sampled_from([10.0, 61.3]),
    st.integers(2, 7),
    st.sampled_from(style_names()),
)
def test_any_lyrics_make_a_tune_of_single_notes_within_the_piece(
    text: str, duration_s: float, beats: int, style: str
) -> None:
    request = request_for_piece(Piece("", duration_s, lyrics=text, style=style))
    plan = make_plan(replace(request, metre=Metre(beats, 4)), load_style(style))
    assert plan.line.notes
    for note in plan.line.notes:
        assert note.beats > 0
        assert plan.form.start_beat - 1e-6 <= note.beat <= plan.form.end_beat
        assert 0 <= note.pitch <= 127
    for before, after in pairwise(plan.line.notes):
        assert before.beat + before.beats <= after.beat + 1e-6
