"""A timeline: its tracks, its items, its marks."""

from __future__ import annotations

from typing import Any

from fake_resolve.item import TimelineItem
from fake_resolve.markers import Markers
from fake_resolve.rows import TimelineRow, TrackRow
from fake_resolve.world import api

SUB_TYPES = ("mono", "stereo", "5.1", "7.1", "quad", "lcr")


class Timeline(Markers):
    """Tracks are counted from 1."""

    @api(failing="")
    def GetName(self) -> str:  # noqa: N802
        return str(self._row.name)

    @api(failing="")
    def GetUniqueId(self) -> str:  # noqa: N802
        return str(self._row.id)

    @api(failing=None)
    def GetStartFrame(self) -> int:  # noqa: N802
        return int(self._row.start)

    @api(failing=None)
    def GetEndFrame(self) -> int:  # noqa: N802
        return int(self._row.end)

    @api(failing="")
    def GetStartTimecode(self) -> str:  # noqa: N802
        return str(self._row.start_timecode)

    @api(failing="")
    def GetSetting(self, name: Any = None, /) -> Any:  # noqa: N802
        known = {
            "timelineFrameRate": self._row.rate,
            "timelineResolutionWidth": "1920",
            "timelineResolutionHeight": "1080",
        }
        return known if name in (None, "") else known.get(name, "")

    @api(failing=None)
    def GetMarkInOut(self) -> dict[str, dict[str, int]]:  # noqa: N802
        """Offsets from the start; but what a script has set stands as it was given."""
        return {kind: dict(of) for kind, of in self._row.marks.items()}

    @api(failing=False, mutates=True)
    def SetMarkInOut(self, first: Any, last: Any, kind: Any = "all", /) -> bool:  # noqa: N802
        if kind not in ("all", "video", "audio") or not all(isinstance(edge, (int, float)) for edge in (first, last)):
            return False
        for one in ("video", "audio") if kind == "all" else (kind,):
            self._row.marks[one] = {"in": int(first), "out": int(last)}
        return True

    @api(failing=False, mutates=True)
    def ClearMarkInOut(self, kind: Any = "all", /) -> bool:  # noqa: N802
        for one in ("video", "audio") if kind == "all" else (kind,):
            self._row.marks.pop(one, None)
        return True

    # Tracks ------------------------------------------------------------------------------------------

    @api(failing=None)
    def GetTrackCount(self, kind: Any, /) -> int:  # noqa: N802
        return len(self._row.tracks.get(kind, ()))

    @api(failing=False, mutates=True)
    def AddTrack(self, kind: Any, sub_type: Any = None, /) -> bool:  # noqa: N802
        tracks = self._row.tracks.get(kind)
        options = sub_type if isinstance(sub_type, dict) else {"audioType": sub_type}
        asked = options.get("audioType")
        if tracks is None or (asked is not None and asked not in SUB_TYPES):
            return False
        given = "mono" if asked is None or self._world.quirks.tracks_mono else str(asked)
        row = TrackRow(f"{kind.capitalize()} {len(tracks) + 1}", given if kind == "audio" else "")
        index = options.get("index")
        tracks.insert(int(index) - 1 if index and 1 <= index <= len(tracks) else len(tracks), row)
        return True

    @api(failing=False, mutates=True)
    def DeleteTrack(self, kind: Any, index: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        if track is None:
            return False
        self._row.tracks[kind] = [one for one in self._row.tracks[kind] if one is not track]
        return True

    @api(failing="")
    def GetTrackName(self, kind: Any, index: Any, /) -> str:  # noqa: N802
        track = self._track(kind, index)
        return "" if track is None else track.name

    @api(failing=False, mutates=True)
    def SetTrackName(self, kind: Any, index: Any, name: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        if track is None or not isinstance(name, str) or not name:
            return False
        track.name = name
        return True

    @api(failing="")
    def GetTrackSubType(self, kind: Any, index: Any, /) -> str:  # noqa: N802
        track = self._track(kind, index)
        return "" if track is None else track.sub_type

    @api(failing=None)
    def GetIsTrackLocked(self, kind: Any, index: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        return track is not None and track.is_locked

    @api(failing=False, mutates=True)
    def SetTrackLock(self, kind: Any, index: Any, locked: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        if track is None:
            return False
        track.is_locked = bool(locked)
        return True

    @api(failing=None)
    def GetIsTrackEnabled(self, kind: Any, index: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        return track is not None and track.is_enabled

    @api(failing=False, mutates=True)
    def SetTrackEnable(self, kind: Any, index: Any, enabled: Any, /) -> bool:  # noqa: N802
        track = self._track(kind, index)
        if track is None:
            return False
        track.is_enabled = bool(enabled)
        return True

    # Items -------------------------------------------------------------------------------------------

    @api(failing=None)
    def GetItemListInTrack(self, kind: Any, index: Any, /) -> list[TimelineItem]:  # noqa: N802
        track = self._track(kind, index)
        return [] if track is None else [TimelineItem(self._world, item) for item in track.items]

    @api(failing=False, mutates=True)
    def DeleteClips(self, items: Any, ripple: Any = False, /) -> bool:  # noqa: N802
        if not isinstance(items, list) or not items or not all(isinstance(one, TimelineItem) for one in items):
            return False
        row: TimelineRow = self._row
        gone = [item._row for item in items]
        for track in (*row.tracks["video"], *row.tracks["audio"]):
            here = [item for item in track.items if any(item is one for one in gone)]
            if track.is_locked:
                continue
            track.items = [item for item in track.items if not any(item is one for one in gone)]
            if ripple:
                for removed in here:
                    for later in track.items:
                        later.start -= removed.frames if later.start >= removed.end else 0
        left = [item for track in (*row.tracks["video"], *row.tracks["audio"]) for item in track.items]
        return not any(item is one for item in left for one in gone)

    @api(failing=False, mutates=True)
    def CreateSubtitlesFromAudio(self, _settings: Any = None, /) -> bool:  # noqa: N802
        if not self._world.is_studio:
            self._world.modal = True
        return self._world.is_studio

    def _track(self, kind: Any, index: Any) -> TrackRow | None:
        tracks = self._row.tracks.get(kind, [])
        is_there = isinstance(index, (int, float)) and 1 <= index <= len(tracks)
        return tracks[int(index) - 1] if is_there else None
