"""Words in the picture: in fonts that have their letters, never read as formulas, measured before they are placed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.chart.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

SIZE, SMALL, TITLE = 11.0, 10.0, 17.0  # points, at 100 dots an inch
# The plot library brings the first; of the others, whichever the machine has lends what the first lacks.
_FIRST = "DejaVu Sans"
_OTHERS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Hiragino Sans",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Arial Unicode MS", "Droid Sans Fallback",
)  # fmt: skip
_UNKNOWN = "\N{WHITE SQUARE}"


def write(on: Axes | Figure, x: float, y: float, words: str, *, size: float = SIZE, **how: Any) -> Text:
    """Put words on axes or a figure, at a place in its own coordinates."""
    words = writable(words)
    return on.text(x, y, words, fontsize=size, family=families(), parse_math=False, **{"color": INK, **how})


def box_of(text: Text) -> Bbox:
    """Where words stand, pixels of the figure."""
    return text.get_window_extent()


def shorten(text: Text, room_px: float) -> None:
    """Cut words in the middle until they fit; as much of both ends as there is room for."""
    words = text.get_text()
    keep = len(words)
    while keep > 2 and box_of(text).width > room_px:
        keep = min(keep - 1, max(2, int(keep * room_px / box_of(text).width)))
        text.set_text(f"{words[: (keep + 1) // 2]}…{words[len(words) - keep // 2 :]}")


def writable(words: str) -> str:
    """The words with a square for every character that no font here has, and for what is no character at all."""
    known = [font.get_char_index for font in _fonts()]
    return "".join(c if c.isprintable() and any(index(ord(c)) for index in known) else _UNKNOWN for c in words)


@cache
def families() -> tuple[str, ...]:
    """The names of the fonts in use, the first to be asked first."""
    from matplotlib.font_manager import fontManager

    there = {entry.name for entry in fontManager.ttflist}
    return (_FIRST, *(name for name in _OTHERS if name in there))


@cache
def _fonts() -> tuple[FT2Font, ...]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return tuple(get_font(findfont(FontProperties(family=name))) for name in families())
