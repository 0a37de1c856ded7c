"""The Deliver page: settings that lie on top of the last preset, jobs, and a file that is really written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fake_resolve.painting import paint
from fake_resolve.rows import JobRow, TimelineRow
from fake_resolve.world import Thing, api

PRESETS: dict[str, dict[str, Any]] = {
    "H.264 Master": {"format": "mov", "codec": "H264", "has_picture": True, "mode": 1},
    "ProRes 422 HQ": {"format": "mov", "codec": "ProRes422HQ", "has_picture": True, "mode": 1},
    "YouTube - 1080p": {"format": "mp4", "codec": "H264", "has_picture": True, "mode": 1},
    "FCP - Final Cut Pro 7": {"format": "mov", "codec": "ProRes422HQ", "has_picture": True, "mode": 0},
    "Audio Only": {"format": "wav", "codec": "", "has_picture": False, "mode": 1},
}
KEYS = {
    "SelectAllFrames", "MarkIn", "MarkOut", "TargetDir", "CustomName", "ExportVideo", "ExportAudio", "FormatWidth",
    "FormatHeight", "FrameRate", "UniqueFilenameStyle", "VideoQuality", "AudioCodec", "AudioBitDepth",
    "AudioSampleRate", "ExportSubtitle",
}  # fmt: skip


class Deliver(Thing):
    """The calls of a project that render."""

    @api(failing=None)
    def GetRenderPresetList(self) -> list[str]:  # noqa: N802
        return [*PRESETS, *self._row.presets]

    @api(failing=False, mutates=True)
    def LoadRenderPreset(self, name: Any, /) -> bool:  # noqa: N802
        preset = self._row.presets.get(name) or PRESETS.get(name)
        if preset is None:
            return False
        self._row.format, self._row.codec = preset["format"], preset["codec"]
        self._row.has_picture, self._row.mode = preset["has_picture"], preset["mode"]
        self._row.settings = dict(preset.get("settings", {}))
        return True

    @api(failing=False, mutates=True)
    def SaveAsNewRenderPreset(self, name: Any, /) -> bool:  # noqa: N802
        if not isinstance(name, str) or not name or name in self._row.presets or name in PRESETS:
            return False
        kept = {"format": self._row.format, "codec": self._row.codec, "has_picture": self._row.has_picture}
        self._row.presets[name] = {**kept, "mode": self._row.mode, "settings": dict(self._row.settings)}
        return True

    @api(failing=False, mutates=True)
    def DeleteRenderPreset(self, name: Any, /) -> bool:  # noqa: N802
        return self._row.presets.pop(name, None) is not None

    @api(failing=None)
    def GetRenderFormats(self) -> dict[str, str]:  # noqa: N802
        return {name.upper(): name for name in self._world.quirks.codecs}

    @api(failing=None)
    def GetRenderCodecs(self, name: Any, /) -> dict[str, str]:  # noqa: N802
        return dict(self._world.quirks.codecs.get(name, {}))

    @api(failing=None)
    def GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:  # noqa: N802
        return {"format": self._row.format, "codec": self._row.codec}

    @api(failing=False, mutates=True)
    def SetCurrentRenderFormatAndCodec(self, name: Any, codec: Any, /) -> bool:  # noqa: N802
        """By the codec's id; its description is refused, and so is a format without codecs."""
        if codec not in self._world.quirks.codecs.get(name, {}).values():
            return False
        self._row.format, self._row.codec = name, codec
        return True

    @api(failing=None)
    def GetCurrentRenderMode(self) -> int:  # noqa: N802
        return int(self._row.mode)

    @api(failing=False, mutates=True)
    def SetCurrentRenderMode(self, mode: Any, /) -> bool:  # noqa: N802
        if mode not in (0, 1):
            return False
        self._row.mode = int(mode)
        return True

    @api(failing=False, mutates=True)
    def SetRenderSettings(self, settings: Any, /) -> bool:  # noqa: N802
        """Marks are absolute; those before the start are moved to it without a word, and the user's own are lost."""
        if not isinstance(settings, dict) or not set(settings) <= KEYS:
            return False
        self._row.settings |= settings
        timeline: TimelineRow | None = self._row.current
        if timeline is not None and not settings.get("SelectAllFrames") and {"MarkIn", "MarkOut"} <= set(settings):
            first = max(0, int(settings["MarkIn"]) - timeline.start)
            last = max(0, int(settings["MarkOut"]) - timeline.start)
            for kind in ("video", "audio"):
                timeline.marks[kind] = {"in": first, "out": last}
        return True

    @api(failing="", mutates=True)
    def AddRenderJob(self) -> str:  # noqa: N802
        timeline, settings = self._row.current, self._row.settings
        if timeline is None or not settings.get("TargetDir") or not Path(settings["TargetDir"]).is_dir():
            return ""
        if self._world.quirks.wants_deliver_page and self._world.page != "deliver":
            return ""
        # The picture comes of the preset below, whatever ExportVideo is said to be on top of it.
        picture = self._row.has_picture and settings.get("ExportVideo", True) and not self._world.quirks.render_lies
        job = JobRow(self._world.new_id("job"), dict(settings), self._row.format, self._row.codec, picture, timeline)
        self._row.jobs.append(job)
        return job.id

    @api(failing=None)
    def GetRenderJobList(self) -> list[dict[str, Any]]:  # noqa: N802
        return [
            {"JobId": job.id, "TimelineName": job.timeline.name, "IsExportVideo": True, **job.settings}
            for job in self._row.jobs
        ]

    @api(failing=False, mutates=True)
    def DeleteRenderJob(self, job_id: Any, /) -> bool:  # noqa: N802
        before = len(self._row.jobs)
        self._row.jobs = [job for job in self._row.jobs if job.id != job_id]
        return len(self._row.jobs) < before

    @api(failing=False, mutates=True)
    def StartRendering(self, first: Any, *more: Any) -> bool:  # noqa: N802
        ids = first if isinstance(first, list) else [first, *(one for one in more if isinstance(one, str))]
        jobs = [job for job in self._row.jobs if job.id in ids]
        for job in jobs:
            job.status, job.polls_left = "Rendering", self._world.quirks.render_polls
            if self._world.quirks.render_turns_page:
                self._world.page = "deliver"
        return bool(jobs)

    @api(failing=None, mutates=True)
    def StopRendering(self) -> None:  # noqa: N802
        for job in self._row.jobs:
            job.status = "Cancelled" if job.status == "Rendering" else job.status

    @api(failing=None)
    def IsRenderingInProgress(self) -> bool:  # noqa: N802
        return any(job.status == "Rendering" for job in self._row.jobs)

    @api(failing=None)
    def GetRenderJobStatus(self, job_id: Any, /) -> dict[str, Any] | None:  # noqa: N802
        job = next((job for job in self._row.jobs if job.id == job_id), None)
        if job is None:
            return None
        if job.status == "Rendering":
            self._go_on(job)
        return {"JobStatus": job.status, "CompletionPercentage": job.share}

    def _go_on(self, job: JobRow) -> None:
        quirks = self._world.quirks
        if job.polls_left > 0 or not quirks.render_ends:
            job.polls_left -= 1
            job.share = min(99, job.share + 100 // (quirks.render_polls + 1))
            return
        job.status = quirks.render_ends
        if job.status.lower() == "complete":
            job.share = 100
            if quirks.render_writes:
                (self._world.paints or paint)(*_written(job))


def _written(job: JobRow) -> tuple[Path, TimelineRow, int, int, bool]:
    """(file, timeline, first frame, frames, with a picture); as a render has it, nothing from before the start."""
    timeline, settings = job.timeline, job.settings
    first, last = timeline.start, timeline.end - 1
    if not settings.get("SelectAllFrames", True):
        first, last = max(first, int(settings["MarkIn"])), min(last, int(settings["MarkOut"]))
    ending = job.format if job.has_picture else ("wav" if job.format == "wav" else job.format)
    path = Path(settings["TargetDir"]) / f"{settings.get('CustomName') or timeline.name}.{ending}"
    return path, timeline, first, max(1, last - first + 1), job.has_picture
