"""The stand-in is as unkind as the real program.

[R]: Blackmagic's Scripting/README.txt of 24 July 2026. [L]: measured on the real program by others (the ledger of
api-limitations.md of a public Resolve bridge). Assumed: neither says it, and the script has to bear it either way.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_resolve import EDITIONS, Failing, FakeProgram, Quirks, paint, paint_boxes

ALL = ("studio", "free_19_0", "free_19_1", "free_21_1")


@pytest.fixture
def program() -> FakeProgram:
    made = FakeProgram()
    made.open_timeline("24", "01:00:00:00")
    made.shots(48, 72)
    return made


def opened(program: FakeProgram) -> tuple[Any, Any, Any]:
    """(project, pool, timeline) as the API gives them."""
    project = program.resolve.GetProjectManager().GetCurrentProject()
    return project, project.GetMediaPool(), project.GetCurrentTimeline()


def sound(folder: Path, duration_s: float, name: str = "music.wav") -> str:
    path = folder / name
    soundfile.write(path, np.zeros((round(duration_s * 48_000), 2), np.float32), 48_000, subtype="PCM_24")
    return str(path)


def info(clip: Any, **more: Any) -> dict[str, Any]:
    return {"mediaPoolItem": clip, "startFrame": 0, "endFrame": 24, "mediaType": 2, "trackIndex": 2, **more}


# 1. Chain of Nones ---------------------------------------------------------------------------------------------


def test_without_a_project_there_is_none_and_without_a_timeline_there_is_none() -> None:
    """[R] GetCurrentProject, GetCurrentTimeline; None is what a missing object reads as, [L] "a chain of Nones"."""
    program = FakeProgram()
    assert program.resolve.GetProjectManager().GetCurrentProject() is None
    program.open_project()
    project = program.resolve.GetProjectManager().GetCurrentProject()
    assert project.GetCurrentTimeline() is None
    assert project.GetMediaPool().GetRootFolder().GetClipList() == []
    assert project.GetMediaPool().AppendToTimeline([{"mediaPoolItem": None}]) == []


# 2. Positional only --------------------------------------------------------------------------------------------


def test_no_method_takes_a_keyword(program: FakeProgram) -> None:
    """Convention of every example in [R]; the bridge knows no names of arguments."""
    timeline = opened(program)[2]
    with pytest.raises(TypeError):
        timeline.AddMarker(frameId=1, color="Red", name="", note="", duration=1)
    with pytest.raises(TypeError):
        timeline.GetTrackCount(trackType="audio")


# 3. Nothing is raised ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [None, "", -1, [], {}, object()])
def test_a_wrong_value_is_answered_with_false_none_or_nothing(program: FakeProgram, wrong: Any) -> None:
    """[R] "returns False otherwise", throughout; [L]: no exception names a cause."""
    project, pool, timeline = opened(program)
    assert timeline.AddMarker(wrong, "Red", "", "", wrong) is False
    assert timeline.AddMarker(1, wrong, "", "", 1) is False
    assert timeline.SetTrackName("audio", 99, "x") is False
    assert timeline.GetTrackName("audio", 99) == ""
    assert timeline.GetItemListInTrack("audio", 99) == []
    assert timeline.DeleteClips(wrong, False) is False
    assert pool.ImportMedia(wrong) == []
    assert pool.SetCurrentFolder(wrong) is False
    assert project.SetRenderSettings({"Unknown": 1}) is False
    assert project.LoadRenderPreset("none of that name") is False
    assert project.GetRenderJobStatus("none") is None


# 4. Absolute record frames -------------------------------------------------------------------------------------


def test_a_timeline_starts_at_one_hour_and_what_lies_before_is_never_rendered(
    program: FakeProgram, tmp_path: Path
) -> None:
    """[L] issue 164: recordFrame is absolute; at 0 every reading looks right and the render is empty."""
    _, pool, timeline = opened(program)
    timeline.AddTrack("audio", "stereo")
    assert timeline.GetStartFrame() == 86_400
    (clip,) = pool.ImportMedia([sound(tmp_path, 1.0)])
    (early,) = pool.AppendToTimeline([info(clip, recordFrame=0)])
    assert (early.GetStart(), early.GetDuration()) == (0, 24)
    assert early.GetUniqueId()
    assert "music.wav" not in [name for name, _, _ in program.heard()]
    pool.AppendToTimeline([info(clip, recordFrame=timeline.GetStartFrame() + 10)])
    assert ("music.wav", 10, 24) in program.heard()


# 5. Exclusive ends, frozen rates -------------------------------------------------------------------------------


def test_an_end_frame_is_not_inside(program: FakeProgram, tmp_path: Path) -> None:
    """[L] "duration = endFrame - startFrame, endFrame EXCLUSIVE (verified at 1, 119 and 120 frames)"."""
    _, pool, timeline = opened(program)
    timeline.AddTrack("audio", "stereo")
    (clip,) = pool.ImportMedia([sound(tmp_path, 10.0)])
    at = timeline.GetStartFrame()
    for frames in (1, 119, 120):
        (item,) = pool.AppendToTimeline([info(clip, endFrame=frames, recordFrame=at)])
        assert item.GetDuration() == frames
        at += frames


def test_a_sound_takes_the_projects_rate_when_it_is_imported_and_keeps_it(tmp_path: Path) -> None:
    """[L] "A WAV takes the PROJECT's timelineFrameRate AT IMPORT and freezes it"; frames are floored."""
    program = FakeProgram()
    program.open_project(rate="24")
    program.open_timeline("29.97", "01:00:00:00")
    _, pool, timeline = opened(program)
    timeline.AddTrack("audio", "stereo")
    (clip,) = pool.ImportMedia([sound(tmp_path, 10.0)])
    assert program.world.project is not None
    program.world.project.rate = "29.97"
    assert clip.GetClipProperty("FPS") == 24.0
    (item,) = pool.AppendToTimeline([info(clip, endFrame=101, recordFrame=timeline.GetStartFrame())])
    assert item.GetDuration() == math.floor(101 * (30_000 / 1001) / 24)


# 6. Overlaps ---------------------------------------------------------------------------------------------------


def test_where_two_clips_overlap_the_later_is_dropped_and_a_ghost_is_answered(
    program: FakeProgram, tmp_path: Path
) -> None:
    """[L] "the EARLIER item wins and the later append is dropped"; ghosts have an empty id, [L] l.560."""
    _, pool, timeline = opened(program)
    timeline.AddTrack("audio", "stereo")
    (clip,) = pool.ImportMedia([sound(tmp_path, 2.0)])
    start = timeline.GetStartFrame()
    pool.AppendToTimeline([info(clip, recordFrame=start)])
    (ghost,) = pool.AppendToTimeline([info(clip, recordFrame=start + 23)])
    assert ghost.GetUniqueId() == ""
    assert [item.GetStart() for item in timeline.GetItemListInTrack("audio", 2)] == [start]


# 7. Locked tracks, tracks that are not there -------------------------------------------------------------------


def test_nothing_comes_onto_a_locked_track(program: FakeProgram, tmp_path: Path) -> None:
    """Assumed."""
    _, pool, timeline = opened(program)
    timeline.AddTrack("audio", "stereo")
    (clip,) = pool.ImportMedia([sound(tmp_path, 2.0)])
    timeline.SetTrackLock("audio", 2, True)
    assert timeline.GetIsTrackLocked("audio", 2)
    assert pool.AppendToTimeline([info(clip, recordFrame=timeline.GetStartFrame())]) == []
    assert timeline.GetItemListInTrack("audio", 2) == []


@pytest.mark.parametrize("beyond", ["nothing", "ghost", "creates"])
def test_a_track_above_the_count_is_nothing_or_a_ghost_or_made(tmp_path: Path, beyond: str) -> None:
    """Assumed: [R] says only "trackIndex (int)", so each is tried."""
    program = FakeProgram(Quirks(beyond=beyond))
    program.open_timeline("24", "01:00:00:00")
    _, pool, timeline = opened(program)
    (clip,) = pool.ImportMedia([sound(tmp_path, 2.0)])
    made = pool.AppendToTimeline([info(clip, recordFrame=timeline.GetStartFrame())])
    assert [item.GetUniqueId() == "" for item in made] == {"nothing": [], "ghost": [True], "creates": [False]}[beyond]
    assert timeline.GetTrackCount("audio") == (2 if beyond == "creates" else 1)


# 8. Markers ----------------------------------------------------------------------------------------------------


def test_markers_stand_on_offsets_and_are_read_in_floats(program: FakeProgram) -> None:
    """[R] GetMarkers: "{96.0: {'color': 'Green', 'duration': 1.0, …" indicates a marker at timeline offset 96."""
    timeline = opened(program)[2]
    assert timeline.AddMarker(96, "Green", "Marker 1", "", 1, "mine")
    marker = {"color": "Green", "duration": 1.0, "note": "", "name": "Marker 1", "customData": "mine"}
    assert timeline.GetMarkers() == {96.0: marker}
    assert all(isinstance(at, float) for at in timeline.GetMarkers())
    assert timeline.GetMarkerByCustomData("mine") == marker


@pytest.mark.parametrize("refused", [True, False])
def test_a_second_marker_on_a_frame_may_be_refused(refused: bool) -> None:
    """Assumed, so both."""
    program = FakeProgram(Quirks(occupied_refused=refused))
    program.open_timeline()
    timeline = opened(program)[2]
    timeline.AddMarker(5, "Red", "first", "", 1)
    assert timeline.AddMarker(5, "Blue", "second", "", 1) is not refused
    assert timeline.GetMarkers()[5.0]["name"] == ("first" if refused else "second")


def test_there_are_sixteen_colours_in_capitals(program: FakeProgram) -> None:
    """[L], live: any other name is refused."""
    timeline = opened(program)[2]
    first = ["Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia"]
    good = [*first, "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream"]
    assert all(timeline.AddMarker(n, colour, "", "", 1) for n, colour in enumerate(good))
    assert not any(timeline.AddMarker(99, colour, "", "", 1) for colour in ("blue", "Orange", "RED", ""))


def test_only_the_first_marker_of_a_custom_data_is_deleted(program: FakeProgram) -> None:
    """[R] DeleteMarkerByCustomData: "Delete first matching marker"."""
    timeline = opened(program)[2]
    for frame in (9, 3, 6):
        timeline.AddMarker(frame, "Red", "", "", 1, "same")
    assert timeline.DeleteMarkerByCustomData("same")
    assert sorted(timeline.GetMarkers()) == [6.0, 9.0]
    assert not timeline.DeleteMarkerByCustomData("other")


# 10. Names -----------------------------------------------------------------------------------------------------


def test_any_name_is_answered_and_only_dir_is_honest(program: FakeProgram) -> None:
    """[L] "hasattr/getattr is worthless for absence on EVERY Resolve object"; dir() membership is what tells."""
    timeline = opened(program)[2]
    assert hasattr(timeline, "TotallyMadeUpName")
    assert "TotallyMadeUpName" not in dir(timeline)
    assert "AddMarker" in dir(timeline)
    assert timeline.TotallyMadeUpName is None


def test_every_call_gives_another_view_of_the_same(program: FakeProgram) -> None:
    """Assumed: only ids are compared, as every bridge does."""
    _, pool, _ = opened(program)
    assert pool.GetRootFolder() != pool.GetRootFolder()
    assert pool.GetRootFolder().GetUniqueId() == pool.GetRootFolder().GetUniqueId()


# 11. Editions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ALL)
def test_each_edition_runs_what_it_runs(edition: str) -> None:
    """Free 21.1 lists no Python [L 203, 219]; free has no UIManager from 19.1 on; outside Python is Studio's [R]."""
    program = FakeProgram(Quirks(edition=edition))
    assert set(EDITIONS) == set(ALL)
    assert (".py" in program.listed) == (edition != "free_21_1")
    assert ".lua" in program.listed
    assert (program.scriptapp("Resolve") is not None) == (edition == "studio")
    assert (program.resolve.GetProductName() == "DaVinci Resolve Studio") == (edition == "studio")
    assert (program.resolve.Fusion().UIManager is None) == (edition in ("free_19_1", "free_21_1"))
    if edition == "free_21_1":
        with pytest.raises(PermissionError):
            program.globals(".py")
    else:
        assert program.globals(".py")["resolve"].GetProductName()


@pytest.mark.parametrize("edition", ["studio", "free_19_1"])
def test_a_call_of_studios_on_a_free_edition_opens_a_dialogue_behind_which_nothing_works(edition: str) -> None:
    """[L] "Studio-gated calls on the free edition raise a modal that blocks LATER calls"."""
    program = FakeProgram(Quirks(edition=edition))
    program.open_timeline()
    timeline = opened(program)[2]
    is_studio = edition == "studio"
    assert timeline.CreateSubtitlesFromAudio() is is_studio
    assert timeline.AddMarker(1, "Red", "", "", 1) is is_studio
    assert program.resolve.GetProjectManager().SaveProject() is is_studio
    assert timeline.GetTrackCount("audio") == 1  # reading goes on
    assert program.world.modal is not is_studio


# 12. Saving ----------------------------------------------------------------------------------------------------


def test_items_of_an_append_that_went_wrong_vanish_when_the_project_is_saved(tmp_path: Path) -> None:
    """[L] "every in-session read agrees they are there, and THE SAVE DISCARDS THEM"."""
    program = FakeProgram(Quirks(errored_appends=1))
    program.open_timeline("24", "01:00:00:00", audio=("stereo", "stereo"))
    _, pool, timeline = opened(program)
    (clip,) = pool.ImportMedia([sound(tmp_path, 2.0)])
    assert pool.AppendToTimeline([info(clip, recordFrame=86_400)]) == []
    assert [item.GetStart() for item in timeline.GetItemListInTrack("audio", 2)] == [86_400]
    assert program.resolve.GetProjectManager().SaveProject()
    assert timeline.GetItemListInTrack("audio", 2) == []


# 13. Settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["23.976", "24", "29.97 DF", "59.94"])
def test_settings_are_texts_and_one_that_is_not_known_is_empty(rate: str) -> None:
    """[R] "29.97 DF" enables drop frame; "getting a property using an invalid key will return a trivial result"."""
    program = FakeProgram()
    program.open_timeline(rate, "01:00:00:00")
    timeline = opened(program)[2]
    assert timeline.GetSetting("timelineFrameRate") == rate
    assert timeline.GetSetting("nothing") == ""


# 14. Tracks ----------------------------------------------------------------------------------------------------


def test_a_new_audio_track_is_mono_unless_it_is_said_and_tracks_count_from_one(program: FakeProgram) -> None:
    """[R] "subTrackType defaults to 'mono' if skipped and track type is 'audio'"."""
    timeline = opened(program)[2]
    assert timeline.GetTrackName("audio", 1) == "Audio 1"
    assert timeline.GetTrackName("audio", 0) == ""
    assert timeline.AddTrack("audio")
    assert timeline.AddTrack("audio", "stereo")
    assert [timeline.GetTrackSubType("audio", n) for n in (1, 2, 3)] == ["stereo", "mono", "stereo"]
    assert timeline.GetTrackName("audio", 3) == "Audio 3"
    assert timeline.AddTrack("audio", "fancy") is False


# The pool ------------------------------------------------------------------------------------------------------


def test_media_comes_into_the_current_bin_and_twice_when_it_is_imported_twice(
    program: FakeProgram, tmp_path: Path
) -> None:
    """[R] ImportMedia: "into current Media Pool folder"; [L]: the same path makes a second item."""
    _, pool, _ = opened(program)
    path = sound(tmp_path, 1.0)
    folder = pool.AddSubFolder(pool.GetRootFolder(), "Music")
    assert pool.GetCurrentFolder().GetName() == "Music"
    pool.ImportMedia([path])
    pool.ImportMedia([path])
    assert [clip.GetClipProperty("File Path") for clip in folder.GetClipList()] == [path, path]
    assert pool.ImportMedia([str(tmp_path / "missing.wav"), "relative.wav"]) == []


# What tests do to it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "answer", "is_done"), [("refuses", False, False), ("denies", False, True), ("claims", True, False)]
)
def test_any_call_can_be_made_to_fail_or_to_lie(how: str, answer: bool, is_done: bool) -> None:
    program = FakeProgram()
    program.open_timeline()
    timeline = opened(program)[2]
    program.world.failing = Failing(len(program.world.calls), how)
    assert timeline.AddMarker(1, "Red", "", "", 1) is answer
    assert bool(timeline.GetMarkers()) is is_done
    assert timeline.AddMarker(2, "Red", "", "", 1) is True


def test_painters_agree_on_what_a_render_is(tmp_path: Path) -> None:
    from integrations.resolve.script.boxes import film_of

    program = FakeProgram()
    timeline = program.open_timeline("29.97", "01:00:00:00")
    program.shots(10, 20)
    for number, painter in enumerate((paint, paint_boxes)):
        for has_picture in (True, False):
            path = tmp_path / f"{number}{has_picture}.mp4"
            painter(path, timeline, timeline.start, 30, has_picture)
            film = film_of(path)
            assert film is not None
            wanted = pytest.approx(30 * 1001 / 30_000, abs=1e-3) if has_picture else None
            assert film.picture_s == wanted
