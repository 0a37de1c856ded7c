"""The time axis that all lanes share, and the lane itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pipeline.pages import words

UNITS = 4800  # across a stretched drawing, whatever the film's length
PHONE_PX = 720  # the narrowest axis: words that fit there fit everywhere


@dataclass(frozen=True, slots=True)
class Axis:
    """Film time from left to right. duration_s: above zero."""

    duration_s: float

    def share(self, time_s: float) -> float:
        """Where a time lies, 0..1; what lies outside the film stands at its edge."""
        return min(1.0, max(0.0, time_s / self.duration_s)) if math.isfinite(time_s) else 0.0

    def at(self, time_s: float) -> str:
        """A time as an SVG coordinate in percent."""
        return percent(self.share(time_s))

    def unit(self, time_s: float) -> int:
        """A time in the units of a stretched drawing."""
        return round(UNITS * self.share(time_s))

    def phone_px(self, length_s: float) -> float:
        """How much room a length of time has on the narrowest axis."""
        return PHONE_PX * length_s / self.duration_s


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the picture.

    name: beside it. says: the same as words, for those who cannot see it. height_px: of the drawing. body: SVG in
    percent across and pixels down. keys: (class, word) of each line's legend. is_list: the drawing holds links.
    """

    name: str
    says: str
    height_px: int
    body: str
    keys: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from bottom to top of a drawing that high, with a little air."""

    low: float
    high: float
    height_px: int
    air_px: float = field(default=3.0)

    def y(self, value: float) -> float:
        """A value's place in pixels from the top; what lies outside stands at the edge."""
        share = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return self.height_px - self.air_px - share * (self.height_px - 2 * self.air_px)


def percent(share: float) -> str:
    """A share of the width, "12.345%"."""
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + "%"


def drawn(lane: Lane) -> str:
    """A lane as HTML."""
    keys = "".join(f'<li><i class="key {kind}"></i>{words(word)}</li>' for kind, word in lane.keys)
    legend = f"<ul>{keys}</ul>" if keys else ""
    remark = f"<p>{words(lane.remark)}</p>" if lane.remark else ""
    role = "group" if lane.is_list else "img"
    return (
        f'<div class="lane"><div class="name"><h3>{words(lane.name)}</h3>{remark}{legend}</div>'
        f'<svg class="plot" role="{role}" aria-label="{words(lane.says)}" width="100%" height="{lane.height_px}">'
        f"{lane.body}</svg></div>"
    )


def stretched(height_px: int, paths: str) -> str:
    """Paths in the units of the axis, drawn as wide as the lane is."""
    box = f'viewBox="0 0 {UNITS} {height_px}" width="100%" height="{height_px}"'
    return f'<svg {box} preserveAspectRatio="none">{paths}</svg>'


def crowd(kind: str, number: int, apart_px: float) -> str:
    """The attributes of a drawing of many alike: hidden where they stand closer than that, until there is room."""
    tight = " tight" if number and PHONE_PX / number < apart_px else ""
    return f'class="{kind}{tight}" data-count="{number}" data-apart="{apart_px:g}"'


def level_line(scale: Scale, value: float, word: str, kind: str = "level") -> str:
    """A line across at a value, with its figure at the left."""
    y = scale.y(value)
    below = 11 if y < 14 else -3
    return (
        f'<line class="{kind}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="figure" x="3" y="{y + below:.1f}">{words(word)}</text>'
    )
