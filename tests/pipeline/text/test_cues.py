from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.cues import MOST_CUES, Form, form_of, parse_cues
from scoring.errors import TextError
from scoring.text.said import read_lines

VTT = """WEBVTT

STYLE
::cue { color: red }

NOTE nothing to say

intro
00:01.000 --> 00:03.500 align:start position:0%
<v Bob>Hello <c.yellow>you</c> &lt;3 <00:02.000>now

00:00:05.000 --> 00:00:06.000
- second
- line
"""
ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\an8}Run,\\Nrun!
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,I {\\b1}love{\\b0} you
"""


def lines(text: str) -> list[tuple[float, float, str]]:
    form = form_of(text)
    assert form is not None
    return [(cue.start_s, cue.end_s, cue.text) for cue in parse_cues(text, form, "a")]


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n\n".join(f"{i}\n{start} --> {end}\n{text}" for i, (start, end, text) in enumerate(cues, 1)) + "\n"


def test_webvtt_is_read_without_its_tags_notes_and_styles() -> None:
    assert lines(VTT) == [(1.0, 3.5, "Hello you <3 now"), (5.0, 6.0, "second\nline")]


def test_ass_is_read_without_overrides_comments_and_drawings_and_in_order() -> None:
    assert lines(ASS) == [(1.0, 2.0, "I love you"), (5.0, 6.0, "Run, run!")]


def test_lines_out_of_order_and_over_each_other_are_sorted_and_kept() -> None:
    text = srt(("00:00:05,000", "00:00:09,000", "two"), ("00:00:01,000", "00:00:07,000", "one"))
    assert lines(text) == [(1.0, 7.0, "one"), (5.0, 9.0, "two")]


def test_a_line_that_ends_before_it_starts_stays_a_second() -> None:
    assert lines(srt(("00:00:05,000", "00:00:04,000", "odd"))) == [(5.0, 6.0, "odd")]


def test_chinese_over_two_lines_keeps_its_clauses_apart() -> None:
    assert lines(srt(("00:00:01,000", "00:00:02,000", "我不走\n快乐就好")))[0][2] == "我不走，快乐就好"


def test_captions_that_roll_say_every_line_once() -> None:
    text = srt(
        ("00:00:01,000", "00:00:02,000", "we are"),
        ("00:00:02,000", "00:00:03,000", "we are\nso happy"),
        ("00:00:03,000", "00:00:04,000", "we are so happy"),
    )
    assert [cue[2] for cue in lines(text)] == ["we are", "so happy"]


def test_a_text_without_times_has_no_form() -> None:
    for text in ("", "I love you.", "Chapter 1\n\nAt 10:30 --> he left", "[music] hello"):
        assert form_of(text) is None


HOSTILE = {
    "arrows": "00:00:00,000 --> " * 200_000,
    "angles": "<" * 2_000_000,
    "braces": "{\\" * 1_000_000,
    "open tags in one cue": "WEBVTT\n\n00:01.000 --> 00:03.500\n" + "<c" * 500_000,
    "open tags on many lines": "WEBVTT\n\n00:01.000 --> 00:03.500\n" + "<c\n" * 190_000,
    "commas": "[Events]\nDialogue: " + "," * 2_000_000,
    "colons": "00:" * 700_000,
    "one long line": "1\n00:00:01,000 --> 00:00:02,000\n" + "happy " * 400_000,
    "bad fields": "[Events]\nFormat: Start, End, Text\nDialogue: x,y,z\nDialogue: 0:00:01.00,0:00:02.00,hi\n",
    "a time too long": "1\n" + "9" * 5_000 + ":00:00,000 --> 00:00:02,000\nhi\n",
}


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_or_refused_without_stalling(name: str, form: Form) -> None:
    form_of(HOSTILE[name])
    try:
        cues = parse_cues(HOSTILE[name], form, "a")
    except TextError:
        return
    assert len(cues) <= MOST_CUES
    assert all(len(cue.text) <= 1_000 for cue in cues)


@given(st.text(max_size=300), st.sampled_from(["srt", "vtt", "ass"]))
def test_whatever_a_line_says_it_is_read_or_refused(text: str, form: Form) -> None:
    heads = {"srt": "1\n00:00:01,000 --> 00:00:02,000\n", "vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n", "ass": ASS}
    try:
        cues = parse_cues(heads[form] + text, form, "a")
    except TextError:
        return
    read_lines(cues)
    assert all(cue.end_s > cue.start_s for cue in cues)
