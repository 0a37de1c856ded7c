from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.cue_sheet import CueSheet, HitPoint, Metre, Transition
from scoring.cue_sheet_json import SCHEMA, dumps, loads
from scoring.errors import CueSheetError
from scoring.key import Key
from scoring.moods import MOODS
from scoring.timebase import FrameRate, TimeRange

# Written by the first version; every later one must still read it.
VERSION_1 = """{
  "schema": "cuesmith.cues/1",
  "source": "film.mp4",
  "duration_s": 30.0,
  "frame_rate": "30000/1001",
  "style": "cinematic",
  "seed": 3,
  "analyser": "colour-motion",
  "silences": [[15.0, 16.0]],
  "cues": [
    {
      "id": "1m1",
      "in_s": 0.0,
      "out_s": 15.0,
      "mood": "calm",
      "bpm": 76.8,
      "key": "D minor",
      "metre": "4/4",
      "first_downbeat_s": 0.0,
      "valence": 0.1,
      "arousal": -0.4,
      "tension": 0.2,
      "intensity": [[0.0, 0.2], [15.0, 0.5]],
      "hit_points": [{"time_s": 4.0, "weight": 0.5, "tolerance_ms": 80.0, "kind": "cut", "locked": false}],
      "transition": {"kind": "ring_out", "beats": 4.0},
      "prompt": "soft strings",
      "seed": 7,
      "locked": false
    },
    {"id": "1m2", "in_s": 16, "out_s": 30, "bpm": 112, "key": "F"}
  ]
}
"""


def test_a_file_of_the_first_version_still_loads() -> None:
    sheet = loads(VERSION_1)
    assert SCHEMA == "cuesmith.cues/1"
    assert (sheet.duration_s, sheet.frame_rate, sheet.silences) == (30.0, FrameRate(30000, 1001), (TimeRange(15, 16),))
    assert sheet.cues[0].hit_points == (HitPoint(4.0, 0.5, 80.0, "cut"),)
    assert sheet.cues[0].transition == Transition("ring_out", 4.0)


def test_what_a_person_leaves_out_is_filled_in_sensibly() -> None:
    cue = loads(VERSION_1).cues[1]
    neutral = MOODS["neutral"]
    assert (cue.mood, cue.metre, cue.key, cue.first_downbeat_s) == ("neutral", Metre(4, 4), Key(5, "major"), 16.0)
    assert (cue.valence, cue.arousal, cue.tension) == (neutral.valence, neutral.arousal, neutral.tension)
    assert cue.intensity == ((16.0, 0.5),)
    assert (cue.hit_points, cue.transition, cue.locked) == ((), Transition("end", 0.0), False)
    assert "112 bpm" in cue.prompt
    assert cue.seed == loads(VERSION_1).cues[1].seed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_sheet_comes_back_from_its_text_and_the_text_from_the_sheet(
    sheets: st.SearchStrategy[CueSheet], data: st.DataObject
) -> None:
    sheet = data.draw(sheets)
    text = dumps(sheet)
    assert loads(text) == sheet
    assert dumps(loads(text)) == text
    text.encode("utf-8")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_one_value_is_replaced_by_the_sheet_loads_or_says_what_is_wrong(
    sheets: st.SearchStrategy[CueSheet], data: st.DataObject
) -> None:
    document = json.loads(dumps(data.draw(sheets)))
    target = data.draw(st.sampled_from([document, *document["cues"], *(c["transition"] for c in document["cues"])]))
    field = data.draw(st.sampled_from(sorted(target)))
    values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    target[field] = data.draw(values | st.lists(st.integers(), max_size=3))
    try:
        sheet = loads(json.dumps(document))
    except CueSheetError:
        return
    assert loads(dumps(sheet)) == sheet


def test_numbers_are_written_to_the_microsecond_and_the_grid_stays_within_a_millisecond(sheet: CueSheet) -> None:
    third = 100 / 3
    cue = replace(sheet.cues[0], out_s=3600.0, bpm=third * 3.01, first_downbeat_s=1 / 3, intensity=((0.0, 0.5),))
    long = replace(sheet, duration_s=3600.0, cues=(cue,))
    again = loads(dumps(long)).cues[0]
    assert again.first_downbeat_s == 0.333333
    beats = 3600 / cue.beat_s
    assert abs(beats * again.beat_s - 3600.0) < 1e-3


def test_a_file_name_that_is_not_unicode_survives(sheet: CueSheet) -> None:
    odd = replace(sheet, source="film\udcff.mp4")
    assert loads(dumps(odd).encode("utf-8").decode("utf-8")) == odd


def test_the_text_is_made_to_be_edited(sheet: CueSheet) -> None:
    lines = dumps(replace(sheet, source="电影.mp4")).splitlines()
    assert '  "source": "电影.mp4",' in lines
    assert '      "intensity": [[0.0, 0.2], [15.0, 0.5]],' in lines
    assert any(line.strip().startswith('{"time_s": 4.0,') for line in lines)
    assert max(len(line) for line in lines) <= 120


Change = Callable[[dict[str, Any]], object]


def cue(field: str, value: Any) -> Change:
    return lambda d: d["cues"][0].__setitem__(field, value)


def second(field: str, value: Any) -> Change:
    return lambda d: d["cues"][1].__setitem__(field, value)


def top(field: str, value: Any) -> Change:
    return lambda d: d.__setitem__(field, value)


def hit(field: str, value: Any) -> Change:
    return lambda d: d["cues"][0]["hit_points"][1].__setitem__(field, value)


def transition(field: str, value: Any) -> Change:
    return lambda d: d["cues"][0]["transition"].__setitem__(field, value)


# What is changed in a good sheet → what the message must hold: cue, field, value found, what is allowed.
REFUSED: dict[str, tuple[Change, list[str]]] = {
    "in missing": (lambda d: d["cues"][1].pop("in_s"), ["cue 1m2: in_s is missing", "a number, 0 to 30"]),
    "bpm missing": (lambda d: d["cues"][0].pop("bpm"), ["cue 1m1: bpm is missing", "20 to 400"]),
    "key missing": (lambda d: d["cues"][0].pop("key"), ["cue 1m1: key is missing", "'D minor'"]),
    "id missing": (lambda d: d["cues"][1].pop("id"), ["cue number 2: id is missing", '"1m2"']),
    "out null": (cue("out_s", None), ["cue 1m1: out_s is None", "a number, 0 to 30"]),
    "bpm text": (cue("bpm", "fast"), ["cue 1m1: bpm is 'fast'", "20 to 400"]),
    "bpm true": (cue("bpm", True), ["cue 1m1: bpm is True", "20 to 400"]),
    "bpm NaN": (cue("bpm", float("nan")), ["cue 1m1: bpm is nan", "20 to 400"]),
    "bpm zero": (cue("bpm", 0), ["cue 1m1: bpm is 0", "20 to 400"]),
    "bpm huge": (cue("bpm", 10**400), ["cue 1m1: bpm is 1000", "20 to 400"]),
    "valence": (cue("valence", 1.2), ["cue 1m1: valence is 1.2", "-1 to 1"]),
    "tension": (second("tension", -0.1), ["cue 1m2: tension is -0.1", "0 to 1"]),
    "key": (cue("key", "H minor"), ["cue 1m1: key is 'H minor'", "a tonic such as C"]),
    "metre": (cue("metre", "4/5"), ["cue 1m1: metre is '4/5'", '"6/8"']),
    "mood": (cue("mood", "groovy"), ["cue 1m1: mood is 'groovy'", "calm, tender"]),
    "prompt": (cue("prompt", 5), ["cue 1m1: prompt is 5", "text in quotes"]),
    "seed float": (cue("seed", 1.5), ["cue 1m1: seed is 1.5", "a whole number"]),
    "seed true": (cue("seed", True), ["cue 1m1: seed is True", "a whole number"]),
    "locked": (cue("locked", "yes"), ["cue 1m1: locked is 'yes'", "true or false"]),
    "transition kind": (transition("kind", "swoosh"), ["cue 1m1: transition.kind is 'swoosh'", "crossfade, ring_out"]),
    "transition beats": (transition("beats", 99), ["cue 1m1: transition.beats is 99", "0 to 16"]),
    "cut with beats": (transition("kind", "cut"), ["cue 1m1: transition.beats is 2.0", "0 for the kind 'cut'"]),
    "transition text": (cue("transition", "cut"), ["cue 1m1: transition is 'cut'", "an object"]),
    "hits text": (cue("hit_points", "none"), ["cue 1m1: hit_points is 'none'", "a list"]),
    "hit number": (cue("hit_points", [4.0]), ["cue 1m1: hit_points[0] is 4.0", "an object"]),
    "hit outside": (hit("time_s", 16.0), ["cue 1m1: hit_points[1].time_s is 16.0", "0 up to but not 15"]),
    "hit at the out": (hit("time_s", 15.0), ["cue 1m1: hit_points[1].time_s is 15.0", "0 up to but not 15"]),
    "hit weight": (hit("weight", 2), ["cue 1m1: hit_points[1].weight is 2", "0 to 1"]),
    "hit tolerance": (hit("tolerance_ms", 0), ["cue 1m1: hit_points[1].tolerance_ms is 0", "1 to 1000"]),
    "hit kind": (hit("kind", "boom"), ["cue 1m1: hit_points[1].kind is 'boom'", "cut, motion, sound"]),
    "hit missing": (
        lambda d: d["cues"][0]["hit_points"][0].pop("time_s"),
        ["cue 1m1: hit_points[0].time_s is missing"],
    ),
    "intensity shape": (cue("intensity", [[0, 0.1, 2]]), ["cue 1m1: intensity[0] is [0, 0.1, 2]", "[time in seconds"]),
    "intensity value": (cue("intensity", [[0, 1.1]]), ["cue 1m1: intensity[0] is [0.0, 1.1]", "0 to 1"]),
    "intensity order": (
        cue("intensity", [[3, 0], [2, 1]]),
        ["cue 1m1: intensity[1] time is 2.0", "later than the 3 before"],
    ),
    "intensity outside": (cue("intensity", [[-1, 0]]), ["cue 1m1: intensity[0] is [-1.0, 0.0]", "[time in seconds"]),
    "density value": (cue("density", [[0, 1.1]]), ["cue 1m1: density[0] is [0.0, 1.1]", "0 to 1"]),
    "density order": (cue("density", [[3, 0], [2, 1]]), ["cue 1m1: density[1] time is 2.0", "later than the 3 before"]),
    "downbeat": (
        cue("first_downbeat_s", 15.0),
        ["cue 1m1: first_downbeat_s is 15.0", "0 up to but not 15", "left out"],
    ),
    "outside the film": (second("out_s", 31.0), ["cue 1m2: out_s is 31.0", "0 to 30"]),
    "backwards": (second("out_s", 14.0), ["cue 1m2: out_s is 14.0", "15.5 or later"]),
    "too short": (second("out_s", 15.4), ["cue 1m2: out_s is 15.4", "at least 0.5 s"]),
    "overlap": (second("in_s", 14.0), ["cue 1m2: in_s is 14.0", "15.000000 or later", "cue 1m1 ends"]),
    "out of order": (lambda d: d["cues"].reverse(), ["cue 1m1: in_s is 0.0", "film order"]),
    "same id": (second("id", "1m1"), ["cue 1m1: id is '1m1'", "no other cue has"]),
    "id empty": (second("id", " "), ["cue number 2: id is ' '", '"1m2"']),
    "gap": (cue("out_s", 14.0), ["cue 1m2: in_s is 15.0", '14.000000, or the gap listed in "silences"']),
    "gap at the start": (
        lambda d: d["cues"][0].update(in_s=1.0, first_downbeat_s=1.0),
        ["cue 1m1: in_s is 1.0", "0.000000, or the gap"],
    ),
    "gap at the end": (second("out_s", 29.0), ["cue 1m2: out_s is 29.0", "30.000000, the film's end"]),
    "silence over a cue": (top("silences", [[14, 16]]), ["cue 1m1: overlaps silences[0], which is [14.0, 16.0]"]),
    "silence backwards": (top("silences", [[3, 2]]), ["cue sheet: silences[0] is [3.0, 2.0]", "running forward"]),
    "silence text": (top("silences", ["all"]), ["cue sheet: silences[0] is 'all'", "[start, end]"]),
    "no cues": (top("cues", []), ["cue sheet: cues is []", "at least one"]),
    "cues missing": (lambda d: d.pop("cues"), ["cue sheet: cues is missing", "a list"]),
    "cue text": (lambda d: d["cues"].append("1m3"), ["cue number 3: its text is '1m3'", "an object"]),
    "duration": (top("duration_s", 0.2), ["cue sheet: duration_s is 0.2", "0.5 to"]),
    "frame rate": (top("frame_rate", "fast"), ["cue sheet: frame_rate is 'fast'", '"30000/1001"']),
    "frame rate zero": (top("frame_rate", "1/0"), ["cue sheet: frame_rate is '1/0'", '"30000/1001"']),
    "frame rate number": (top("frame_rate", 29.97), ["cue sheet: frame_rate is 29.97", '"30000/1001"']),
    "newer": (top("schema", "cuesmith.cues/2"), ["'cuesmith.cues/2'", "newer Cuesmith", "Update"]),
    "other schema": (top("schema", "otio/1"), ["cue sheet: schema is 'otio/1'", '"cuesmith.cues/1"']),
    "no schema": (lambda d: d.pop("schema"), ["cue sheet: schema is missing", '"cuesmith.cues/1"']),
    "unknown NaN": (cue("mine", [{"x": float("nan")}]), ["cue 1m1: mine[0].x is nan", "a finite number"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "parts"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_is_named_by_cue_field_value_and_what_is_allowed(
    sheet: CueSheet, change: Change, parts: list[str]
) -> None:
    document = json.loads(dumps(sheet))
    change(document)
    with pytest.raises(CueSheetError) as caught:
        loads(json.dumps(document))
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"schema": "cuesmith.cues/1",\n "seed": 3,,}', ["not JSON", "line 2 column 12"]),
        ("", ["not JSON", "line 1 column 1"]),
        ("[]", ["cue sheet: its text is []", "an object"]),
        ('{"cues": [{"id": "1m2", "bpm": 60, "bpm": 90}]}', ["cue 1m2: bpm is given 2 times, [60, 90]"]),
        ('{"seed": ' + "9" * 5000 + "}", ["cannot be read"]),
        ("[" * 100_000, ["cannot be read"]),
    ],
    ids=["comma", "empty", "list", "twice", "digits", "nesting"],
)
def test_text_that_is_no_sheet_is_refused_with_its_place(text: str, parts: list[str]) -> None:
    with pytest.raises(CueSheetError) as caught:
        loads(text)
    for part in parts:
        assert part in str(caught.value)


def test_editing_one_cue_changes_that_cue_alone(sheet: CueSheet) -> None:
    edited = loads(dumps(sheet).replace('"bpm": 112.0', '"bpm": 96, "colour": "red"'))
    assert edited.cues[0] == sheet.cues[0]
    assert edited.cues[1] == replace(sheet.cues[1], bpm=96.0, extra={**sheet.cues[1].extra, "colour": "red"})


def test_a_gap_of_a_rounded_time_needs_no_silence_and_a_longer_one_does(sheet: CueSheet) -> None:
    text = dumps(sheet).replace('"first_downbeat_s": 15.0,', "")
    assert loads(text.replace('"in_s": 15.0', '"in_s": 15.0009').replace('"time_s": 15.0', '"time_s": 15.5'))
    with pytest.raises(CueSheetError, match=r"cue 1m2: in_s is 15\.002"):
        loads(text.replace('"in_s": 15.0', '"in_s": 15.002').replace('"time_s": 15.0', '"time_s": 15.5'))


def test_moving_a_boundary_by_hand_needs_no_other_edit(sheet: CueSheet) -> None:
    text = dumps(sheet).replace('"out_s": 15.0', '"out_s": 14.0').replace('"in_s": 15.0', '"in_s": 14.0')
    edited = loads(text.replace('"first_downbeat_s": 15.0,', ""))
    assert [(cue.in_s, cue.out_s) for cue in edited.cues] == [(0.0, 14.0), (14.0, 30.0)]
    assert edited.cues[1].first_downbeat_s == 14.0


def test_a_byte_order_mark_is_no_mistake(sheet: CueSheet) -> None:
    assert loads("\ufeff" + dumps(sheet)) == sheet
