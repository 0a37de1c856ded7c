"""Where the music comes to lie, and what is never touched for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, Quirks, paint_boxes, rows_of
from fake_resolve.rows import TrackRow
from hypothesis import given
from hypothesis import strategies as st
from small_service import SmallService

from integrations.resolve.script.facts import look
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.placing import lay, source_frames
from integrations.resolve.script.pool import import_file
from integrations.resolve.script.words import Trouble

Scores = Callable[..., str]


def opened(rate: str = "25", **quirks: Any) -> FakeProgram:
    program = FakeProgram(Quirks(**quirks))
    program.world.paints = paint_boxes
    program.open_timeline(rate, "01:00:00:00")
    program.shots(50, 75)
    return program


@given(
    st.integers(1, 200_000),
    st.sampled_from(["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"]),
    st.sampled_from(["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"]),
)
def test_source_frames_fill_the_range_as_far_as_their_rate_can(frames: int, rate: str, clip_rate: str) -> None:
    """Rounded down, as Resolve does, they are never more; at the same rate, or a higher one of the clip's, the same."""
    one, other = Fraction(rate), Fraction(clip_rate)
    found = source_frames(frames, one, other)
    made = math.floor(found * one / other)
    assert made <= frames or found == 1
    assert math.floor((found + 1) * one / other) > frames
    if other >= one:
        assert made == frames
    if one == other:
        assert found == frames


def test_a_clip_of_another_rate_lies_as_long_as_it_can_and_it_is_said(score: Scores) -> None:
    """The project was at 24 when the sound was imported; the timeline is at 60."""
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_project(rate="24")
    program.open_timeline("60", "01:00:00:00")
    program.shots(100, 51)
    told = score(program.resolve)
    (item,) = program.track("Cuesmith").items
    assert (item.start, item.frames) == (216_000, 150)
    assert "the range has 151 frames: the clip's own rate is another" in told


def test_a_track_of_the_users_with_our_name_but_mono_is_left_alone(score: Scores) -> None:
    program = opened()
    program.timeline.tracks["audio"].append(TrackRow("Cuesmith", "mono"))
    score(program.resolve)
    mono, ours = [track for track in program.timeline.tracks["audio"] if track.name == "Cuesmith"]
    assert (mono.sub_type, mono.items) == ("mono", [])
    assert ours.sub_type == "stereo"
    assert len(ours.items) == 1


def test_a_locked_track_is_said_and_left_locked(score: Scores) -> None:
    program = opened()
    score(program.resolve)
    program.track("Cuesmith").is_locked = True
    with pytest.raises(Exception, match=r"The track Cuesmith is locked\. Unlock it and run again\."):
        score(program.resolve)
    assert program.track("Cuesmith").is_locked
    assert len(program.track("Cuesmith").items) == 1


def test_a_clip_of_the_users_on_our_track_is_an_error_and_stays(score: Scores) -> None:
    program = opened()
    score(program.resolve)
    mine = program.clip("mine.wav", 400)
    program.track("Cuesmith").items.clear()
    program.put(mine, 20, 30, track=2, kind="audio")
    with pytest.raises(Exception, match=r"has a clip of yours where the music goes, /media/mine\.wav\. Move it"):
        score(program.resolve)
    assert [item.name for item in program.track("Cuesmith").items] == ["mine.wav"]


def test_the_music_of_another_range_stays(score: Scores) -> None:
    program = opened()
    for first, last in ((0, 49), (50, 124), (50, 124)):
        program.timeline.marks = {kind: {"in": first, "out": last} for kind in ("video", "audio")}
        score(program.resolve)
    assert [(item.start, item.frames) for item in program.track("Cuesmith").items] == [(90_000, 50), (90_050, 75)]
    cues = [at for at, marker in program.timeline.markers.items() if marker.name.startswith("1M1")]
    assert sorted(cues) == [0, 50]


def test_what_an_append_lost_at_the_save_is_laid_again(score: Scores) -> None:
    program = opened(errored_appends=1)
    told = score(program.resolve)
    assert [(item.start, item.frames) for item in program.track("Cuesmith").items] == [(90_000, 125)]
    assert program.world.project is not None
    assert program.world.project.saves == 2
    assert "the project is saved" in told


def test_what_is_lost_at_every_save_is_an_error_and_nothing_is_left(score: Scores) -> None:
    program = opened(errored_appends=99)
    before = rows_of(program)
    with pytest.raises(Exception, match="The music is not on its track after saving"):
        score(program.resolve)
    assert rows_of(program) == before
    assert program.world.project is not None
    assert program.world.project.root.folders == []


def test_a_track_that_comes_out_mono_is_taken_back(score: Scores) -> None:
    program = opened(tracks_mono=True)
    with pytest.raises(Exception, match="added a track that is not stereo"):
        score(program.resolve)
    assert [track.name for track in program.timeline.tracks["audio"]] == ["Audio 1"]


@pytest.mark.parametrize("beyond", ["nothing", "ghost", "creates"])
def test_a_ghost_a_drop_and_a_track_made_unasked_are_all_seen(
    score: Scores, service: SmallService, tmp_path: Path, beyond: str
) -> None:
    """By laying onto a track above the count, where each program may do otherwise."""
    program = opened(beyond=beyond)
    other = opened()
    score(other.resolve)
    music = Path(other.bin("Cuesmith")[0])
    project = program.resolve.GetProjectManager().GetCurrentProject()
    pool, timeline = project.GetMediaPool(), project.GetCurrentTimeline()
    facts, journal = look(timeline, "marked", "Cuesmith"), Journal()
    clip = import_file(pool, "Cuesmith", music, journal)
    before = rows_of(program)
    with pytest.raises(Trouble):
        lay(pool, timeline, facts, 2, clip, journal)
    assert journal.take_back() == []
    assert rows_of(program) == before
    assert program.world.project is not None
    assert program.world.project.root.folders == []


def test_a_marker_on_a_frame_that_is_taken_moves_beside_it_and_it_is_said(score: Scores) -> None:
    program = opened()
    for at in (0, 1, 25):
        program.mark(at, "Green", f"mine {at}")
    told = score(program.resolve)
    markers = program.timeline.markers
    assert {at: markers[at].name for at in (0, 1, 25)} == {0: "mine 0", 1: "mine 1", 25: "mine 25"}
    assert (markers[2].name, markers[2].duration) == ("1M1 tense → calm", 63)
    assert markers[26].color == "Red"
    assert "2 markers moved to a free frame beside" in told


def test_a_marker_that_finds_no_room_is_left_out_and_it_is_said(score: Scores) -> None:
    program = opened()
    for at in range(20, 40):
        program.mark(at, "Green")
    told = score(program.resolve)
    assert "1 marker found no free frame" in told
    assert len(program.timeline.markers) == 22


def test_colours_say_what_a_marker_is(score: Scores, service: SmallService) -> None:
    service.ducks = ({"start_s": 3.0, "end_s": 4.0, "depth_db": -9.4},)
    service.confidence = 0.1
    service.hits = ({"time_s": 1.0, "weight": 0.8, "kind": "cut"}, {"time_s": 1.2, "weight": 1, "kind": "manual"})
    program = opened()
    program.mark(30)
    told = score(program.resolve)
    found = {at: (m.color, m.duration, m.note) for at, m in program.timeline.markers.items()}
    assert found[0][:2] == ("Yellow", 63)
    assert found[25] == ("Red", 1, "cut at 0:01.0, weight 0.8")
    assert found[30][0] == "Pink"
    assert found[75] == ("Sand", 25, "the music is 9.4 dB lower under speech")
    assert "2 cues, 1 hit and 1 duck marked" in told


def test_a_project_that_was_never_saved_is_not_saved_for_the_user(score: Scores) -> None:
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_project("Untitled Project", "25")
    program.open_timeline("25")
    program.shots(50, 75)
    told = score(program.resolve)
    assert "the project is NOT saved" in told
    assert program.world.project is not None
    assert program.world.project.saves == 0


def test_other_names_for_track_and_bin(score: Scores) -> None:
    program = opened()
    score(program.resolve, track="Score A", bin="Music in")
    assert len(program.track("Score A").items) == 1
    assert len(program.bin("Music in")) == 1
