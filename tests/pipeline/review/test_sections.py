from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from reviewed import cue, scored

from pipeline.review.lettering import width_px
from pipeline.review.scored import Shortfall
from pipeline.review.sections import NEAR_S, OF_ALL_S, messages, sections
from pipeline.review.span import choose_span
from scoring.timebase import FrameRate

RATE = FrameRate(25)
CUES = (cue("1m1", 2.0, 10.0), cue("1m2", 10.0, 14.0, mood="calm"), cue("1m3", 16.0, 19.0))


@given(first=st.integers(0, 499), count=st.integers(1, 500))
def test_cues_and_rests_follow_each_other_without_gaps(first: int, count: int) -> None:
    span = choose_span(RATE, 20.0, first / 25, min(20.0, (first + count) / 25))
    parts = sections(scored(CUES), span)
    assert parts[0].start_s == span.start_s
    assert parts[-1].end_s == span.end_s
    assert all(before.end_s == after.start_s for before, after in pairwise(parts))
    assert all(part.start_s < part.end_s for part in parts)
    for part in parts:
        middle_s = (part.start_s + part.end_s) / 2
        playing = [one for one in CUES if one.in_s <= middle_s < one.out_s]
        assert [part.cue] == (playing or [None])


def test_a_rest_says_what_comes_next() -> None:
    parts = sections(scored(CUES), choose_span(RATE, 20.0, None, None))
    assert [part.title for part in parts] == [
        "no music", "1M1 tense", "1M2 calm", "no music", "1M3 tense", "no music",
    ]  # fmt: skip
    assert parts[0].facts == "until 0:02.0: 1M1 tense"
    assert parts[-1].facts == "to the end of the film"
    assert parts[1].facts == "120 bpm · D minor · 4/4 · beats as planned"


def told(shortfalls: list[Shortfall], time_s: float, *, from_s: float = 0.0) -> list[str]:
    span = choose_span(RATE, 60.0, from_s, None)
    found = [lines for part, lines in messages(shortfalls, span, 14, 1248) if part.start_s <= time_s < part.end_s]
    return found[0] if found else []


def test_a_shortfall_is_told_near_its_place_and_one_of_the_whole_film_when_the_review_begins() -> None:
    rows = [Shortfall(20.0, "B1 step. Mend it."), Shortfall(None, "F1 loud. Run again.")]
    assert told(rows, 20.0 - NEAR_S - 0.1) == []
    assert told(rows, 20.0 - NEAR_S + 0.1) == told(rows, 20.0 + NEAR_S - 0.1) == ["✕ B1 step. Mend it."]
    assert told(rows, 20.0 + NEAR_S + 0.1) == []
    assert told(rows, 0.0) == told(rows, OF_ALL_S - 0.1) == ["✕ F1 loud. Run again."]
    assert told(rows, 40.0, from_s=40.0) == ["✕ F1 loud. Run again."]


def test_of_many_at_once_two_are_told_and_the_others_counted() -> None:
    rows = [Shortfall(20.0 + n / 10, f"B{n} short.") for n in range(4)]
    lines = told(rows, 20.2)
    assert lines == ["✕ B0 short.", "✕ (and 2 more) B1 short."]


def test_a_long_sentence_takes_two_lines_that_fit() -> None:
    lines = told([Shortfall(20.0, "G3 repetition. " + "The music repeats itself over and over. " * 9)], 20.0)
    assert len(lines) == 2
    assert all(width_px(line, 14) <= 1248 for line in lines)
    assert "…" in lines[1]
