from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import sheet
from timelines_made import COUNTINGS, film_project

from integrations.timelines.colours import colours
from integrations.timelines.markers import TAG, Marker, cue_title, film_markers, read_curve
from integrations.timelines.reading.timeline import OURS
from pipeline.project import Project
from scoring.analysis import EmotionCurve
from scoring.cue_sheet import CueSheet
from scoring.timebase import FrameRate

RATE = FrameRate(25)


def curve(confidence: list[float]) -> EmotionCurve:
    """One reading a second."""
    zeros = np.zeros(len(confidence))
    times_s = np.arange(len(confidence), dtype=float)
    moods = np.ones((len(confidence), 1))
    return EmotionCurve(times_s, zeros, zeros, zeros, np.array(confidence), ("calm",), moods, "test")


def with_moods(cues: CueSheet, moods: list[str]) -> CueSheet:
    named = [replace(cue, mood=mood) for cue, mood in zip(cues.cues, moods, strict=True)]
    return replace(cues, cues=tuple(named))


def roles(markers: tuple[Marker, ...]) -> list[tuple[str, int, int]]:
    return [(marker.role, marker.frame, marker.frames) for marker in markers]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    ducks = [{"start_s": 12.0, "end_s": 13.5, "depth_db": 9.25}]
    return film_project(tmp_path, [0.0, 10.0, 20.0], [0.0, 4.2], RATE, report={"dialogue": {"ducks": ducks}})


def test_cues_hits_ducks_and_unsure_moods_are_marked_where_they_are(project: Project) -> None:
    found = film_markers(project, RATE, curve([0.1] * 10 + [0.3] * 10))
    assert roles(found) == [
        ("cue", 0, 250),
        ("hit", 0, 1),
        ("unsure", 0, 250),
        ("hit", 105, 1),
        ("cue", 250, 250),
        ("duck", 300, 38),
    ]
    assert {colours()[marker.role].resolve for marker in found} == {"Blue", "Red", "Sand", "Yellow"}


def test_a_cue_says_what_it_is_and_what_it_leads_to() -> None:
    cues = with_moods(sheet([0.0, 10.0, 20.0, 30.0]), ["tense", "release", "release"])
    assert [cue_title(cues, number) for number in range(3)] == ["1M1 tense → release", "1M2 release", "1M3 release"]
    apart = replace(cues, cues=(replace(cues.cues[0], out_s=7.0), *cues.cues[1:]))
    assert cue_title(apart, 0) == "1M1 tense"


def test_a_cues_note_has_its_prompt_and_its_numbers(project: Project) -> None:
    cues = replace(project.sheet, cues=(replace(project.sheet.cues[0], prompt="warm strings", bpm=83.96),))
    note = film_markers(replace(project, sheet=cues), RATE, None)[0].note
    assert note == "Music: warm strings; 83.96 bpm, 4/4, C major"


def test_the_mood_is_unsure_only_where_the_reading_is_and_nobody_set_it(project: Project) -> None:
    def unsure(of: Project, confidence: list[float]) -> list[int]:
        found = film_markers(of, RATE, curve(confidence))
        return [marker.frame for marker in found if marker.role == "unsure"]

    assert unsure(project, [0.3] * 20) == []
    assert unsure(project, [0.3] * 10 + [0.05] * 10) == [250]
    first, second = project.sheet.cues
    kept = replace(project, sheet=replace(project.sheet, cues=(first, replace(second, locked=True))))
    assert unsure(kept, [0.05] * 20) == [0]
    assert unsure(project, []) == []


def test_every_tag_is_its_own_and_is_what_reading_leaves_out(project: Project) -> None:
    found = film_markers(project, RATE, curve([0.1] * 20))
    assert len({marker.tag for marker in found}) == len(found)
    assert all(marker.tag.startswith(TAG) and marker.tag in marker.tagged_note for marker in found)
    assert TAG.startswith(OURS)


@pytest.mark.parametrize("text", ["", "{}", '{"curve": 1}', "[]"])
def test_an_analysis_that_does_not_read_is_said_and_stops_nothing(project: Project, text: str) -> None:
    project.folder.mkdir()
    assert "is not there" in read_curve(project)[1]
    (project.folder / "analysis.json").write_text(text, encoding="utf-8")
    found, told = read_curve(project)
    assert found is None
    assert "cannot be read" in told


@given(st.sampled_from(COUNTINGS), st.data())
def test_a_marker_ends_where_the_next_begins_and_lasts_a_frame_at_least(
    counting: tuple[FrameRate, bool], data: Any
) -> None:
    rate, _ = counting
    edges_s = sorted(data.draw(st.sets(st.integers(1, 7_200_000_000), min_size=2, max_size=20)))
    cues = sheet([time_us / 1e6 for time_us in edges_s], rate=rate)
    project = Project(Path(), Path(), None, None, cues, {}, {}, {}, (), None, False, 0.0)
    found = film_markers(project, rate, None)
    assert all(marker.frames >= 1 for marker in found)
    for one, after in pairwise(found):
        assert one.frame + one.frames == after.frame or one.frames == 1


def test_the_data_name_every_role_in_colours_that_programs_know() -> None:
    import opentimelineio as otio

    for colour in colours().values():
        assert getattr(otio.schema.MarkerColor, colour.otio) == colour.otio
        assert all(0 <= part <= 255 for part in colour.rgb)
        assert 0 < colour.premiere < 2**32
    assert json.dumps(sorted(colours())) == '["cue", "duck", "hit", "unsure"]'
