"""The project manager and a project."""

from __future__ import annotations

from typing import Any

from fake_resolve.pool import MediaPool
from fake_resolve.rendering import Deliver
from fake_resolve.timeline import Timeline
from fake_resolve.world import Thing, api


class ProjectManager(Thing):
    """Answers None where no project is open."""

    @api(failing=None)
    def GetCurrentProject(self) -> Project | None:  # noqa: N802
        row = self._world.project
        return None if row is None else Project(self._world, row)

    @api(failing=False, mutates=True)
    def SaveProject(self) -> bool:  # noqa: N802
        """Saves; items of appends that answered an error are gone afterwards."""
        row = self._world.project
        if row is None:
            return False
        for timeline in row.timelines:
            for track in (*timeline.tracks["video"], *timeline.tracks["audio"]):
                track.items = [item for item in track.items if not item.is_errored]
        row.saves += 1
        return True


class Project(Deliver):
    """A project, with its Deliver page."""

    @api(failing="")
    def GetName(self) -> str:  # noqa: N802
        return str(self._row.name)

    @api(failing="")
    def GetUniqueId(self) -> str:  # noqa: N802
        return str(self._row.id)

    @api(failing=None)
    def GetMediaPool(self) -> MediaPool:  # noqa: N802
        return MediaPool(self._world, self._row)

    @api(failing=None)
    def GetCurrentTimeline(self) -> Timeline | None:  # noqa: N802
        return None if self._row.current is None else Timeline(self._world, self._row.current)

    @api(failing=0)
    def GetTimelineCount(self) -> int:  # noqa: N802
        return len(self._row.timelines)

    @api(failing="")
    def GetSetting(self, name: Any = None, /) -> Any:  # noqa: N802
        known = {"timelineFrameRate": self._row.rate}
        return known if name in (None, "") else known.get(name, "")
