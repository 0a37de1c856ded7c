"""Where everything stands in a review's picture: sizes for 720 lines, scaled to the height asked for."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[int, int, int, int]  # left, top, width, height, pixels

_LINES = 720
_STRIP_LINES = 236
_MARGIN, _LABEL, _READING = 16, 92, 146  # left and right of everything; of the lanes' names and figures
_LEAST_READING = 18  # a line of figures and what hangs below it


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture 16:9 of height_px lines: the film in the upper part, the strip below. Boxes in the strip's pixels."""

    height_px: int

    @property
    def width_px(self) -> int:
        """Even."""
        return round(self.height_px * 8 / 9) * 2

    @property
    def strip_px(self) -> int:
        """The strip's height, even."""
        return self.px(_STRIP_LINES / 2) * 2

    @property
    def above_px(self) -> int:
        """The height of the part above the strip, even."""
        return self.height_px - self.strip_px

    def px(self, lines: float) -> int:
        """So many lines of 720, in pixels; at least one."""
        return max(1, round(lines * self.height_px / _LINES))

    def film_px(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Width and height of a film's picture in the upper part: as large as fits, of its shape, even."""
        scale = min(self.width_px / width_px, self.above_px / height_px)
        return tuple(max(2, round(side * scale / 2) * 2) for side in (width_px, height_px))  # type: ignore[return-value]

    def film_box(self, width_px: int, height_px: int) -> Box:
        """Where that picture stands."""
        width, height = self.film_px(width_px, height_px)
        return (self.width_px - width) // 2, (self.above_px - height) // 2, width, height

    @property
    def progress(self) -> Box:
        """How far the cue is: a line along the strip's upper edge."""
        return 0, 0, self.width_px, self.px(4)

    @property
    def title(self) -> Box:
        """The cue's name."""
        return self._row(12, 30, _MARGIN, 500)

    @property
    def counter(self) -> Box:
        """Bar and beat."""
        return self._row(12, 30, 530, 440)

    @property
    def timecode(self) -> Box:
        """What the picture is called."""
        return self._row(12, 30, 980, 1280 - _MARGIN - 980)

    @property
    def facts(self) -> Box:
        """Tempo, key and metre."""
        return self._row(45, 20, _MARGIN, 500)

    @property
    def hit(self) -> Box:
        """The hit to come, or the one just passed."""
        return self._row(45, 20, 530, 440)

    @property
    def clock(self) -> Box:
        """How far the cue is, in time."""
        return self._row(45, 20, 980, 1280 - _MARGIN - 980)

    @property
    def cues(self) -> Box:
        """The lane of the cues."""
        return self._lane(72, 16)

    @property
    def feeling(self) -> Box:
        """The lane of the emotion curve."""
        return self._lane(91, 50)

    @property
    def loudness(self) -> Box:
        """The lane of the loudness."""
        return self._lane(145, 32)

    @property
    def ducking(self) -> Box:
        """The lane of the music's gain."""
        return self._lane(181, 12)

    @property
    def messages(self) -> tuple[Box, Box]:
        """Two lines for what fell short."""
        return self._row(197, 18, _MARGIN, 1248), self._row(215, 18, _MARGIN, 1248)

    def reading(self, lane: Box) -> Box:
        """The place for figures right of a lane."""
        left = lane[0] + lane[2] + self.px(8)
        height = max(lane[3], self.px(_LEAST_READING))
        return left, lane[1] - (height - lane[3]) // 2, self.width_px - self.px(_MARGIN) - left, height

    def label(self, lane: Box) -> Box:
        """The place for a lane's name, left of it."""
        return self.px(_MARGIN), lane[1], lane[0] - self.px(_MARGIN + 6), lane[3]

    def _row(self, top: float, height: float, left: float, width: float) -> Box:
        # Edges are rounded, not lengths, so that what is apart at 720 lines stays so.
        x, y = self.px(left), self.px(top)
        return x, y, self.px(left + width) - x, self.px(top + height) - y

    def _lane(self, top: float, height: float) -> Box:
        left, y = self.px(_MARGIN + _LABEL), self.px(top)
        return left, y, self.width_px - self.px(_MARGIN + _READING) - left, self.px(top + height) - y
