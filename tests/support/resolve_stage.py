"""A timeline to score: in the stand-in, or with RESOLVE_LIVE=1 in the real program that runs on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fake_resolve import FakeProgram, paint_boxes
from films import plain_film

IS_LIVE = os.environ.get("RESOLVE_LIVE") == "1"


class FakeStage:
    """The stand-in's."""

    def __init__(self) -> None:
        self.program = FakeProgram()
        self.program.world.paints = paint_boxes
        self.resolve: Any = self.program.resolve

    def open(self, rate: str, start: str, *shots: int) -> None:
        """A project of this rate with one timeline, and clips of these lengths in frames on it."""
        self.program.open_timeline(rate, start)
        self.program.shots(*shots)


class LiveStage:
    """The real one's, in a project of its own that is deleted afterwards. Never run by this project's own checks."""

    def __init__(self, folder: Path) -> None:
        import DaVinciResolveScript  # type: ignore[import-not-found]

        self.resolve: Any = DaVinciResolveScript.scriptapp("Resolve")
        assert self.resolve is not None, "DaVinci Resolve Studio must run, with external scripting set to Local"
        self._folder = folder
        self._names: list[str] = []

    def open(self, rate: str, start: str, *shots: int) -> None:
        name = f"Cuesmith test {time.time_ns()}"
        project = self.resolve.GetProjectManager().CreateProject(name)
        assert project is not None, name
        self._names.append(name)
        assert project.SetSetting("timelineFrameRate", rate)
        pool = project.GetMediaPool()
        fractions = {"23.976": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}
        number = rate.split()[0]
        film = plain_film(self._folder / f"shot-{number}.mov", 20.0, rate=fractions.get(number, number))
        (clip,) = pool.ImportMedia([str(film)])
        timeline = pool.CreateEmptyTimeline("Cut 7")
        assert timeline.SetStartTimecode(start)
        at = timeline.GetStartFrame()
        for number, length in enumerate(shots):
            source = 10 * number
            info = {"mediaPoolItem": clip, "startFrame": source, "endFrame": source + length, "recordFrame": at}
            assert pool.AppendToTimeline([info])
            at += length

    def close(self) -> None:
        manager = self.resolve.GetProjectManager()
        for name in self._names:
            manager.CloseProject(manager.GetCurrentProject())
            manager.DeleteProject(name)


@contextmanager
def stage(folder: Path) -> Iterator[FakeStage | LiveStage]:
    """The one that is asked for."""
    if not IS_LIVE:
        yield FakeStage()
        return
    live = LiveStage(folder)
    try:
        yield live
    finally:
        live.close()


def timeline_of(resolve: Any) -> Any:
    """The current timeline."""
    return resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()


def placed(resolve: Any, name: str = "Cuesmith") -> list[tuple[int, int]]:
    """(start, frames) of every item on the audio tracks of a name, as the program says."""
    timeline = timeline_of(resolve)
    tracks = [n for n in range(1, timeline.GetTrackCount("audio") + 1) if timeline.GetTrackName("audio", n) == name]
    items = [item for n in tracks for item in timeline.GetItemListInTrack("audio", n)]
    return [(item.GetStart(), item.GetDuration()) for item in items if item.GetUniqueId()]


def own_markers(resolve: Any) -> dict[int, dict[str, Any]]:
    """Offset → marker, of those that are ours."""
    found = timeline_of(resolve).GetMarkers()
    return {int(at): marker for at, marker in found.items() if marker["customData"].startswith("cuesmith:v1:")}
