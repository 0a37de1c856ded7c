"""What the program knows, without its manners: rows that the objects of the API are views of."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


def rate_of(text: str) -> Fraction:
    """The exact rate that a setting such as "29.97 DF" means."""
    number = Fraction(text.split()[0])
    whole = round(number)
    if number != whole and abs(number - Fraction(whole * 1000, 1001)) < Fraction(1, 100):
        return Fraction(whole * 1000, 1001)
    return number


def frame_of(timecode: str, rate_text: str) -> int:
    """The frame number of a timecode; ";" before the frames, or a rate with DF, drops frames."""
    hours, minutes, seconds, frames = (int(part) for part in timecode.replace(";", ":").split(":"))
    nominal = round(rate_of(rate_text))
    frame = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if ";" in timecode or "DF" in rate_text:
        all_minutes = hours * 60 + minutes
        frame -= nominal // 15 * (all_minutes - all_minutes // 10)
    return frame


@dataclass
class MarkerRow:
    color: str
    name: str
    note: str
    duration: int
    custom_data: str

    def shown(self) -> dict[str, Any]:
        return {
            "color": self.color,
            "duration": float(self.duration),
            "note": self.note,
            "name": self.name,
            "customData": self.custom_data,
        }


@dataclass
class ClipRow:
    """A clip of the media pool. fps: as the program reads it, frozen at import. frames: its length at that rate."""

    id: str
    name: str
    path: str
    fps: float
    frames: int
    kind: str = "Video + Audio"
    more: dict[str, str] = field(default_factory=dict)


@dataclass
class FolderRow:
    id: str
    name: str
    clips: list[ClipRow] = field(default_factory=list)
    folders: list[FolderRow] = field(default_factory=list)

    def holder_of(self, clip: ClipRow) -> FolderRow | None:
        if any(one is clip for one in self.clips):
            return self
        return next((found for below in self.folders if (found := below.holder_of(clip))), None)


@dataclass
class ItemRow:
    """start, frames: on the timeline, absolute. source_start, source_end: of the clip, end exclusive.

    is_errored: its append answered an error; a save discards it. clip: None for a transition or a title.
    """

    id: str
    name: str
    start: int
    frames: int
    clip: ClipRow | None = None
    source_start: int = 0
    source_end: int = 0
    is_enabled: bool = True
    is_errored: bool = False
    is_ghost: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    fusion_comps: int = 0

    @property
    def end(self) -> int:
        return self.start + self.frames


@dataclass
class TrackRow:
    name: str
    sub_type: str = ""
    items: list[ItemRow] = field(default_factory=list)
    is_locked: bool = False
    is_enabled: bool = True


@dataclass
class TimelineRow:
    """marks: {"video": {"in", "out"}, "audio": …}, offsets from the start; out is the last frame inside."""

    id: str
    name: str
    rate: str
    start_timecode: str
    tracks: dict[str, list[TrackRow]] = field(default_factory=lambda: {"video": [], "audio": [], "subtitle": []})
    markers: dict[int, MarkerRow] = field(default_factory=dict)
    marks: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def start(self) -> int:
        return frame_of(self.start_timecode, self.rate)

    @property
    def end(self) -> int:
        """The frame after the last item's last."""
        kinds = ("video", "audio")
        ends = [item.end for kind in kinds for track in self.tracks[kind] for item in track.items]
        return max([self.start, *ends])


@dataclass
class JobRow:
    id: str
    settings: dict[str, Any]
    format: str
    codec: str
    has_picture: bool
    timeline: TimelineRow
    status: str = "Ready"
    polls_left: int = 0
    share: int = 0


@dataclass
class ProjectRow:
    """settings, format, codec, has_picture: the Deliver page's state. has_picture comes of the last preset alone."""

    id: str
    name: str
    rate: str
    root: FolderRow
    folder: FolderRow
    timelines: list[TimelineRow] = field(default_factory=list)
    current: TimelineRow | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    format: str = "mp4"
    codec: str = "H264"
    has_picture: bool = True
    mode: int = 1
    jobs: list[JobRow] = field(default_factory=list)
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    saves: int = 0
