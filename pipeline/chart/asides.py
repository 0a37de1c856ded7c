"""The small words in and beside a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.chart.lettering import SMALL, write
from pipeline.chart.palette import FAINT, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def say_empty(axes: Axes, words: str) -> None:
    """What a row has to say when it has nothing to show."""
    write(
        axes, 0.5, 0.5, words, size=SMALL, ha="center", va="center", color=FAINT, fontstyle="italic",
        transform=axes.transAxes, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 3.0},
    )  # fmt: skip


def say_at_end(axes: Axes, words: str, height: float) -> None:
    """A few small words right of a row. height: 0 its bottom, 1 its top."""
    va = "top" if height > 0.5 else "bottom"
    write(axes, 1.006, height, words, size=SMALL - 1, ha="left", va=va, color=FAINT, transform=axes.transAxes)
