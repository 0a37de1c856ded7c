"""Markers of a timeline: offsets from its start, which is the opposite of a clip's record frame."""

from __future__ import annotations

from typing import Any

from fake_resolve.rows import MarkerRow
from fake_resolve.world import Thing, api

COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia",
    "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream",
)  # fmt: skip


class Markers(Thing):
    """The marker calls, over a row with `markers`."""

    @api(failing=False, mutates=True)
    def AddMarker(  # noqa: N802
        self, frame: Any, color: Any, name: Any, note: Any, duration: Any, custom_data: Any = "", /
    ) -> bool:
        texts = (name, note, custom_data)
        if color not in COLOURS or not all(isinstance(text, str) for text in texts):
            return False
        if not _is_number(frame) or not _is_number(duration) or frame < 0 or duration < 1:
            return False
        if int(frame) in self._row.markers and self._world.quirks.occupied_refused:
            return False
        self._row.markers[int(frame)] = MarkerRow(color, name, note, int(duration), custom_data)
        return True

    @api(failing=None)
    def GetMarkers(self) -> dict[float, dict[str, Any]]:  # noqa: N802
        return {float(frame): marker.shown() for frame, marker in sorted(self._row.markers.items())}

    @api(failing=None)
    def GetMarkerByCustomData(self, custom_data: Any, /) -> dict[str, Any]:  # noqa: N802
        frame = self._first(custom_data)
        return {} if frame is None else self._row.markers[frame].shown()

    @api(failing="")
    def GetMarkerCustomData(self, frame: Any, /) -> str:  # noqa: N802
        found = self._row.markers.get(frame)
        return found.custom_data if found else ""

    @api(failing=False, mutates=True)
    def DeleteMarkerByCustomData(self, custom_data: Any, /) -> bool:  # noqa: N802
        frame = self._first(custom_data)
        return frame is not None and self._row.markers.pop(frame, None) is not None

    @api(failing=False, mutates=True)
    def DeleteMarkerAtFrame(self, frame: Any, /) -> bool:  # noqa: N802
        return self._row.markers.pop(frame, None) is not None

    @api(failing=False, mutates=True)
    def DeleteMarkersByColor(self, color: Any, /) -> bool:  # noqa: N802
        gone = [frame for frame, marker in self._row.markers.items() if color in ("All", marker.color)]
        for frame in gone:
            del self._row.markers[frame]
        return bool(gone)

    def _first(self, custom_data: Any) -> int | None:
        rows = sorted(self._row.markers.items())
        return next((frame for frame, marker in rows if marker.custom_data == custom_data), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
