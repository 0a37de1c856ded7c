"""Any one of Resolve's calls may fail, lie or break off: what is the user's stays, and so does our earlier work."""

from __future__ import annotations

import contextlib
import copy
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_resolve import Failing, FakeProgram, paint_boxes, rows_of
from fake_resolve.markers import COLOURS
from fake_resolve.rows import TrackRow
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resolve_script import load_script, write_options
from small_service import small_service

EVERY = 25  # of some 400 calls of a run: all of them, one by one, take minutes


@dataclass
class Bench:
    """A script, its options and the folder of its films."""

    script: ModuleType
    options: Any
    films: Path

    def run(self, program: FakeProgram) -> tuple[bool, str]:
        """(whether a run succeeded, all that it said)."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                is_done, told = True, self.script.run(program.resolve, self.options)
            except (self.script.Trouble, KeyboardInterrupt) as error:
                is_done, told = False, str(error)
        return is_done, out.getvalue() + told


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with small_service(ducks=({"start_s": 0.2, "end_s": 0.4, "depth_db": -6.0},)) as service:
        script = load_script()
        options = script.read_options(write_options(folder, service.address, stems=True))
        yield Bench(script, options, folder / "films")


def seen(program: FakeProgram) -> dict[str, Any]:
    """All that a person can see, ids of jobs and items aside."""
    project = program.world.project
    assert project is not None

    def folder(row: Any) -> tuple[Any, ...]:
        paths = [re.sub(r" [0-9a-f]{8}\.", " .", clip.path) for clip in row.clips]
        return row.name, paths, [folder(below) for below in row.folders]

    tracks = {
        kind: [
            (t.name, t.sub_type, t.is_locked, t.is_enabled, [(i.start, i.frames, i.source_start) for i in t.items])
            for t in of
        ]
        for kind, of in program.timeline.tracks.items()
    }
    markers = {
        at: (m.color, m.name, m.note, m.duration, re.sub("job_[0-9a-f]+", "job", m.custom_data))
        for at, m in program.timeline.markers.items()
    }
    return {
        "page": program.world.page,
        "bin": project.folder.name,
        "pool": folder(project.root),
        "tracks": tracks,
        "markers": markers,
        "marks": copy.deepcopy(program.timeline.marks),
        "render": (project.format, project.codec, project.has_picture, project.mode, dict(project.settings)),
        "jobs": (len(project.jobs), list(project.presets)),
    }


def small() -> FakeProgram:
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_timeline("29.97 DF", "01:00:00;00")
    program.shots(48, 72)
    program.mark(60)
    program.mark(30, "Green", "mine")
    program.put(program.clip("bgm.wav", 500), 10, 50, track=2, kind="audio")
    program.timeline.tracks["audio"][1].is_locked = True
    program.timeline.marks = {kind: {"in": 10, "out": 109} for kind in ("video", "audio")}
    return program


@pytest.mark.slow
@pytest.mark.parametrize(("how", "offset"), [("refuses", 0), ("denies", 7), ("claims", 13), ("breaks", 19)])
@pytest.mark.parametrize("runs_before", [0, 1])
def test_any_call_of_a_run_may_go_wrong(bench: Bench, how: str, offset: int, runs_before: int) -> None:
    """Those of a first run and of one that replaces earlier music. A single failure is borne: it ends as without it."""

    def begun() -> FakeProgram:
        shutil.rmtree(bench.films, ignore_errors=True)
        program = small()
        for _ in range(runs_before):
            assert bench.run(program)[0]
        return program

    good = begun()
    first = len(good.world.calls)
    assert bench.run(good)[0]
    count = len(good.world.calls) - first
    for number in range(offset, count, EVERY):
        program = begun()
        before = seen(program)
        program.world.failing = Failing(first + number, how)
        is_done, told = bench.run(program)
        call = program.world.calls[first + number][:2]
        assert seen(program) == (seen(good) if is_done else before), call
        assert how == "breaks" or is_done, call
        assert "ould not" not in told, call


frames = st.integers(1, 90)


@st.composite
def programs(draw: st.DrawFn) -> FakeProgram:
    """A timeline with tracks, clips, markers and maybe a range, as users have them."""
    program = FakeProgram()
    program.world.paints = paint_boxes
    rate, start = draw(st.sampled_from([("25", "01:00:00:00"), ("29.97 DF", "10:00:00;00"), ("59.94", "00:00:00:00")]))
    program.open_timeline(rate, start)
    lengths = draw(st.lists(frames, min_size=1, max_size=4))
    program.shots(*lengths)
    names = st.sampled_from(["Voice", "Cuesmith", "Cuesmith notes", "Audio 2", "Music"])
    for name, sub_type in draw(st.lists(st.tuples(names, st.sampled_from(["mono", "5.1"])), max_size=3)):
        locked, enabled = draw(st.booleans()), draw(st.booleans())
        program.timeline.tracks["audio"].append(TrackRow(name, sub_type, [], locked, enabled))
        track = len(program.timeline.tracks["audio"])
        program.put(program.clip(f"{name}.wav", 200), draw(frames), draw(frames), track, "audio")
    colours = st.sampled_from(COLOURS)
    for at, colour in draw(st.dictionaries(st.integers(0, sum(lengths)), colours, max_size=6)).items():
        program.mark(at, colour, "mine", custom_data=draw(st.sampled_from(["", "theirs:v1:x"])))
    if draw(st.booleans()):
        edges = sorted(draw(st.tuples(*[st.integers(0, sum(lengths) - 1)] * 2)))
        program.timeline.marks = {kind: {"in": edges[0], "out": edges[1]} for kind in ("video", "audio")}
    program.world.page = draw(st.sampled_from(["edit", "color", "fairlight"]))
    return program


def theirs(program: FakeProgram) -> dict[str, Any]:
    """What was there before any run: tracks that were there, by their order, and markers that are not ours."""
    kept = rows_of(program)
    ours = {track.name for track in program.timeline.tracks["audio"] if track.sub_type == "stereo"} - {"Audio 1"}
    kept["tracks"]["audio"] = [row for row in kept["tracks"]["audio"] if not (row[0] in ours and row[1] == "stereo")]
    return {**kept, "page": program.world.page}


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    program=programs(),
    at=st.integers(0, 900),
    how=st.sampled_from(["refuses", "denies", "claims", "breaks", "blocks"]),
)
def test_what_is_the_users_is_never_touched(bench: Bench, program: FakeProgram, at: int, how: str) -> None:
    """A run, a run that replaces it, a failure at any call of either, and a run that heals."""
    shutil.rmtree(bench.films, ignore_errors=True)
    before = theirs(program)
    program.world.failing = Failing(at, how)
    for _ in range(2):
        bench.run(program)
        after = theirs(program)
        assert (after["markers"], after["tracks"]) == (before["markers"], before["tracks"])
        # Behind an open dialogue nothing can be put back either, and that is said.
        assert after == before or how == "blocks"
    program.world.failing, program.world.modal = None, False
    is_done, told = bench.run(program)
    assert is_done, told
    after = theirs(program)
    assert (after["markers"], after["tracks"]) == (before["markers"], before["tracks"])
