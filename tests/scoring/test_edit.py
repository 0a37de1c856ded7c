from __future__ import annotations

import json
from dataclasses import replace

import pytest
from analyses import made_up
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.analysis import Cut
from scoring.edit import KNOWN_STRENGTH, Edit, Mark, check_edit, parse_edit, with_edit
from scoring.errors import TimelineError
from scoring.hits import SPACING_S, TOLERANCE_MS
from scoring.spotting import spot
from scoring.style import load_style
from scoring.timebase import FrameRate

TIMES = st.floats(0, 7200, allow_nan=False).map(lambda t: round(t, 6))
KINDS = st.sampled_from(["cut", "dissolve", "fade"])


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    start_s, time_s, end_s = sorted(draw(st.tuples(TIMES, TIMES, TIMES)))
    kind = draw(KINDS)
    if kind == "cut":
        return Cut(time_s, "cut", KNOWN_STRENGTH)
    return Cut(time_s, kind, draw(st.floats(0, 1).map(lambda v: round(v, 6))), start_s, end_s)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    some = draw(st.none() | st.lists(cuts(), max_size=8))
    marks = draw(st.lists(st.builds(Mark, TIMES, st.text(), st.text(max_size=40), st.text()), max_size=8))
    return Edit(
        None if some is None else tuple(sorted(some, key=lambda cut: cut.time_s)),
        tuple(sorted(marks, key=lambda mark: mark.time_s)),
        draw(st.none() | TIMES),
        draw(st.text()),
    )


@given(edits())
def test_what_is_written_is_read_again(edit: Edit) -> None:
    assert parse_edit(json.dumps(edit.to_json())) == edit


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("no", "not JSON"),
        ("[]", "object"),
        ("[" * 100_000, "not JSON"),
        ('{"schema": "cuesmith.edit/2"}', "schema"),
        ('{"cuts": [{"time_s": -1}]}', "cuts[0]: time_s"),
        ('{"cuts": [{"time_s": 1}, {"time_s": 2, "kind": "wipe"}]}', "cuts[1]: kind"),
        ('{"cuts": [{"time_s": 2, "kind": "dissolve", "start_s": 3}]}', "cuts[0]: start_s"),
        ('{"marks": [{"name": "slam"}]}', "marks[0]: time_s"),
        ('{"marks": [{"time_s": 1, "colour": "' + "x" * 41 + '"}]}', "marks[0]: colour"),
        ('{"marks": [{"time_s": NaN}]}', "marks[0]: time_s"),
        (json.dumps({"marks": [{"time_s": 1}] * 5001}), "5001 marks"),
    ],
)
def test_what_makes_no_sense_is_refused_with_where_and_what(text: str, named: str) -> None:
    with pytest.raises(TimelineError) as caught:
        parse_edit(text, "cut 7")
    assert "cut 7" in str(caught.value)
    assert named in str(caught.value)
    assert caught.value.advice


def test_an_edit_of_a_longer_film_is_refused() -> None:
    rate = FrameRate(25)
    check_edit(Edit((Cut(60.0, "cut", 0.5),), (Mark(60.02),)), 60.0, rate)
    with pytest.raises(TimelineError, match=r"a cut at 61\.000 s, and the film lasts 60\.000 s"):
        check_edit(Edit((Cut(61.0, "cut", 0.5),)), 60.0, rate)
    with pytest.raises(TimelineError, match="a mark at"):
        check_edit(Edit((), (Mark(61.0),)), 60.0, rate)


def test_given_cuts_take_the_place_of_detected_ones_and_their_shots_are_measured() -> None:
    analysis = made_up(60.0, cuts=6)
    seen = analysis.shots.cuts[2]
    given_cuts = (Cut(0.0, "cut", 0.5), replace(seen, time_s=seen.time_s + 0.04), Cut(59.0, "cut", 0.5))
    edited = with_edit(analysis, Edit(given_cuts))
    assert [cut.time_s for cut in edited.shots.cuts] == [given_cuts[1].time_s, 59.0]
    assert [cut.strength for cut in edited.shots.cuts] == [seen.strength, KNOWN_STRENGTH]
    assert len(edited.shots.motion) == 3
    rate = edited.activity.rate_hz
    inside = edited.activity.motion[round(given_cuts[1].time_s * rate) + 1 : round(59 * rate) - 1]
    assert inside.min() <= edited.shots.motion[1] <= inside.max()


def test_a_film_in_one_shot_has_no_cuts_and_an_edit_without_any_leaves_the_detected() -> None:
    analysis = made_up(60.0, cuts=6)
    assert with_edit(analysis, Edit(cuts=())).shots.cuts == ()
    assert with_edit(analysis, Edit(marks=(Mark(3.0),))) == analysis


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 119.99).map(lambda t: round(t, 3)), max_size=12), st.integers(0, 50))
def test_every_mark_is_a_locked_hit_at_its_very_time_with_nothing_else_near(times_s: list[float], seed: int) -> None:
    analysis = made_up(120.0, seed=seed, cuts=20)
    sheet = spot(
        analysis,
        source="film",
        frame_rate=FrameRate(25),
        style=load_style("cinematic"),
        seed=1,
        marks=[Mark(t) for t in times_s],
    )
    hits = [hit for cue in sheet.cues for hit in cue.hit_points]
    locked = [hit for hit in hits if hit.locked]
    assert [hit.time_s for hit in locked] == sorted(set(times_s))
    assert all((hit.kind, hit.weight, hit.tolerance_ms) == ("manual", 1.0, TOLERANCE_MS) for hit in locked)
    for cue in sheet.cues:
        mine = [hit.time_s for hit in cue.hit_points if hit.locked]
        assert all(cue.in_s <= t < cue.out_s for t in mine)
        free = [hit.time_s for hit in cue.hit_points if not hit.locked]
        assert all(abs(a - b) >= SPACING_S for a in free for b in mine)


def test_without_marks_the_sheet_is_as_it_was() -> None:
    analysis = made_up(90.0, cuts=12)
    common = {"source": "film", "frame_rate": FrameRate(25), "style": load_style("cinematic"), "seed": 1}
    assert spot(analysis, **common) == spot(analysis, **common, marks=[])
