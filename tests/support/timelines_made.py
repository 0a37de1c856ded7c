"""Scored films for tests of timelines, made without scoring, and OpenTimelineIO's reading of what was written."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import opentimelineio as otio
from sheets import sheet

from integrations.timelines.film_timeline import FilmTimeline, film_timeline, timeline_start
from pipeline.project import Project
from scoring.timebase import FrameRate
from scoring.timecode import Timecode
from scoring.video_info import AudioStream, VideoInfo

# Every way that a timeline counts: its rate, whether drop-frame, where it starts.
COUNTINGS = [
    (FrameRate(24_000, 1001), False),
    (FrameRate(24), False),
    (FrameRate(25), False),
    (FrameRate(30_000, 1001), True),
    (FrameRate(30_000, 1001), False),
    (FrameRate(30), False),
    (FrameRate(48_000, 1001), False),
    (FrameRate(48), False),
    (FrameRate(50), False),
    (FrameRate(60_000, 1001), True),
    (FrameRate(60_000, 1001), False),
    (FrameRate(60), False),
]
COUNTING_NAMES = [f"{float(rate.fraction):.3f}{' DF' if is_drop else ''}" for rate, is_drop in COUNTINGS]


def film_project(folder: Path, edges_s: list[float], hits_s: list[float], rate: FrameRate, **changes: Any) -> Project:
    """A scored film with cues between the edges, hits, and nothing on disk. changes: of the project's fields."""
    cues = sheet(edges_s, [(time_s, 0.7) for time_s in hits_s], rate=rate)
    info = VideoInfo(
        duration_s=edges_s[-1],
        frame_rate=rate,
        width_px=1920,
        height_px=1080,
        rotation_deg=0,
        start_offset_s=0.0,
        video_codec="h264",
        container="mov",
        transfer="sdr",
        is_variable_rate=False,
        audio=(AudioStream(1, "aac", 48_000, 2, "stereo"),),
    )
    made = Project(
        folder=folder / "film.cuesmith",
        film=folder / "film.mp4",
        video=folder / "film.scored.mp4",
        info=info,
        sheet=cues,
        report={"dialogue": {"ducks": []}},
        manifest={},
        takes={},
        stems=(),
        music=folder / "film.music.wav",
        has_sound=True,
        starts_at_s=0.0,
    )
    made.film.touch()
    return replace(made, **changes)


def long_project(folder: Path, rate: FrameRate) -> Project:
    """Two hours with 300 cues, 500 hits and 100 ducks at odd times, the last ones in the last seconds."""
    chance = random.Random(7)
    length_s = 7200.0
    edges_s = [0.0, *sorted(round(chance.uniform(1, length_s - 1), 6) for _ in range(299)), length_s]
    hits_s = [*(round(chance.uniform(0, length_s), 6) for _ in range(499)), length_s - 0.1]
    starts_s = [round(chance.uniform(0, length_s - 5), 6) for _ in range(100)]
    ducks = [{"start_s": s, "end_s": round(s + chance.uniform(0.2, 4), 6), "depth_db": 9.0} for s in starts_s]
    stems = (folder / "film.stems" / "bass.flac", folder / "film.stems" / "lead.flac")
    return film_project(folder, edges_s, hits_s, rate, report={"dialogue": {"ducks": ducks}}, stems=stems)


def timeline_of(project: Project, label: str | None = None, *, with_stems: bool | None = None) -> FilmTimeline:
    """The timeline of a made film whose music is stamped as the film is."""
    assert project.music is not None
    start = timeline_start(project, label)
    return film_timeline(project, start, project.music, start.film_frame, with_stems)


def first_label(rate: FrameRate, is_drop: bool) -> str:
    """01:00:00:00 as that rate writes it."""
    return Timecode(rate, is_drop).label(Timecode(rate, is_drop).frame("01:00:00:00"))


def nearest(time_s: float, rate: FrameRate) -> int:
    """The frame nearest to a time, by exact arithmetic of its own."""
    at = Fraction(time_s) * Fraction(rate.numerator, rate.denominator)
    whole = at.numerator // at.denominator
    return whole + (at - whole > Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Seen:
    """What OpenTimelineIO reads in a file: where clips lie and what markers mark, in frames from the first picture.

    rate: frames a second, of an EDL, which has none, the one that it was read with.
    """

    rate: float
    start: int
    tracks: list[tuple[str, str, int, int]]  # kind, the media's name, first frame, frames
    markers: list[tuple[int, int, str]]  # first frame, frames, name


def seen_in_otio(timeline: otio.schema.Timeline) -> Seen:
    """Of a timeline whose markers are on its stack."""
    start = whole(timeline.global_start_time)
    markers = [
        (whole(marker.marked_range.start_time), whole(marker.marked_range.duration), marker.name)
        for marker in timeline.tracks.markers
    ]
    tracks = [_placed(track, 0) for track in timeline.tracks]
    return Seen(timeline.global_start_time.rate, start, tracks, markers)


def seen_in_fcpxml(text: str) -> Seen:
    """By the fcpx_xml adapter, whose arithmetic is made exact first: as it is, it knows only whole frame rates."""
    adapter = otio.adapters.from_name("fcpx_xml").module()
    (timeline,) = _exact(adapter)(text).to_otio()
    first = next(clip for clip in timeline.tracks[-1] if isinstance(clip, otio.schema.Clip))
    start = whole(timeline.tracks[-1].range_of_child(first).start_time)
    picture = next(track for track in timeline.tracks if track.name == "0")
    (clip,) = [item for item in picture if isinstance(item, otio.schema.Clip)]
    own = whole(clip.source_range.start_time)
    markers = [
        (whole(marker.marked_range.start_time) - own, whole(marker.marked_range.duration), marker.name)
        for marker in clip.markers
    ]
    tracks = sorted(timeline.tracks, key=lambda track: -int(track.name))
    rate = clip.source_range.duration.rate
    return Seen(rate, start, [_placed(track, start) for track in tracks], markers)


def seen_in_edl(text: str, rate: FrameRate) -> Seen:
    """By the cmx_3600 adapter, which leaves Resolve's marker lines among the comments."""
    timeline = otio.adapters.read_from_string(text, adapter_name="cmx_3600", rate=float(rate.fraction))
    (start, *_) = [first_record(track) for track in timeline.tracks]
    markers = []
    for clip in timeline.find_clips():
        for comment in clip.metadata.get("cmx_3600", {}).get("comments", []):
            note, _, fields = comment.partition(" |C:ResolveColor")
            colour, name, length = fields.split(" |")
            assert note
            assert colour in {"Blue", "Red", "Sand", "Yellow"}
            at = whole(clip.range_in_parent().start_time)
            markers.append((at, int(length.removeprefix("D:")), name.removeprefix("M:")))
    tracks = [_placed(track, first_record(track) - start) for track in timeline.tracks]
    return Seen(float(rate.fraction), start, tracks, markers)


def first_record(track: otio.schema.Track) -> int:
    """Where an EDL's first event is recorded; the adapter keeps it as the track's source range, turned round."""
    return 0 if track.source_range is None else -whole(track.source_range.start_time)


def whole(time: otio.opentime.RationalTime) -> int:
    """Its frames, of which there must be a whole number."""
    assert time.value == round(time.value)
    return round(time.value)


def _placed(track: otio.schema.Track, before: int) -> tuple[str, str, int, int]:
    clips = [item for item in track if isinstance(item, otio.schema.Clip)]
    clip = clips[0]
    where = clip.range_in_parent()
    name = Path(getattr(clip.media_reference, "target_url", "")).name
    return track.kind, name, whole(where.start_time) - before, whole(where.duration)


def _exact(adapter: ModuleType) -> type:
    """The adapter's reader with fractions in the place of its floats and of its whole frame rates."""

    def frames(text: str | None, rate: float) -> int:
        seconds = Fraction((text or "0s").removesuffix("s"))
        at = seconds * FrameRate.nearest(rate).fraction
        assert at.denominator == 1, f"{text} is no whole frame at {rate}"
        return at.numerator

    class Exact(adapter.FcpxXml):  # type: ignore[name-defined,misc]
        def _format_frame_rate(self, format_id: str) -> float:
            total, rate = self._format_frame_duration(format_id)
            return float(rate) / float(total)

        def _number_of_frames(self, text: str | None, format_id: str) -> int:
            return frames(text, self._format_frame_rate(format_id))

        def _time_range(self, element: Any, format_id: str) -> otio.opentime.TimeRange:
            rate = self._format_frame_rate(format_id)
            return otio.opentime.TimeRange(
                otio.opentime.RationalTime(frames(element.get("start"), rate), rate),
                otio.opentime.RationalTime(frames(element.get("duration"), rate), rate),
            )

        def _reference_from_id(self, asset_id: str, default_format: str) -> otio.schema.ExternalReference:
            return otio.schema.ExternalReference(self._asset_by_id(asset_id).get("src"))

        def _create_gap(self, start: int, count: int, format_id: str) -> otio.schema.Gap:
            rate = self._format_frame_rate(format_id)
            return otio.schema.Gap(
                source_range=otio.opentime.TimeRange(
                    otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate)
                )
            )

    return Exact
