"""The Lua script on the stand-in: it leaves what its Python twin leaves, and nothing where it fails."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import Failing, FakeProgram, Quirks, media_file, paint_boxes, rows_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lua_resolve import RUNTIMES, LuaHost
from lua_stage import LuaStage
from resolve_script import load_script, write_options
from small_service import SmallService, small_service

from integrations.resolve.script import edit as python_edit
from integrations.resolve.script import facts as python_facts
from integrations.resolve.script.options import checked
from integrations.resolve.script.words import Trouble

RATES = ("23.976", "24", "25", "29.97", "29.97 DF", "30", "50", "59.94", "59.94 DF", "60")


def night_train(rate: str = "25", start: str = "01:00:00:00", **quirks: Any) -> FakeProgram:
    """Two shots, a marker to land on."""
    program = FakeProgram(Quirks(**quirks))
    program.world.paints = paint_boxes
    program.open_timeline(rate, start)
    program.shots(50, 75)
    program.mark(40)
    return program


def left_by(program: FakeProgram) -> dict[str, Any]:
    """Everything on the timeline and in the pool, without what names a job."""
    timeline, project = program.timeline, program.world.project
    assert project is not None

    def plain(text: str) -> str:
        return re.sub(r"(job_)?[0-9a-f]{8,32}", "JOB", text)

    def items(track: Any) -> list[Any]:
        return [(plain(item.name), item.start, item.frames, item.source_start) for item in track.items]

    found = {
        "tracks": {
            kind: [(track.name, track.sub_type, track.is_enabled, items(track)) for track in tracks]
            for kind, tracks in timeline.tracks.items()
        },
        "markers": {
            frame: (m.color, m.name, m.note, m.duration, plain(m.custom_data))
            for frame, m in sorted(timeline.markers.items())
        },
        "marks": timeline.marks,
        "bins": {folder.name: sorted(plain(clip.name) for clip in folder.clips) for folder in project.root.folders},
        "page": program.world.page,
        "folder": project.folder.name,
        "deliver": (project.format, project.codec, project.mode, project.settings, project.jobs, project.presets),
        "saves": project.saves,
    }
    return copy.deepcopy(found)


def by_python(program: FakeProgram, service: SmallService, folder: Path, **options: Any) -> str:
    """What the twin says at the end."""
    folder.mkdir(exist_ok=True)
    script = load_script()
    try:
        return str(script.run(program.resolve, script.read_options(write_options(folder, service.address, **options))))
    except script.Trouble as trouble:
        return str(trouble)


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., LuaStage]:
    def make(service: SmallService, runtime: str = "luajit21") -> LuaStage:
        return LuaStage(tmp_path, service.address, runtime)

    return make


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("options", [{}, {"stems": True, "track": "Music", "hit_colour": None}], ids=["plain", "stems"])
def test_the_two_scripts_leave_the_same_timeline(
    runtime: str, options: dict[str, Any], stage: Callable[..., LuaStage], tmp_path: Path
) -> None:
    ducks = ({"start_s": 1.0, "end_s": 1.8, "depth_db": -9.0},)
    hits = ({"time_s": 1.6, "weight": 0.8, "kind": "cut"}, {"time_s": 0.4, "weight": 1.0, "kind": "manual"})
    with small_service(ducks=ducks, hits=hits, confidence=0.1) as service:
        twin, ours = night_train(), night_train()
        told = by_python(twin, service, tmp_path / "twin", **options)
        said = stage(service, runtime).run(ours, **options)
        assert left_by(ours) == left_by(twin)
        assert said.rpartition("; job ")[0] == told.rpartition("; job ")[0]
        first, second = service.orders
        assert {**second["wish"], "starts_at_s": 3600.0} == first["wish"]
        assert json.loads(second["texts"]["edit"]) == json.loads(first["texts"]["edit"])


@pytest.mark.parametrize("start", ["00:00:00:00", "10:00:00:00"])
@pytest.mark.parametrize("rate", RATES)
def test_the_music_lies_where_the_twin_lays_it_at_every_rate(
    rate: str, start: str, stage: Callable[..., LuaStage], tmp_path: Path
) -> None:
    timecode = start[:-3] + ";00" if "DF" in rate else start
    with small_service() as service:
        twin, ours = night_train(rate, timecode), night_train(rate, timecode)
        by_python(twin, service, tmp_path / "twin")
        stage(service).run(ours)
        assert left_by(ours) == left_by(twin)
        (item,) = ours.track("Cuesmith").items
        assert item.start == ours.timeline.start
        assert abs(item.frames - 125) <= 1
        assert service.orders[1]["wish"]["starts_at_s"] == service.orders[0]["wish"]["starts_at_s"]


def test_running_again_collects_the_job_and_leaves_one_music(stage: Callable[..., LuaStage]) -> None:
    with small_service() as service:
        ours, lua = night_train(), stage(service)
        lua.run(ours)
        once = left_by(ours)
        last = lua.run(ours)
        again = left_by(ours)
        assert "it took the place of the earlier music there" in last
        assert again | {"saves": 1} == once
        assert len(service.orders) == 1


def test_a_score_that_takes_long_is_collected_later(stage: Callable[..., LuaStage]) -> None:
    with small_service(polls=2) as service:
        ours, lua = night_train(), stage(service)
        before = left_by(ours)
        assert "Run the script again to collect it." in lua.run(ours, wait_s=0)
        assert left_by(ours) == before
        assert "the project is saved" in lua.run(ours)
        assert len(service.orders) == 1


def test_a_job_that_failed_is_not_collected_again(stage: Callable[..., LuaStage]) -> None:
    with small_service(fails={"what": "the film has no picture", "advice": "Render it with video."}) as service:
        ours, lua = night_train(), stage(service)
        before = left_by(ours)
        assert lua.run(ours) == "the film has no picture. Render it with video."
        assert left_by(ours) == before
        service.fails = None
        for job in service.jobs.values():
            job["state"] = "failed"
        assert "the project is saved" in lua.run(ours)


def test_one_whole_clip_is_sent_as_it_is(stage: Callable[..., LuaStage], tmp_path: Path) -> None:
    with small_service() as service:
        ours = FakeProgram()
        ours.open_timeline("25")
        path = media_file(tmp_path, "it's 100% “whole”; a,b [1] {2} & Co.mov")
        clip = ours.clip("A001.mov", 100, path=path)
        for kind in ("video", "audio"):
            ours.put(clip, 0, 100, kind=kind)
        lua = stage(service)
        lua.run(ours)
        assert lua.said[0] == f"takes {path}"
        assert list(service.uploads.values()) == [Path(path).read_bytes()]
        assert Path(path).is_file()


def test_a_camera_raw_clip_is_rendered(stage: Callable[..., LuaStage], tmp_path: Path) -> None:
    with small_service() as service:
        ours = FakeProgram()
        ours.world.paints = paint_boxes
        ours.open_timeline("25")
        clip = ours.clip("A001.braw", 100, path=media_file(tmp_path, "A001.braw"))
        for kind in ("video", "audio"):
            ours.put(clip, 0, 100, kind=kind)
        lua = stage(service)
        lua.run(ours)
        assert lua.said[0] == "renders 4.0 s as mp4, H264"


def test_a_marked_range_is_rendered_and_scored_alone(stage: Callable[..., LuaStage], tmp_path: Path) -> None:
    with small_service() as service:
        twin, ours = night_train(), night_train()
        for program in (twin, ours):
            program.timeline.marks = {"video": {"in": 25, "out": 99}, "audio": {"in": 25, "out": 99}}
        by_python(twin, service, tmp_path / "twin")
        stage(service).run(ours)
        assert left_by(ours) == left_by(twin)
        (item,) = ours.track("Cuesmith").items
        assert (item.start, item.frames) == (ours.timeline.start + 25, 75)


@pytest.mark.parametrize(
    "quirks",
    [
        {"beyond": "ghost"},
        {"beyond": "creates"},
        {"occupied_refused": False},
        {"errored_appends": 1},
        {"preset": "Audio Only"},
        {"render_lies": True},
        {"render_writes": False},
        {"render_ends": "Failed"},
        {"render_ends": "CANCELLED"},
        {"wants_deliver_page": True, "render_turns_page": True},
        {"tracks_mono": True},
        {"edition": "free_19_0"},
        {"edition": "free_19_1"},
    ],
    ids=lambda quirks: ",".join(f"{name}={value}" for name, value in quirks.items()),
)
def test_however_unkind_the_program_is_both_scripts_leave_the_same(
    quirks: dict[str, Any], stage: Callable[..., LuaStage], tmp_path: Path
) -> None:
    with small_service() as service:
        twin, ours = night_train(**quirks), night_train(**quirks)
        told = by_python(twin, service, tmp_path / "twin")
        said = stage(service).run(ours)
        assert left_by(ours) == left_by(twin)
        places = re.compile(r"(; job .*|in /\S.*|into /\S.*)")
        assert places.sub("", said) == places.sub("", told)
        assert ours.world.modal is False


def test_a_locked_track_is_told_and_left(stage: Callable[..., LuaStage]) -> None:
    with small_service() as service:
        ours, lua = night_train(), stage(service)
        lua.run(ours)
        ours.track("Cuesmith").is_locked = True
        before = left_by(ours)
        assert lua.run(ours) == "The track Cuesmith is locked. Unlock it and run again."
        assert left_by(ours) == before


def test_a_clip_of_the_users_on_our_track_is_never_taken_off(stage: Callable[..., LuaStage]) -> None:
    with small_service() as service:
        ours, lua = night_train(), stage(service)
        lua.run(ours)
        track = ours.track("Cuesmith")
        track.items = []
        ours.put(
            ours.clip("theirs.wav", 40), 10, 40, track=ours.timeline.tracks["audio"].index(track) + 1, kind="audio"
        )
        before = left_by(ours)
        line = "has a clip of yours where the music goes, /media/theirs.wav. Move it to another track and run again."
        assert line in lua.run(ours)
        assert left_by(ours) == before


@pytest.mark.parametrize(
    ("build", "line"),
    [
        (lambda program: None, "No project is open. Open one and run again."),
        (lambda program: program.open_project(), "No timeline is open. Open one and run again."),
        (lambda program: program.open_timeline(), "The timeline has no picture. Put a clip on it and run again."),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    build: Callable[[FakeProgram], Any], line: str, stage: Callable[..., LuaStage]
) -> None:
    with small_service() as service:
        program = FakeProgram()
        build(program)
        assert stage(service).run(program) == line


def test_without_the_program_it_says_so(stage: Callable[..., LuaStage]) -> None:
    with small_service() as service:
        line = "DaVinci Resolve cannot be reached from here. Run the script from Workspace > Scripts."
        assert stage(service).run(None) == line


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"colour": "Pink"}, 'has an option "colour" that is not known. Known: server, key_file, style, engine'),
        ({"stems": "yes"}, 'stems is "yes". Write true or false.'),
        ({"wait_s": -1}, "wait_s is -1. Write a number of seconds, 0 to 86400."),
        ({"range": "all"}, 'range is "all". Write one of: marked, timeline.'),
        ({"track": None}, "track is null. Write a text."),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], line: str, stage: Callable[..., LuaStage]) -> None:
    with small_service() as service:
        assert line in stage(service).run(night_train(), **options)
        with pytest.raises(Exception, match=re.escape(line)):
            checked(options, "cuesmith.json")


@pytest.mark.parametrize("how", ["refuses", "denies", "claims", "blocks", "breaks"])
@pytest.mark.parametrize("share", range(8))
def test_a_call_that_goes_wrong_anywhere_costs_the_user_nothing(
    how: str, share: int, stage: Callable[..., LuaStage]
) -> None:
    with small_service() as service:
        lua, probe = stage(service), night_train()
        lua.run(probe)
        ours = night_train()
        before, theirs = copy.deepcopy(rows_of(ours)), rows_of(ours, ("Cuesmith",))
        ours.world.failing = Failing(round(share / 8 * len(probe.world.calls)), how)
        last = lua.run(ours)
        assert ("The script broke" in last) <= (how == "breaks")
        left = rows_of(ours, ("Cuesmith",))
        is_told = any(line.startswith("could not take back: ") for line in lua.said)
        if how == "blocks" and is_told:  # behind the dialogue nothing can be taken back: a track of ours, still unnamed
            left["tracks"]["audio"] = [track for track in left["tracks"]["audio"] if track[0] == "Audio 1" or track[4]]
        elif "the music for" not in last:
            assert rows_of(ours) == before
        assert left == theirs


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_timeline_gives_the_edit_that_the_twin_reads(data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from(RATES))
    program = FakeProgram()
    program.open_timeline(rate, data.draw(st.sampled_from(["00:00:00:00", "01:00:00:00", "23:59:00:00"])))
    clips = [program.clip(f"A{n}.mov", 4000) for n in range(3)] + [None]
    for track in range(1, data.draw(st.integers(1, 3)) + 1):
        at = 0
        for _ in range(data.draw(st.integers(1, 5))):
            at += data.draw(st.integers(0, 20))
            length = data.draw(st.integers(1, 1900))
            item = program.put(
                data.draw(st.sampled_from(clips)), at, length, track=track, source=data.draw(st.integers(0, 9))
            )
            item.is_enabled = data.draw(st.booleans())
            at += length
    for offset in data.draw(st.lists(st.integers(0, 3000), max_size=6, unique=True)):
        ours = data.draw(st.booleans())
        program.mark(
            offset, data.draw(st.sampled_from(["Pink", "Blue"])), custom_data="cuesmith:v1:x:y" if ours else ""
        )
    if data.draw(st.booleans()):
        first = data.draw(st.integers(0, 500)) + data.draw(st.sampled_from([0, program.timeline.start]))
        program.timeline.marks["video"] = {"in": first, "out": first + data.draw(st.integers(0, 2000))}
    timeline = program.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    host = LuaHost("luajit21")
    ours_facts, ours_edit = host.room("facts"), host.room("edit")
    facts, trouble = None, ""
    try:
        facts = python_facts.look(timeline, "marked", "Cuesmith")
    except Trouble as error:
        trouble = str(error)
    if facts is None:
        line = host.lua.eval("function(act, ...) return select(2, pcall(act, ...)).line end")
        assert line(ours_facts.look, host.to_lua(timeline), "marked", "Cuesmith") == trouble
        return
    found = ours_facts.look(host.to_lua(timeline), "marked", "Cuesmith")
    assert (found.first, found.frames, found.is_marked) == (facts.first, facts.frames, facts.is_marked)
    assert found.starts_at_s == facts.starts_at_s
    expected = python_edit.edit_of(facts, timeline, "Pink")
    assert json.loads(host.room("json").encode(ours_edit.edit_of(found, host.to_lua(timeline), "Pink"))) == expected
