"""Behaviour 9 of the stand-in: the Deliver page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, Quirks

from integrations.resolve.script.boxes import film_of


def opened(quirks: Quirks) -> tuple[FakeProgram, Any]:
    program = FakeProgram(quirks)
    program.open_timeline("25", "01:00:00:00")
    program.shots(10, 10)
    return program, program.resolve.GetProjectManager().GetCurrentProject()


def begin(project: Any, folder: Path, **more: Any) -> str:
    project.SetRenderSettings({"TargetDir": str(folder), "CustomName": "film", "ExportVideo": True, **more})
    return str(project.AddRenderJob())


def ended(project: Any, job: str) -> list[str]:
    """The statuses until it has ended."""
    seen = [project.GetRenderJobStatus(job)["JobStatus"]]
    project.StartRendering([job])
    while seen[-1] in ("Ready", "Rendering"):
        seen.append(project.GetRenderJobStatus(job)["JobStatus"])
    return seen


def test_a_codec_is_chosen_by_its_id_and_not_by_its_description() -> None:
    """[L] l.517: "H264" is taken, "H.264" is False; wav has no codecs and cannot be chosen (l.234)."""
    project = opened(Quirks())[1]
    assert project.GetRenderCodecs("mp4") == {"H.264": "H264", "H.265": "H265"}
    assert project.SetCurrentRenderFormatAndCodec("mp4", "H.264") is False
    assert project.SetCurrentRenderFormatAndCodec("mp4", "H264") is True
    assert project.SetCurrentRenderFormatAndCodec("wav", "") is False


def test_a_job_is_ready_then_rendering_then_complete_and_a_film_is_there(tmp_path: Path) -> None:
    """[L] "Complete" and "Failed" were seen; the others from memory. A real file, by ffmpeg."""
    project = opened(Quirks(render_polls=2))[1]
    project.SetCurrentRenderFormatAndCodec("mp4", "H264")
    job = begin(project, tmp_path)
    assert isinstance(job, str)
    assert job
    assert ended(project, job) == ["Ready", "Rendering", "Rendering", "Complete"]
    assert not project.IsRenderingInProgress()
    film = film_of(tmp_path / "film.mp4")
    assert film is not None
    assert film.picture_s == pytest.approx(20 / 25)


@pytest.mark.parametrize("ends", ["Failed", "Cancelled", "CANCELED", "odd"])
def test_a_job_may_end_otherwise_and_write_nothing(tmp_path: Path, ends: str) -> None:
    project = opened(Quirks(render_ends=ends))[1]
    assert ended(project, begin(project, tmp_path))[-1] == ends
    assert list(tmp_path.iterdir()) == []


def test_settings_lie_on_top_of_the_last_preset(tmp_path: Path) -> None:
    """[L] l.535: after "Audio Only" a video job yields no video stream though the reading says ExportVideo=True."""
    project = opened(Quirks(preset="Audio Only"))[1]
    project.SetCurrentRenderFormatAndCodec("mp4", "H264")
    job = begin(project, tmp_path)
    assert project.GetRenderJobList()[0]["ExportVideo"] is True
    ended(project, job)
    film = film_of(tmp_path / "film.mp4")
    assert film is not None
    assert film.picture_s is None
    assert project.LoadRenderPreset("H.264 Master")
    project.SetCurrentRenderFormatAndCodec("mp4", "H264")
    ended(project, begin(project, tmp_path, CustomName="again"))
    film = film_of(tmp_path / "again.mp4")
    assert film is not None
    assert film.picture_s is not None


def test_complete_may_be_a_lie(tmp_path: Path) -> None:
    project = opened(Quirks(render_lies=True))[1]
    assert ended(project, begin(project, tmp_path))[-1] == "Complete"
    project = opened(Quirks(render_writes=False))[1]
    assert ended(project, begin(project, tmp_path, CustomName="x"))[-1] == "Complete"
    assert not list(tmp_path.glob("x.*"))


def test_marks_of_a_render_are_absolute_and_overwrite_the_users(tmp_path: Path) -> None:
    """[L] "MarkIn/MarkOut as ABSOLUTE record frames, and a value below the timeline's start is silently clamped"."""
    program, project = opened(Quirks())
    timeline = project.GetCurrentTimeline()
    timeline.SetMarkInOut(2, 9, "all")
    begin(project, tmp_path, SelectAllFrames=False, MarkIn=90_005, MarkOut=90_014)
    assert timeline.GetMarkInOut() == {"video": {"in": 5, "out": 14}, "audio": {"in": 5, "out": 14}}
    ended(project, project.GetRenderJobList()[0]["JobId"])
    film = film_of(next(tmp_path.glob("film.*")))
    assert film is not None
    assert film.picture_s == pytest.approx(10 / 25)
    begin(project, tmp_path, SelectAllFrames=False, MarkIn=5, MarkOut=14)
    assert timeline.GetMarkInOut()["video"] == {"in": 0, "out": 0}
    assert program.world.page == "edit"


def test_no_job_is_made_without_a_folder_and_maybe_not_on_another_page(tmp_path: Path) -> None:
    """The folder [L]; the page is assumed: whether it is needed is not known."""
    program, project = opened(Quirks(wants_deliver_page=True))
    assert project.AddRenderJob() == ""
    assert begin(project, tmp_path) == ""
    program.resolve.OpenPage("deliver")
    assert begin(project, tmp_path) != ""
    assert begin(project, tmp_path / "missing") == ""


def test_a_preset_keeps_settings_that_cannot_be_read() -> None:
    """[R] SaveAsNewRenderPreset, LoadRenderPreset, DeleteRenderPreset; there is no GetRenderSettings [L 200]."""
    project = opened(Quirks())[1]
    assert "GetRenderSettings" not in dir(project)
    assert project.SaveAsNewRenderPreset("mine")
    assert project.SaveAsNewRenderPreset("mine") is False
    project.SetCurrentRenderFormatAndCodec("mp4", "H265")
    assert project.LoadRenderPreset("mine")
    assert project.GetCurrentRenderFormatAndCodec() == {"format": "mov", "codec": "H264"}
    assert project.DeleteRenderPreset("mine")
    assert "mine" not in project.GetRenderPresetList()
