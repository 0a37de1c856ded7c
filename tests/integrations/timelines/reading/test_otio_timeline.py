"""OpenTimelineIO's own form: stacks, tracks, effects, collections, archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import opentimelineio as otio
import pytest

from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit, Mark
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

RATE = FrameRate(25)


def at(frame: float, rate: float = 25) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frame, rate)


def span(first: float, count: float, rate: float = 25) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(at(first, rate), at(count, rate))


def clip(name: str, count: int, first: int = 0) -> otio.schema.Clip:
    return otio.schema.Clip(name, otio.schema.ExternalReference(f"/media/{name}.mov"), span(first, count))


def gap(count: int) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=span(0, count))


def track(*items: otio.core.Composable, kind: str = "Video") -> otio.schema.Track:
    return otio.schema.Track(kind, items, kind=kind)


def timeline(*tracks: otio.core.Composable) -> otio.schema.Timeline:
    made = otio.schema.Timeline("cut 7", global_start_time=at(90_000))
    made.tracks.extend(tracks)
    return made


def read(folder: Path, made: otio.core.SerializableObject) -> Edit:
    path = folder / "cut.otio"
    otio.adapters.write_to_file(made, str(path), adapter_name="otio_json")
    return read_timeline(path, frame_rate=RATE)


def frames(edit: Edit) -> list[int]:
    return [round(cut.time_s * 25) for cut in edit.cuts or ()]


def test_of_stacked_tracks_the_topmost_picture_is_seen(tmp_path: Path) -> None:
    title = otio.schema.Clip("Text", otio.schema.GeneratorReference(generator_kind="Text"), span(0, 10))
    off = clip("off", 10)
    off.enabled = False
    hidden = track(clip("hidden", 100))
    hidden.enabled = False
    above = track(gap(20), clip("c", 10), gap(10), title, off, clip("Adjustment Clip", 10), gap(10), clip("b", 30, 60))
    edit = read(
        tmp_path, timeline(track(clip("a", 80), clip("b", 70)), above, hidden, track(clip("s", 150), kind="Audio"))
    )
    # Where the upper b ends, at 110, the lower track shows another moment of b.
    assert frames(edit) == [20, 30, 80, 110]
    assert edit.duration_s == 6.0


def test_a_nested_stack_is_trimmed_and_placed_with_its_marks(tmp_path: Path) -> None:
    upper = clip("c", 10)
    upper.markers.append(otio.schema.Marker("inner", span(4, 1), "RED"))
    stack = otio.schema.Stack("scene", [track(clip("a", 50), clip("b", 50)), track(gap(20), upper)])
    stack.source_range = span(10, 70)
    stack.markers.append(otio.schema.Marker("of the scene", span(75, 1), "BLUE"))
    stack.markers.append(otio.schema.Marker("trimmed off", span(5, 1), "BLUE"))
    edit = read(tmp_path, timeline(track(clip("z", 100), stack, clip("z", 20, 100))))
    assert frames(edit) == [100, 110, 120, 140, 170]
    assert edit.marks == (
        Mark((100 - 10 + 24) / 25, "inner", "Red"),
        Mark((100 - 10 + 75) / 25, "of the scene", "Blue"),
    )


def test_a_nested_stack_that_is_sped_up_has_its_cuts_sooner_and_a_frozen_one_has_none(tmp_path: Path) -> None:
    def scene(*effects: otio.schema.Effect) -> otio.schema.Stack:
        return otio.schema.Stack(
            "scene", [track(clip("a", 50), clip("b", 50))], source_range=span(0, 50), effects=effects
        )

    fast = scene(otio.schema.LinearTimeWarp(time_scalar=2.0))
    edit = read(tmp_path, timeline(track(clip("z", 100), fast, scene(otio.schema.FreezeFrame()))))
    assert frames(edit) == [100, 125, 150]


def test_a_through_edit_is_no_cut_and_a_change_of_speed_is_one(tmp_path: Path) -> None:
    slow = clip("a", 40, 150)
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    slow_on = clip("a", 40, 170)
    slow_on.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    edit = read(tmp_path, timeline(track(clip("a", 100), clip("a", 50, 100), slow, slow_on)))
    assert frames(edit) == [150]


def test_fades_to_a_gap_are_fades_and_a_short_dark_joins_two(tmp_path: Path) -> None:
    out = otio.schema.Transition(in_offset=at(10), out_offset=at(0), transition_type="SMPTE_Dissolve")
    into = otio.schema.Transition(in_offset=at(0), out_offset=at(10), transition_type="SMPTE_Dissolve")
    edit = read(tmp_path, timeline(track(clip("a", 50), out, gap(20), into, clip("b", 50))))
    (fade,) = edit.cuts or ()
    assert (fade.kind, fade.start_s, fade.time_s, fade.end_s) == ("fade", 40 / 25, 60 / 25, 80 / 25)


def test_a_source_range_of_a_track_moves_what_it_holds(tmp_path: Path) -> None:
    row = track(clip("a", 50), clip("b", 50))
    row.source_range = span(30, 60)
    assert frames(read(tmp_path, timeline(row))) == [20]


def test_markers_that_count_from_the_timecode_are_understood(tmp_path: Path) -> None:
    made = timeline(track(clip("a", 100)))
    made.tracks.markers.append(otio.schema.Marker("from zero", span(10, 1), "GREEN"))
    note = {"Resolve_OTIO": {"Note": "why"}}
    made.tracks.markers.append(otio.schema.Marker("from one hour", span(90_020, 1), "PURPLE", note))
    made.tracks.markers.append(otio.schema.Marker("past the end", span(100, 1), "RED"))
    assert read(tmp_path, made).marks == (
        Mark(0.4, "from zero", "Green"),
        Mark(0.8, "from one hour", "Purple", "why"),
    )


def test_rounded_rates_and_frames_are_made_exact(tmp_path: Path) -> None:
    made = otio.schema.Timeline()
    items = [otio.schema.Clip(name, source_range=span(0, 172_800 + 1e-7, 23.98)) for name in "ab"]
    made.tracks.append(track(*items))
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(made, str(path))
    rate = FrameRate(24_000, 1001)
    (cut,) = read_timeline(path, frame_rate=rate).cuts or ()
    assert cut.time_s == rate.time_of(172_800)


def test_a_collection_of_one_timeline_is_it_and_of_two_is_refused_by_name(tmp_path: Path) -> None:
    one, two = timeline(track(clip("a", 50), clip("b", 50))), timeline(track(clip("a", 50)))
    two.name = "cut 8"
    assert frames(read(tmp_path, otio.schema.SerializableCollection("bin", [one]))) == [50]
    with pytest.raises(TimelineError, match="2 timelines: 'cut 7', 'cut 8'"):
        read(tmp_path, otio.schema.SerializableCollection("bin", [one.clone(), two]))
    with pytest.raises(TimelineError, match="is a Clip, not a timeline"):
        read(tmp_path, clip("a", 50))


def test_an_archive_and_a_folder_are_read_by_what_they_hold(tmp_path: Path) -> None:
    text = otio.adapters.write_to_string(timeline(track(clip("a", 50), clip("b", 50))), "otio_json")
    folder = tmp_path / "cut.otiod"
    folder.mkdir()
    (folder / "content.otio").write_text(text, "utf-8")
    assert frames(read_timeline(folder, frame_rate=RATE)) == [50]
    archive = tmp_path / "cut.otioz"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("version.txt", "1.0.0")
        held.writestr("content.otio", text)
    assert frames(read_timeline(archive, frame_rate=RATE)) == [50]


def test_a_clip_without_a_length_is_refused_with_the_librarys_reason(tmp_path: Path) -> None:
    made = timeline(track(otio.schema.Clip("lost", otio.schema.MissingReference())))
    with pytest.raises(TimelineError, match=r"cannot be read as a timeline: .*available_range"):
        read(tmp_path, made)


def test_stacks_nested_too_deep_are_refused(tmp_path: Path) -> None:
    inner: otio.core.Composable = clip("a", 10)
    for _ in range(30):
        inner = otio.schema.Stack("deeper", [track(inner)])
    with pytest.raises(TimelineError, match="24 deep"):
        read(tmp_path, timeline(track(inner)))
