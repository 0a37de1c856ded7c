"""The film itself: small pictures in a strip, and where it is cut."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from pipeline.report.drawing.axis import Axis, Lane, percent, stretched
from pipeline.report.drawing.words import count
from pipeline.report.shown import Thumbnail
from scoring.timebase import clock

MOST_PICTURES, MOST_CUTS = 14, 6000
_PICTURES_PX, _CUTS_PX = 54, 14
_LARGEST_BYTES = 40_000  # a picture this heavy is no thumbnail


def picture_lane(axis: Axis, thumbnails: Sequence[Thumbnail]) -> Lane | None:
    """A strip of pictures, each of the middle of its stretch or as near to it as there is one."""
    chosen = _chosen(axis, thumbnails)
    if not chosen:
        return None
    width = 1.0 / len(chosen)
    images = "".join(
        f'<image x="{percent(slot * width)}" width="{percent(width)}" height="{_PICTURES_PX}" '
        f'preserveAspectRatio="xMidYMid slice" href="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
        f"<title>{clock(time_s)}</title></image>"
        for slot, (time_s, jpeg) in enumerate(chosen)
    )
    gaps = "".join(
        f'<line class="gap" x1="{(x := percent(slot * width))}" x2="{x}" y1="0" y2="{_PICTURES_PX}"/>'
        for slot in range(1, len(chosen))
    )
    return Lane("Film", f"{count(len(chosen), 'small picture')} of the film", _PICTURES_PX, images + gaps)


def _chosen(axis: Axis, thumbnails: Sequence[Thumbnail]) -> list[tuple[float, bytes]]:
    small = sorted((t for t in thumbnails if _is_small_jpeg(t.jpeg)), key=lambda t: t.time_s)
    slots = min(MOST_PICTURES, len(small))
    found = []
    for slot in range(slots):
        middle_s = (slot + 0.5) / slots * axis.duration_s
        nearest = min(small, key=lambda t: abs(t.time_s - middle_s))
        found.append((nearest.time_s, nearest.jpeg))
    return found


def _is_small_jpeg(data: bytes) -> bool:
    return data[:2] == b"\xff\xd8" and len(data) <= _LARGEST_BYTES


def cut_lane(axis: Axis, cuts_s: Sequence[float]) -> Lane | None:
    """A tick for every cut."""
    if not cuts_s:
        return None
    units = sorted({axis.unit(cut_s) for cut_s in cuts_s})[:MOST_CUTS]
    path = "".join(f"M{unit} 1V{_CUTS_PX - 1}" for unit in units)
    minutes = axis.duration_s / 60
    pace = f", {len(cuts_s) / minutes:.0f} a minute" if minutes >= 1 else ""
    return Lane(
        "Cuts",
        f"{count(len(cuts_s), 'cut')}{pace}",
        _CUTS_PX,
        stretched(_CUTS_PX, f'<path class="cuts" d="{path}"/>'),
        remark=str(len(cuts_s)),
    )
