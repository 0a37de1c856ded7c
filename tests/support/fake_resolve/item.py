"""An item of a timeline's track: a clip, a transition, a title."""

from __future__ import annotations

from typing import Any

from fake_resolve.rows import ItemRow
from fake_resolve.world import Thing, api

PLAIN = {"Pan": 0.0, "Tilt": 0.0, "ZoomX": 1.0, "ZoomY": 1.0, "FlipX": False, "FlipY": False, "Opacity": 100.0}


class TimelineItem(Thing):
    """A ghost has an empty unique id and stands in no track's list of good items."""

    @api(failing="")
    def GetName(self) -> str:  # noqa: N802
        return str(self._row.name)

    @api(failing="")
    def GetUniqueId(self) -> str:  # noqa: N802
        return "" if self._row.is_ghost else str(self._row.id)

    @api(failing=None)
    def GetStart(self, _subframe: Any = False, /) -> int:  # noqa: N802
        return int(self._row.start)

    @api(failing=None)
    def GetEnd(self, _subframe: Any = False, /) -> int:  # noqa: N802
        return int(self._row.end)

    @api(failing=None)
    def GetDuration(self, _subframe: Any = False, /) -> int:  # noqa: N802
        return int(self._row.frames)

    @api(failing=None)
    def GetLeftOffset(self, _subframe: Any = False, /) -> int:  # noqa: N802
        return int(self._row.source_start)

    @api(failing=None)
    def GetSourceStartFrame(self) -> int:  # noqa: N802
        return int(self._row.source_start)

    @api(failing=None)
    def GetSourceEndFrame(self) -> int:  # noqa: N802
        return int(self._row.source_end)

    @api(failing=None)
    def GetMediaPoolItem(self) -> Any:  # noqa: N802
        from fake_resolve.pool import MediaPoolItem

        return None if self._row.clip is None else MediaPoolItem(self._world, self._row.clip)

    @api(failing=None)
    def GetProperty(self, key: Any = None, /) -> Any:  # noqa: N802
        """Empty for what is no clip: that is how a transition is told."""
        row: ItemRow = self._row
        known = {} if row.clip is None else {**PLAIN, **row.properties}
        return known if key is None else known.get(key)

    @api(failing=None)
    def GetClipEnabled(self) -> bool:  # noqa: N802
        return bool(self._row.is_enabled)

    @api(failing=None)
    def GetFusionCompCount(self) -> int:  # noqa: N802
        return int(self._row.fusion_comps)
