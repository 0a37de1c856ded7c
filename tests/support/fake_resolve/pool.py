"""The media pool, its bins and its clips."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from fake_resolve.appending import append
from fake_resolve.item import TimelineItem
from fake_resolve.rows import ClipRow, FolderRow, rate_of
from fake_resolve.world import Thing, World, api

SOUNDS = (".wav", ".flac", ".mp3", ".aif", ".aiff")
PICTURES = (".mp4", ".mov", ".mxf")


class MediaPoolItem(Thing):
    """A clip."""

    @api(failing="")
    def GetName(self) -> str:  # noqa: N802
        return str(self._row.name)

    @api(failing="")
    def GetUniqueId(self) -> str:  # noqa: N802
        return str(self._row.id)

    @api(failing="")
    def GetMediaId(self) -> str:  # noqa: N802
        return f"media-{self._row.id}"

    @api(failing="")
    def GetClipProperty(self, name: Any = None, /) -> Any:  # noqa: N802
        row: ClipRow = self._row
        known = {"File Path": row.path, "FPS": row.fps, "Frames": str(row.frames), "Type": row.kind, **row.more}
        known |= {"Clip Name": row.name, "File Name": Path(row.path).name}
        return known if name in (None, "") else known.get(name, "")

    @api(failing=False, mutates=True)
    def SetClipProperty(self, _name: Any, _value: Any, /) -> bool:  # noqa: N802
        return False

    @api(failing=False, mutates=True)
    def TranscribeAudio(self) -> bool:  # noqa: N802
        if not self._world.is_studio:
            self._world.modal = True
        return self._world.is_studio


class Folder(Thing):
    """A bin."""

    @api(failing="")
    def GetName(self) -> str:  # noqa: N802
        return str(self._row.name)

    @api(failing="")
    def GetUniqueId(self) -> str:  # noqa: N802
        return str(self._row.id)

    @api(failing=None)
    def GetClipList(self) -> list[MediaPoolItem]:  # noqa: N802
        return [MediaPoolItem(self._world, clip) for clip in self._row.clips]

    @api(failing=None)
    def GetSubFolderList(self) -> list[Folder]:  # noqa: N802
        return [Folder(self._world, folder) for folder in self._row.folders]


class MediaPool(Thing):
    """The pool of the open project."""

    @api(failing=None)
    def GetRootFolder(self) -> Folder:  # noqa: N802
        return Folder(self._world, self._row.root)

    @api(failing=None)
    def GetCurrentFolder(self) -> Folder:  # noqa: N802
        return Folder(self._world, self._row.folder)

    @api(failing=False, mutates=True)
    def SetCurrentFolder(self, folder: Any, /) -> bool:  # noqa: N802
        if not isinstance(folder, Folder):
            return False
        self._row.folder = folder._row
        return True

    @api(failing=None, mutates=True)
    def AddSubFolder(self, folder: Any, name: Any, /) -> Folder | None:  # noqa: N802
        if not isinstance(folder, Folder) or not isinstance(name, str) or not name:
            return None
        if any(below.name == name for below in folder._row.folders):
            return None
        row = FolderRow(self._world.new_id("folder"), name)
        folder._row.folders.append(row)
        self._row.folder = row  # the new bin is the current one from now on
        return Folder(self._world, row)

    @api(failing=False, mutates=True)
    def DeleteFolders(self, folders: Any, /) -> bool:  # noqa: N802
        if not _all_are(folders, Folder):
            return False
        for folder in folders:
            if self._row.folder is folder._row:
                self._row.folder = self._row.root
            _remove_folder(self._row.root, folder._row)
        return True

    @api(failing=[], mutates=True)
    def ImportMedia(self, paths: Any, /) -> list[MediaPoolItem]:  # noqa: N802
        if not isinstance(paths, list):
            return []
        rows = [row for path in paths if (row := _imported(self._world, self._row.rate, path)) is not None]
        self._row.folder.clips.extend(rows)
        return [MediaPoolItem(self._world, row) for row in rows]

    @api(failing=False, mutates=True)
    def DeleteClips(self, clips: Any, /) -> bool:  # noqa: N802
        """The clips, and with them every item on a timeline that shows one."""
        if not _all_are(clips, MediaPoolItem):
            return False
        for clip in clips:
            holder = self._row.root.holder_of(clip._row)
            if holder is None:
                return False
            holder.clips = [one for one in holder.clips if one is not clip._row]
            for timeline in self._row.timelines:
                for track in (*timeline.tracks["video"], *timeline.tracks["audio"]):
                    track.items = [item for item in track.items if item.clip is not clip._row]
        return True

    @api(failing=[], mutates=True)
    def AppendToTimeline(self, clips: Any, /) -> list[TimelineItem]:  # noqa: N802
        if not isinstance(clips, list) or self._row.current is None:
            return []
        infos = [info if isinstance(info, dict) else {"mediaPoolItem": info} for info in clips]
        if not _all_are([info.get("mediaPoolItem") for info in infos], MediaPoolItem):
            return []
        rows = [{**info, "mediaPoolItem": info["mediaPoolItem"]._row} for info in infos]
        return [TimelineItem(self._world, item) for item in append(self._world, self._row.current, rows)]


def _imported(world: World, project_rate: str, path: Any) -> ClipRow | None:
    if not isinstance(path, str) or not Path(path).is_absolute() or not Path(path).is_file():
        return None
    ending = Path(path).suffix.lower()
    if ending in SOUNDS:
        import soundfile

        try:
            duration_s = soundfile.info(path).duration
        except soundfile.LibsndfileError:
            return None
        # A sound has no frame rate of its own: it takes the project's as it is now, and keeps it.
        fps = round(float(rate_of(project_rate)), 3)
        frames = math.floor(duration_s * rate_of(project_rate) + 1e-6)
        return ClipRow(world.new_id("clip"), Path(path).name, path, fps, frames, "Audio")
    if ending in PICTURES:
        return ClipRow(world.new_id("clip"), Path(path).name, path, round(float(rate_of(project_rate)), 3), 0)
    return None


def _remove_folder(root: FolderRow, gone: FolderRow) -> None:
    root.folders = [folder for folder in root.folders if folder is not gone]
    for folder in root.folders:
        _remove_folder(folder, gone)


def _all_are(values: Any, kind: type) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, kind) for value in values)
