"""Cuts and marks, read from the timeline's items and markers."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from fake_resolve import FakeProgram
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.resolve.script.edit import cuts_of, edit_of
from integrations.resolve.script.facts import Facts, look, rate_of
from integrations.resolve.script.words import Trouble
from scoring.edit import check_edit, parse_edit
from scoring.timebase import FrameRate

RATES = {
    "23.976": (24_000, 1001), "24": (24, 1), "25": (25, 1), "29.97": (30_000, 1001), "29.97 DF": (30_000, 1001),
    "30": (30, 1), "47.952": (48_000, 1001), "50": (50, 1), "59.94": (60_000, 1001), "59.94 DF": (60_000, 1001),
    "60": (60, 1), "23.98": (24_000, 1001), "24.0": (24, 1), "119.88": (120_000, 1001),
}  # fmt: skip


def opened(rate: str = "25", start: str = "01:00:00:00") -> FakeProgram:
    program = FakeProgram()
    program.open_timeline(rate, start)
    return program


def looked(program: FakeProgram, wanted: str = "marked") -> tuple[Facts, Any]:
    timeline = program.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    return look(timeline, wanted, "Cuesmith"), timeline


@pytest.mark.parametrize(("text", "exact"), RATES.items())
def test_a_rates_text_means_an_exact_ratio(text: str, exact: tuple[int, int]) -> None:
    assert rate_of(text) == Fraction(*exact)


@pytest.mark.parametrize("text", ["", "fast", "0", "-25"])
def test_a_text_that_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(Trouble, match="frame rate"):
        rate_of(text)


def test_cuts_lie_where_one_clip_gives_way_to_another() -> None:
    program = opened()
    program.shots(50, 75, 25)
    assert cuts_of(looked(program)[0]) == [{"time_s": 2.0}, {"time_s": 5.0}]


def test_a_cut_through_one_clip_is_none_and_a_jump_in_it_is() -> None:
    program = opened()
    program.open_timeline("25")
    clip = program.clip(frames=500)
    program.put(clip, 0, 50, source=100)
    program.put(clip, 50, 50, source=150)
    program.put(clip, 100, 50, source=300)
    assert cuts_of(looked(program)[0]) == [{"time_s": 4.0}]


def test_a_clip_above_hides_what_is_below_and_a_disabled_one_does_not() -> None:
    program = opened()
    below, above = program.clip("below.mov"), program.clip("above.mov")
    program.put(below, 0, 200)
    program.put(above, 50, 25, track=2)
    assert cuts_of(looked(program)[0]) == [{"time_s": 2.0}, {"time_s": 3.0}]
    program.timeline.tracks["video"][1].items[0].is_enabled = False
    assert cuts_of(looked(program)[0]) is None
    program.timeline.tracks["video"][1].items[0].is_enabled = True
    program.timeline.tracks["video"][1].is_enabled = False
    assert cuts_of(looked(program)[0]) is None


def test_a_gap_is_seen_and_a_title_over_the_picture_is_no_cut() -> None:
    program = opened()
    one, other = program.clip("one.mov"), program.clip("other.mov")
    program.put(one, 0, 50)
    program.put(other, 75, 50)
    title = program.put(None, 10, 20, track=2)
    title.name = "Title"
    assert cuts_of(looked(program)[0]) == [{"time_s": 2.0}, {"time_s": 3.0}]


def test_a_transition_over_a_cut_makes_it_a_dissolve() -> None:
    program = opened()
    program.shots(50, 50)
    program.put(None, 44, 12)
    assert cuts_of(looked(program)[0]) == [{"time_s": 2.0, "kind": "dissolve", "start_s": 1.76, "end_s": 2.24}]


@pytest.mark.parametrize("kind", ["Compound", "Timeline", "Multicam", "Fusion Clip"])
def test_nested_timelines_are_left_to_detection(kind: str) -> None:
    program = opened()
    timeline = program.shots(50, 50)
    clip = timeline.tracks["video"][0].items[1].clip
    assert clip is not None
    clip.kind = kind
    assert cuts_of(looked(program)[0]) is None


def test_one_clip_or_a_long_one_may_be_a_film_with_cuts_of_its_own() -> None:
    program = opened()
    program.shots(500)
    assert cuts_of(looked(program)[0]) is None
    program = opened()
    program.shots(50, 60 * 25 + 1)
    assert cuts_of(looked(program)[0]) is None
    program = opened()
    program.shots(50, 60 * 25)
    assert cuts_of(looked(program)[0]) == [{"time_s": 2.0}]


def test_markers_of_the_colour_are_marks_and_ours_are_not() -> None:
    program = opened()
    program.shots(50, 75)
    program.mark(30, "Pink", "door", "slams")
    program.mark(40, "Green", "other")
    program.mark(50, "Pink", "ours", custom_data="cuesmith:v1:job_1:1m1")
    program.mark(125, "Pink", "after the end")
    facts, timeline = looked(program)
    found = edit_of(facts, timeline, "Pink")
    assert found["marks"] == [{"time_s": 1.2, "name": "door", "colour": "Pink", "note": "slams"}]
    assert edit_of(facts, timeline, None)["marks"] == []


def test_the_ranges_first_frame_is_zero() -> None:
    program = opened()
    program.shots(50, 50, 50)
    program.mark(60, "Pink", "inside")
    program.mark(10, "Pink", "before")
    program.timeline.marks = {"video": {"in": 40, "out": 119}}
    facts, timeline = looked(program)
    found = edit_of(facts, timeline, "Pink")
    assert (facts.first, facts.frames, found["duration_s"]) == (90_040, 80, 3.2)
    assert found["cuts"] == [{"time_s": 0.4}, {"time_s": 2.4}]
    assert [mark["time_s"] for mark in found["marks"]] == [0.8]
    assert looked(program, "timeline")[0].frames == 150


@pytest.mark.parametrize(
    ("marks", "first", "frames"),
    [
        ({}, 90_000, 150),
        ({"video": {"in": 10}}, 90_010, 140),
        ({"video": {"out": 9}}, 90_000, 10),
        ({"audio": {"in": 10, "out": 19}}, 90_010, 10),
        ({"video": {"in": 90_010, "out": 90_019}}, 90_010, 10),  # as a script may have set it
        ({"video": {"in": 100, "out": 9_999}}, 90_100, 50),
    ],
)
def test_in_and_out_are_offsets_and_out_is_inside(marks: dict[str, dict[str, int]], first: int, frames: int) -> None:
    program = opened()
    program.shots(50, 50, 50)
    program.timeline.marks = marks
    facts = looked(program)[0]
    assert (facts.first, facts.frames, facts.last) == (first, frames, first + frames - 1)


def test_our_own_track_does_not_make_the_timeline_longer() -> None:
    program = opened()
    program.shots(50, 75)
    program.put(program.clip("music 12ab34cd.wav", 900), 0, 900, track=2, kind="audio")
    program.timeline.tracks["audio"][1].name = "Cuesmith"
    assert looked(program)[0].frames == 125
    program.timeline.tracks["audio"][1].name = "Cuesmithery"
    assert looked(program)[0].frames == 900
    program.timeline.tracks["audio"][1].name = "Cuesmith notes"
    assert looked(program)[0].frames == 125
    program.put(program.clip("voice.wav", 50), 950, 50, track=2, kind="audio")
    assert looked(program)[0].frames == 1000, "a track of the user's is told by what is on it"


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97", "50", "59.94", "60"])
@settings(max_examples=40)
@given(
    start=st.sampled_from(["00:00:00:00", "01:00:00:00", "10:00:00:00"]),
    lengths=st.lists(st.integers(1, 700), min_size=2, max_size=12),
    marks=st.sets(st.integers(0, 600), max_size=4),
)
def test_the_service_reads_back_every_frame(start: str, rate: str, lengths: list[int], marks: set[int]) -> None:
    """The times of cuts and marks are those frames' exactly, at every rate and start."""
    program = opened(rate, start)
    program.shots(*lengths)
    for offset in marks:
        program.mark(offset)
    facts, timeline = looked(program)
    edit = parse_edit(json.dumps(edit_of(facts, timeline, "Pink")))
    exact = FrameRate(*RATES[rate])
    check_edit(edit, facts.duration_s, exact)
    assert edit.cuts is not None
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    assert [exact.frame_at(cut.time_s) for cut in edit.cuts] == ends[:-1]
    assert [exact.frame_at(mark.time_s) for mark in edit.marks] == sorted(at for at in marks if at < ends[-1])
    assert facts.starts_at_s == pytest.approx(exact.time_of(program.timeline.start), abs=1e-9)
