"""The film at a glance: small pictures at even times."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.chart.lettering import SMALL, write
from pipeline.chart.palette import FAINT, LINE
from pipeline.chart.sheet import Sheet, time_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST, _LARGEST_BYTES = 16, 8_000_000
_GAP_PX = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """A still of the workspace. time_s: of its second."""

    time_s: float
    path: Path


def stills_in(folder: Path) -> tuple[Kept, ...]:
    """The stills of a workspace in order, none where there is no such folder."""
    names = [path for path in folder.glob("*.jpg") if path.stem.isascii() and path.stem.isdigit()]
    return tuple(sorted((Kept(float(path.stem), path) for path in names), key=lambda still: still.time_s))


def read_still(path: Path) -> NDArray[np.uint8] | None:
    """A still, [H, W, 3]; None when it is gone or damaged, which costs one small picture. Stills are our own files."""
    import cv2

    with contextlib.suppress(OSError, cv2.error):
        if path.stat().st_size <= _LARGEST_BYTES:
            bgr = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
            return None if bgr is None else np.ascontiguousarray(bgr[:, :, ::-1])
    return None


def draw_strip(axes: Axes, stills: Sequence[Kept], sheet: Sheet, height_px: float, *, words_px: float = 0.0) -> None:
    """As many stills as fit side by side, each over the middle of its share of the film, its time below.

    height_px: of the row, of which the lowest words_px are for the times.
    """
    from matplotlib.patches import Rectangle

    first = next((picture for still in stills if (picture := read_still(still.path)) is not None), None)
    if first is None:
        return
    picture_px = height_px - words_px
    width_px = picture_px * first.shape[1] / first.shape[0]
    count = max(1, min(_MOST, len(stills), int(sheet.inner_px // (width_px + _GAP_PX))))
    share_s = sheet.duration_s / count
    half_s = width_px / sheet.inner_px * sheet.duration_s / 2
    for index in range(count):
        middle_s = (index + 0.5) * share_s
        still = min(stills, key=lambda still: abs(still.time_s - middle_s))
        picture = read_still(still.path)
        if picture is None:
            continue
        extent = (middle_s - half_s, middle_s + half_s, words_px / height_px, 1.0)
        axes.imshow(picture, extent=extent, aspect="auto", interpolation="antialiased", zorder=1)
        frame = (extent[0], extent[2]), 2 * half_s, 1.0 - extent[2]
        axes.add_patch(Rectangle(*frame, fill=False, edgecolor=LINE, linewidth=1.0, zorder=2))
        if words_px:
            words = time_words(still.time_s, 1.0)
            write(axes, middle_s, 0.0, words, size=SMALL, ha="center", va="bottom", color=FAINT)
    axes.set_xlim(0.0, sheet.duration_s)
    axes.set_ylim(0.0, 1.0)
