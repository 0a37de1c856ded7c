"""The picture's paper: rows one below the other on one time axis, each with its name at the left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.chart.lettering import SMALL, write
from pipeline.chart.palette import FAINT, INK, LINE, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100
LEFT_PX, RIGHT_PX, FOOT_PX = 92, 104, 52
_TICKS = 12
_STEPS_S = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
)  # fmt: skip


@dataclass(slots=True)
class Sheet:
    """A figure that is filled from the top. Sizes in pixels.

    next_px: where the next row begins. top_px: where the lines that stand for times begin.
    """

    figure: Figure
    width_px: int
    height_px: int
    duration_s: float
    next_px: float = 0.0
    top_px: float = 0.0

    @classmethod
    def blank(cls, width_px: int, height_px: int, duration_s: float) -> Sheet:
        """An empty sheet with a canvas of its own: nothing outside is changed."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        size = (width_px / DOTS_PER_INCH, height_px / DOTS_PER_INCH)
        figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=PAPER)
        FigureCanvasAgg(figure)
        return cls(figure, width_px, height_px, duration_s)

    @property
    def inner_px(self) -> int:
        """The width of a row."""
        return self.width_px - LEFT_PX - RIGHT_PX

    @property
    def left_px(self) -> float:
        """What is left above the foot."""
        return self.height_px - FOOT_PX - self.next_px

    def skip(self, height_px: float) -> None:
        """Leave room."""
        self.next_px += height_px

    def row(self, name: str, height_px: float, *, label: str = "", label_at: float = 0.5) -> Axes:
        """The next row: time from left to right, 0 to 1 upwards, no lines yet.

        label: what stands at its left; label_at: how high, 0 the row's bottom, 1 its top.
        """
        bottom_px = self.height_px - self.next_px - height_px
        axes = self.figure.add_axes(
            (
                LEFT_PX / self.width_px,
                bottom_px / self.height_px,
                self.inner_px / self.width_px,
                height_px / self.height_px,
            ),
            label=name,
        )
        self.next_px += height_px
        plain(axes)
        axes.set_xlim(0.0, self.duration_s)
        axes.set_ylim(0.0, 1.0)
        if label:
            y = (bottom_px + height_px * label_at) / self.height_px
            x = (LEFT_PX - 12) / self.width_px
            write(self.figure, x, y, label, size=SMALL, ha="right", va="center", color=FAINT)
        return axes


def plain(axes: Axes) -> None:
    """No frame, no ticks, no ground."""
    axes.set_facecolor("none")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def time_axis(sheet: Sheet) -> None:
    """Times at the foot, and a faint line up from each, behind everything."""
    times_s = tick_times(sheet.duration_s)
    ground = sheet.figure.add_axes(
        (
            LEFT_PX / sheet.width_px,
            1.0 - sheet.next_px / sheet.height_px,
            sheet.inner_px / sheet.width_px,
            (sheet.next_px - sheet.top_px) / sheet.height_px,
        ),
        label="times",
        zorder=-1,
    )
    plain(ground)
    ground.set_xlim(0.0, sheet.duration_s)
    ground.set_ylim(0.0, 1.0)
    ground.vlines(times_s, 0.0, 1.0, colors=LINE, linewidths=0.7)
    for time_s in times_s:
        words = time_words(time_s, times_s[1] - times_s[0] if len(times_s) > 1 else sheet.duration_s)
        x = (LEFT_PX + time_s / sheet.duration_s * sheet.inner_px) / sheet.width_px
        write(sheet.figure, x, 32 / sheet.height_px, words, size=SMALL, ha="center", va="center", color=INK)


def tick_times(duration_s: float) -> list[float]:
    """At most a dozen round times within a film, seconds."""
    step_s = next((step for step in _STEPS_S if duration_s / step <= _TICKS), _STEPS_S[-1])
    return [k * step_s for k in range(int(duration_s / step_s + 1e-9) + 1)]


def time_words(time_s: float, step_s: float) -> str:
    """A time as it stands in the picture: as fine as the step between two of them, hours only when there are some."""
    places = 0 if step_s >= 1.0 else 1 if step_s >= 0.1 else 2
    units = round(time_s * 10**places)
    whole, part = divmod(units, 10**places)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{part:0{places}d}" if places else ""
    return f"{hours}:{minutes:02d}:{seconds:02d}{fraction}" if hours else f"{minutes}:{seconds:02d}{fraction}"
