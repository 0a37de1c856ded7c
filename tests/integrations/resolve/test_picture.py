"""The picture: a whole clip's own file, or a render that is looked at and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_resolve import NO_H264, FakeProgram, Quirks, media_file, paint_boxes, rows_of
from small_service import SmallService

from integrations.resolve.script import rendering
from integrations.resolve.script.boxes import film_of

Scores = Callable[..., str]


def opened(**quirks: object) -> FakeProgram:
    program = FakeProgram(Quirks(**quirks))  # type: ignore[arg-type]
    program.world.paints = paint_boxes
    program.open_timeline("25", "01:00:00:00")
    program.shots(50, 75)
    return program


def one_clip(folder: Path) -> FakeProgram:
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_timeline("25", "01:00:00:00")
    clip = program.clip("film.mp4", 125, path=media_file(folder, "film.mp4"))
    for kind in ("video", "audio"):
        program.put(clip, 0, 125, kind=kind)
    return program


def methods(program: FakeProgram) -> list[str]:
    return [method for _, method, _ in program.world.calls]


def test_a_whole_untouched_clip_is_sent_as_it_is(score: Scores, service: SmallService, tmp_path: Path) -> None:
    program = one_clip(tmp_path)
    score(program.resolve)
    assert list(service.uploads.values()) == [(tmp_path / "film.mp4").read_bytes()]
    assert "AddRenderJob" not in methods(program)
    assert (tmp_path / "film.mp4").exists()


def _trimmed(program: FakeProgram) -> None:
    for kind in ("video", "audio"):
        item = program.timeline.tracks[kind][0].items[0]
        item.frames, item.source_start = 100, 25


def _other_sound(program: FakeProgram) -> None:
    program.put(program.clip("voice.wav", 500), 10, 50, track=2, kind="audio")


def _no_sound(program: FakeProgram) -> None:
    program.timeline.tracks["audio"][0].items.clear()


def _muted(program: FakeProgram) -> None:
    program.timeline.tracks["audio"][0].is_enabled = False


def _title(program: FakeProgram) -> None:
    program.put(None, 10, 20, track=2)


def _fusion(program: FakeProgram) -> None:
    program.timeline.tracks["video"][0].items[0].fusion_comps = 1


def _marked(program: FakeProgram) -> None:
    program.timeline.marks = {"video": {"in": 10, "out": 50}}


def _other_rate(program: FakeProgram) -> None:
    program.world.project.root.clips[0].fps = 24.0  # type: ignore[union-attr]


def _raw(program: FakeProgram) -> None:
    clip = program.world.project.root.clips[0]  # type: ignore[union-attr]
    clip.path = media_file(Path(clip.path).parent, "film.braw")


def _gone(program: FakeProgram) -> None:
    Path(program.world.project.root.clips[0].path).unlink()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change", [_trimmed, _other_sound, _no_sound, _muted, _title, _fusion, _marked, _other_rate, _raw, _gone]
)
def test_whatever_was_done_to_the_clip_makes_a_render(
    score: Scores, tmp_path: Path, change: Callable[[FakeProgram], None]
) -> None:
    program = one_clip(tmp_path)
    change(program)
    score(program.resolve)
    assert "AddRenderJob" in methods(program)


def test_rendering_can_be_asked_for_and_forbidden(score: Scores, tmp_path: Path) -> None:
    program = one_clip(tmp_path)
    score(program.resolve, render="always")
    assert "AddRenderJob" in methods(program)
    with pytest.raises(Exception, match=r"not one untouched clip.*Set \"render\" to \"auto\""):
        score(opened().resolve, render="never")


def test_our_earlier_music_is_not_in_the_renders_sound(score: Scores) -> None:
    program = opened()
    score(program.resolve, render="always")
    seen: list[bool] = []

    def painter(*args: object) -> None:
        seen.append(program.track("Cuesmith").is_enabled)
        paint_boxes(*args)  # type: ignore[arg-type]

    program.world.paints = painter
    score(program.resolve, render="always")
    assert seen == [False]
    assert program.track("Cuesmith").is_enabled


@pytest.mark.parametrize("start", ["00:00:00:00", "01:00:00:00"])
@pytest.mark.parametrize("range_", [None, (30, 79)])
def test_exactly_the_range_is_rendered_and_the_users_marks_come_back(
    score: Scores, service: SmallService, tmp_path: Path, start: str, range_: tuple[int, int] | None
) -> None:
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_timeline("25", start)
    program.shots(50, 75)
    if range_:
        program.timeline.marks = {kind: {"in": range_[0], "out": range_[1]} for kind in ("video", "audio")}
    before = rows_of(program)
    score(program.resolve)
    sent = tmp_path / "sent.mp4"
    sent.write_bytes(next(iter(service.uploads.values())))
    film = film_of(sent)
    assert film is not None
    assert film.picture_s == pytest.approx((50 if range_ else 125) / 25)
    assert rows_of(program, ("Cuesmith",)) == before


def test_another_format_is_chosen_where_there_is_no_h264(score: Scores, service: SmallService) -> None:
    program = opened(codecs=NO_H264)
    score(program.resolve)
    formats = [args for _, method, args in program.world.calls if method == "SetCurrentRenderFormatAndCodec"]
    assert formats[0] == ("mov", "DNxHRLB")


def test_without_any_format_it_is_said(score: Scores) -> None:
    with pytest.raises(Exception, match="offers no format that can be sent"):
        score(opened(codecs={"wav": {}}).resolve)


@pytest.mark.parametrize("preset", ["Audio Only", "FCP - Final Cut Pro 7", "YouTube - 1080p"])
def test_whatever_the_deliver_page_had_loaded_a_picture_comes_out_and_it_has_it_again(
    score: Scores, service: SmallService, preset: str
) -> None:
    program = opened(preset=preset)
    project = program.world.project
    assert project is not None
    before = (project.format, project.codec, project.has_picture, project.mode, dict(project.settings))
    score(program.resolve)
    assert (project.format, project.codec, project.has_picture, project.mode, dict(project.settings)) == before
    assert list(project.presets) == []
    assert len(service.orders) == 1


@pytest.mark.parametrize("quirk", ["wants_deliver_page", "render_turns_page"])
def test_the_users_page_comes_back(score: Scores, quirk: str) -> None:
    program = opened(**{quirk: True})
    program.world.page = "color"
    score(program.resolve)
    assert program.world.page == "color"


@pytest.mark.parametrize(
    ("quirks", "told"),
    [
        ({"render_ends": "Failed"}, "The render has failed"),
        ({"render_ends": "CANCELLED"}, "The render has cancelled"),
        ({"render_ends": "Odd"}, 'The render does not end: it is "odd"'),
        ({"render_lies": True}, "The render has no picture, whatever was asked for"),
        ({"render_writes": False}, "says that it rendered, and there is no file in"),
    ],
)
def test_a_render_that_went_wrong_is_said_and_leaves_no_trace(
    score: Scores, service: SmallService, tmp_path: Path, quirks: dict[str, object], told: str
) -> None:
    program = opened(**quirks)
    before, project = rows_of(program), program.world.project
    assert project is not None
    state = (project.format, project.codec, project.mode, program.world.page)
    with pytest.raises(Exception, match=told):
        score(program.resolve)
    assert rows_of(program) == before
    assert (project.format, project.codec, project.mode, program.world.page) == state
    assert (project.jobs, project.presets) == ([], {})
    assert not [path for path in tmp_path.rglob("picture*") if path.is_file()]
    assert service.orders == []


def test_a_render_that_never_ends_is_given_up(
    tmp_path: Path, service: SmallService, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resolve_script import load_script, write_options

    script = load_script()
    script.LIMIT_S = -1e9  # type: ignore[attr-defined]
    program = opened(render_ends="")
    with pytest.raises(script.Trouble, match='does not end: it is "rendering"'):
        script.run(program.resolve, script.read_options(write_options(tmp_path, service.address)))
    assert program.world.project is not None
    assert program.world.project.jobs == []


def test_a_render_of_another_length_is_not_sent(score: Scores, service: SmallService) -> None:
    program = opened()

    def painter(path: Path, timeline: object, first: int, frames: int, has_picture: bool) -> None:
        paint_boxes(path, timeline, first, frames + 25, has_picture)  # type: ignore[arg-type]

    program.world.paints = painter
    with pytest.raises(Exception, match=r"The render lasts 6\.00 s, and 5\.00 s were asked for"):
        score(program.resolve)
    assert service.orders == []


def test_while_the_user_renders_nothing_is_begun(score: Scores) -> None:
    program = opened(render_ends="")
    project = program.resolve.GetProjectManager().GetCurrentProject()
    project.SetRenderSettings({"TargetDir": "/tmp"})
    job = project.AddRenderJob()
    project.StartRendering([job])
    with pytest.raises(Exception, match=r"DaVinci Resolve is rendering\. Wait until it has finished"):
        score(program.resolve)
    assert [row["JobId"] for row in project.GetRenderJobList()] == [job]


def test_the_render_is_small_and_of_the_timelines_shape() -> None:
    program = opened()
    timeline = program.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    assert rendering._small(timeline) == {"FormatWidth": 960, "FormatHeight": 540}


def test_what_is_no_film_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    assert film_of(path) is None
    for data in (b"", b"\0" * 7, b"\0\0\0\x04ftyp", b"\0\0\0\x01moov", b"\xff" * 64, b"\0\0\0\x08moov"):
        path.write_bytes(data)
        film = film_of(path)
        assert film is None or film.picture_s is None
