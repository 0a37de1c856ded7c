"""Form: bars, phrases, accents and where the last chord falls."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.form import RING_S, phrase_lengths, plan_form
from scoring.cue_sheet import Metre


@given(st.integers(0, 200))
def test_phrases_add_up_to_the_bars_and_none_is_longer_than_seven(bars: int) -> None:
    lengths = phrase_lengths(bars)
    assert sum(lengths) == bars
    assert all(1 <= length <= 7 for length in lengths)


@settings(max_examples=60)
@given(
    duration_s=st.floats(0.5, 120.0),
    bpm=st.floats(40.0, 200.0),
    beats=st.integers(1, 12),
    first_s=st.floats(0.0, 6.0),
    ending=st.sampled_from(["end", "crossfade", "ring_out", "cut"]),
)
def test_bars_fill_the_cue_without_gap_or_overlap(ask, duration_s, bpm, beats, first_s, ending) -> None:  # type: ignore[no-untyped-def]
    request = ask(duration_s=duration_s, bpm=bpm, metre=Metre(beats, 4), first_downbeat_s=first_s, ending=ending)
    form = plan_form(request)
    for before, after in zip(form.bars, form.bars[1:], strict=False):
        assert before.beat + before.beats == pytest.approx(after.beat)
    if form.bars:
        assert form.bars[0].beat == 0.0
        assert form.bars[-1].beat + form.bars[-1].beats == pytest.approx(form.last_beat)
    assert form.time_s(form.end_beat) == pytest.approx(duration_s)
    assert form.origin_s <= first_s + 1e-9
    away = (first_s - form.origin_s) / (beats * form.beat_s)
    assert away == pytest.approx(round(away), abs=1e-5), "the bar grid runs through the first downbeat"
    if ending == "end":
        assert form.final_beat is not None
        assert form.body_beat - 1e-9 <= form.final_beat < form.end_beat


def test_the_last_chord_falls_on_a_bar_line_that_leaves_time_to_ring(ask) -> None:  # type: ignore[no-untyped-def]
    form = plan_form(ask(duration_s=16.0, bpm=120.0))
    assert form.final_beat == 28.0
    assert 16.0 - form.time_s(form.final_beat) >= RING_S


def test_the_last_chord_falls_on_a_heavy_hit_near_the_end(ask) -> None:  # type: ignore[no-untyped-def]
    form = plan_form(ask(duration_s=16.0, bpm=120.0, hits=((13.0, 0.9),)))
    assert form.final_beat == 26.0


def test_a_cue_that_hands_over_has_no_last_chord(ask) -> None:  # type: ignore[no-untyped-def]
    assert plan_form(ask(ending="crossfade")).final_beat is None


def test_only_a_heavy_hit_near_a_beat_is_prepared(ask) -> None:  # type: ignore[no-untyped-def]
    form = plan_form(ask(hits=((2.0, 0.9), (4.05, 0.9), (6.2, 0.9), (8.0, 0.3))))
    assert [(a.beat, a.heavy) for a in form.accents] == [(4.0, True), (8.0, True), (12.0, False), (16.0, False)]


def test_a_phrase_begins_where_the_intensity_jumps(ask) -> None:  # type: ignore[no-untyped-def]
    form = plan_form(ask(duration_s=32.0, intensity=((0.0, 0.2), (11.9, 0.2), (12.1, 0.9), (32.0, 0.9))))
    assert form.bars[6].place == 0
