"""Rhythm: a note for each syllable, the last one held, then a breath."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.composer.lyrics.rhythm import kept_syllables, line_rhythm
from music_engine.composer.lyrics.syllables import Syllable, syllables_of

LINE = st.lists(st.booleans(), min_size=1, max_size=60).map(lambda row: tuple(Syllable("a", on) for on in row))


@pytest.mark.parametrize("beats", [4.0, 6.0, 8.0])
def test_each_syllable_has_a_note_and_the_last_is_held_before_a_breath(beats: float) -> None:
    syllables = syllables_of("Walking down the empty street")
    assert kept_syllables(syllables, beats) == syllables
    lengths = line_rhythm(syllables, beats, 0.5)
    assert len(lengths) == 7
    assert lengths[-1] >= max(lengths[:-1]) - 1e-9 or lengths[-1] >= 1.0
    assert sum(lengths) <= beats - 0.5 + 1e-9


def test_stressed_syllables_come_on_the_beat_where_there_is_room() -> None:
    syllables = syllables_of("remember the winter morning of the river")
    lengths = line_rhythm(syllables, 8.0, 0.55)
    onsets = [0.0, *accumulate(lengths[:-1])]
    on_beat = [onset % 1.0 == 0.0 for onset, one in zip(onsets, syllables, strict=True) if one.is_stressed]
    assert sum(on_beat) >= len(on_beat) - 1


def test_a_line_with_too_many_syllables_keeps_the_stressed_ones() -> None:
    syllables = tuple(Syllable("a", place % 3 == 0) for place in range(24))
    kept = kept_syllables(syllables, 4.0)
    assert len(kept) == 11
    assert sum(s.is_stressed for s in kept) == 8
    assert kept[-1] is syllables[-1]


@given(LINE, st.sampled_from([2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 16.0]), st.floats(0.15, 3.0))
def test_any_line_fits_its_room_with_notes_that_sound(line: tuple[Syllable, ...], beats: float, beat_s: float) -> None:
    kept = kept_syllables(line, beats)
    assert 1 <= len(kept) <= len(line)
    lengths = line_rhythm(kept, beats, beat_s)
    assert len(lengths) == len(kept)
    assert min(lengths) >= 0.25 - 1e-9
    assert sum(lengths) <= beats - 0.25 + 1e-9
