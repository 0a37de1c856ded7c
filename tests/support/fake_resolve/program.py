"""The program itself, as a test builds it and looks into it; none of this is the API."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_resolve.appending import heard
from fake_resolve.project import ProjectManager
from fake_resolve.quirks import EDITIONS, Quirks
from fake_resolve.rendering import PRESETS
from fake_resolve.rows import ClipRow, FolderRow, ItemRow, MarkerRow, ProjectRow, TimelineRow, TrackRow, rate_of
from fake_resolve.world import Thing, World, api

PAGES = ("media", "photo", "cut", "edit", "fusion", "color", "fairlight", "deliver")


class Fusion(Thing):
    """Only what asks for a window."""

    @property
    def UIManager(self) -> object | None:  # noqa: N802
        """None on the free editions since 19.1, and a dialogue that offers Studio."""
        if EDITIONS[self._world.quirks.edition][3]:
            return object()
        self._world.modal = True
        return None


class Resolve(Thing):
    """The first object."""

    EXPORT_OTIO = 13.0

    @api(failing=None)
    def GetProjectManager(self) -> ProjectManager:  # noqa: N802
        return ProjectManager(self._world)

    @api(failing="")
    def GetProductName(self) -> str:  # noqa: N802
        return self._world.product

    @api(failing=None)
    def GetVersion(self) -> list[Any]:  # noqa: N802
        return list(self._world.version)

    @api(failing="")
    def GetVersionString(self) -> str:  # noqa: N802
        major, minor, patch, build, suffix = self._world.version
        return f"{major}.{minor}.{patch}{suffix}.{build}"

    @api(failing=None)
    def GetCurrentPage(self) -> str | None:  # noqa: N802
        return self._world.page

    @api(failing=False, mutates=True)
    def OpenPage(self, page: Any, /) -> bool:  # noqa: N802
        if page not in PAGES:
            return False
        self._world.page = page
        return True

    @api(failing=None)
    def Fusion(self) -> Fusion:  # noqa: N802
        return Fusion(self._world)


@dataclass
class FakeProgram:
    """A running DaVinci Resolve. world: its state and the calls so far."""

    quirks: Quirks = field(default_factory=Quirks)

    def __post_init__(self) -> None:
        self.world = World(self.quirks)

    @property
    def resolve(self) -> Resolve:
        """The object that a script in the menu is given."""
        return Resolve(self.world)

    @property
    def listed(self) -> tuple[str, ...]:
        """The endings of the scripts that the menu shows."""
        return (".lua", ".py") if EDITIONS[self.quirks.edition][2] else (".lua",)

    def globals(self, ending: str) -> dict[str, Any]:
        """The globals of a script of this kind that is run from the menu. Raises PermissionError where it is not."""
        if ending not in self.listed:
            raise PermissionError(f"{ending} scripts need Studio")
        return {"resolve": self.resolve, "fusion": Fusion(self.world), "bmd": object()}

    def scriptapp(self, name: str) -> Resolve | None:
        """The entry from outside, for Studio alone."""
        return self.resolve if name == "Resolve" and self.world.is_studio else None

    # Building ----------------------------------------------------------------------------------------

    def open_project(self, name: str = "Night train", rate: str = "24") -> ProjectRow:
        """A project with an empty pool and no timeline."""
        root = FolderRow(self.world.new_id("folder"), "Master")
        project = ProjectRow(self.world.new_id("project"), name, rate, root, root)
        preset = PRESETS[self.quirks.preset]
        project.format, project.codec = preset["format"], preset["codec"]
        project.has_picture, project.mode = preset["has_picture"], preset["mode"]
        self.world.project = project
        return project

    def open_timeline(
        self, rate: str = "24", start: str = "01:00:00:00", name: str = "Cut 7", audio: tuple[str, ...] = ("stereo",)
    ) -> TimelineRow:
        """The project's current timeline, with one video track and these audio tracks."""
        project = self.world.project or self.open_project(rate=rate)
        timeline = TimelineRow(self.world.new_id("timeline"), name, rate, start)
        timeline.tracks["video"].append(TrackRow("Video 1"))
        timeline.tracks["audio"] = [TrackRow(f"Audio {n}", sub_type) for n, sub_type in enumerate(audio, 1)]
        project.timelines.append(timeline)
        project.current = timeline
        return timeline

    def clip(self, name: str = "A001.mov", frames: int = 1000, fps: float | None = None, path: str = "") -> ClipRow:
        """A clip in the pool's first bin."""
        project = self.world.project
        assert project is not None
        found = fps if fps is not None else round(float(rate_of(project.rate)), 3)
        row = ClipRow(self.world.new_id("clip"), name, path or f"/media/{name}", found, frames)
        project.root.clips.append(row)
        return row

    def put(
        self, clip: ClipRow | None, offset: int, frames: int, track: int = 1, kind: str = "video", source: int = 0
    ) -> ItemRow:
        """An item at an offset from the timeline's start. clip None: a transition."""
        project = self.world.project
        assert project is not None
        assert project.current is not None
        timeline = project.current
        name = clip.name if clip else "Cross Dissolve"
        item = ItemRow(self.world.new_id("item"), name, timeline.start + offset, frames, clip, source, source + frames)
        tracks = timeline.tracks[kind]
        while len(tracks) < track:
            tracks.append(TrackRow(f"{kind.capitalize()} {len(tracks) + 1}", "stereo" if kind == "audio" else ""))
        tracks[track - 1].items.append(item)
        tracks[track - 1].items.sort(key=lambda one: one.start)
        return item

    def shots(self, *frames: int) -> TimelineRow:
        """Clips one after the other on the first video and audio tracks of the current timeline."""
        at = 0
        for number, length in enumerate(frames, 1):
            clip = self.clip(f"A{number:03d}.mov", length + 48)
            for kind in ("video", "audio"):
                self.put(clip, at, length, kind=kind, source=24)
            at += length
        project = self.world.project
        assert project is not None
        assert project.current is not None
        return project.current

    def mark(self, offset: int, color: str = "Pink", name: str = "door", note: str = "", custom_data: str = "") -> None:
        """A marker of the user's."""
        timeline = self.timeline
        timeline.markers[offset] = MarkerRow(color, name, note, 1, custom_data)

    # Looking -----------------------------------------------------------------------------------------

    @property
    def timeline(self) -> TimelineRow:
        """The current one."""
        assert self.world.project is not None
        assert self.world.project.current is not None
        return self.world.project.current

    def heard(self) -> list[tuple[str, int, int]]:
        """What a render of the timeline would have in it of the audio tracks: (name, offset, frames)."""
        return heard(self.timeline)

    def everything(self) -> dict[str, Any]:
        """A copy of all that a user would miss: page, bins, clips, tracks, items, markers, marks, deliver settings."""
        project = self.world.project
        kept = copy.deepcopy(project)
        return {"page": self.world.page, "project": kept, "folder": project.folder.id if project else None}

    def track(self, name: str, kind: str = "audio") -> TrackRow:
        """The track of a name; there must be exactly one."""
        (found,) = [track for track in self.timeline.tracks[kind] if track.name == name]
        return found

    def bin(self, name: str) -> list[str]:
        """The paths of the clips in a bin below the root."""
        assert self.world.project is not None
        (found,) = [folder for folder in self.world.project.root.folders if folder.name == name]
        return [clip.path for clip in found.clips]


def rows_of(program: FakeProgram, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The user's own: each track whose name does not begin with one of these, its items; markers that are not ours."""
    timeline = program.timeline
    tracks = {
        kind: [
            (
                t.name,
                t.sub_type,
                t.is_locked,
                t.is_enabled,
                [(i.id, i.start, i.frames, i.source_start) for i in t.items],
            )
            for t in of
            if not t.name.startswith(but or ("\0",))
        ]
        for kind, of in timeline.tracks.items()
    }
    markers = {
        frame: (m.color, m.name, m.note, m.duration, m.custom_data)
        for frame, m in timeline.markers.items()
        if not m.custom_data.startswith("cuesmith:")
    }
    return {"tracks": tracks, "markers": markers, "marks": copy.deepcopy(timeline.marks)}


def media_file(folder: Path, name: str = "A001.mov") -> str:
    """The path of a small file that stands for a clip's."""
    path = folder / name
    path.write_bytes(b"\0" * 1024)
    return str(path)
