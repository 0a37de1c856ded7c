"""Words for a review: in fonts that have their letters, measured before they are placed, light on dark."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.chart.lettering import families, writable

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Shade = tuple[int, int, int]
Side = Literal["left", "middle", "right"]
Picture = NDArray[np.uint8]  # [height, width, 3] RGB

PAPER: Shade = (20, 22, 26)
INK: Shade = (240, 240, 240)
FAINT: Shade = (150, 156, 166)
LINE: Shade = (58, 62, 70)
_CAPITALS = 0.73  # of the size: how tall DejaVu's capitals are


def width_px(words: str, size_px: int, *, is_bold: bool = False) -> float:
    """How wide the words are."""
    return sum(_font(family, size_px, is_bold).getlength(run) for family, run in _runs(writable(words)))


def shortened(words: str, size_px: int, room_px: float, *, is_bold: bool = False) -> str:
    """The words, cut in the middle until they fit; as much of both ends as there is room for."""
    keep = len(words)
    shown = words
    while keep > 2 and (wide := width_px(shown, size_px, is_bold=is_bold)) > room_px:
        keep = min(keep - 1, max(2, int(keep * room_px / wide)))
        shown = f"{words[: (keep + 1) // 2]}…{words[len(words) - keep // 2 :]}"
    return shown


def wrapped(words: str, size_px: int, room_px: float, lines: int) -> list[str]:
    """The words on at most so many lines, broken between words; the last is shortened where they do not fit."""
    rest = words.split()
    made: list[str] = []
    while rest and len(made) < lines - 1:
        count = len(rest)
        while count > 1 and width_px(" ".join(rest[:count]), size_px) > room_px:
            count -= 1
        made.append(shortened(" ".join(rest[:count]), size_px, room_px))
        rest = rest[count:]
    return [*made, shortened(" ".join(rest), size_px, room_px)] if rest else made


def draw_words(
    draw: ImageDraw,
    words: str,
    at_px: tuple[float, float],
    size_px: int,
    colour: Shade = INK,
    *,
    side: Side = "left",
    is_bold: bool = False,
) -> None:
    """Draw words, their capitals in the middle of a line. at_px: the line's left, middle or right end, its middle."""
    words = writable(words)
    wide = width_px(words, size_px, is_bold=is_bold)
    x = at_px[0] - {"left": 0.0, "middle": wide / 2, "right": wide}[side]
    baseline = round(at_px[1] + size_px * _CAPITALS / 2)
    for family, run in _runs(words):
        font = _font(family, size_px, is_bold)
        draw.text((round(x), baseline), run, fill=colour, font=font, anchor="ls")
        x += font.getlength(run)


def paint_words(
    words: str,
    box_px: tuple[int, int],
    size_px: int,
    colour: Shade = INK,
    *,
    side: Side = "left",
    is_bold: bool = False,
) -> Picture:
    """The words, shortened where they must be, in a box of paper. box_px: width and height."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", box_px, PAPER)
    x = {"left": 0.0, "middle": box_px[0] / 2, "right": float(box_px[0])}[side]
    shown = shortened(words, size_px, box_px[0], is_bold=is_bold)
    draw_words(ImageDraw.Draw(picture), shown, (x, box_px[1] / 2), size_px, colour, side=side, is_bold=is_bold)
    return np.asarray(picture)


words_picture = lru_cache(maxsize=512)(paint_words)  # for what is drawn more than once


def _runs(words: str) -> list[tuple[str, str]]:
    """Neighbouring letters of one font together, each with the first font that has it."""
    faces = _faces()
    known = [(next((name for name, face in faces if face.get_char_index(ord(c))), faces[0][0]), c) for c in words]
    return [(name, "".join(c for _, c in run)) for name, run in groupby(known, key=lambda pair: pair[0])]


@cache
def _faces() -> tuple[tuple[str, FT2Font], ...]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return tuple((family, get_font(findfont(FontProperties(family=family)))) for family in families())


@cache
def _font(family: str, size_px: int, is_bold: bool) -> FreeTypeFont:
    from matplotlib.font_manager import FontProperties, findfont
    from PIL import ImageFont

    weight = "bold" if is_bold else "normal"
    return ImageFont.truetype(findfont(FontProperties(family=family, weight=weight)), size_px)
