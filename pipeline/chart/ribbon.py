"""A ribbon of names over time: a block for each stretch, its word in it or just above, no two words on each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pipeline.chart.lettering import SIZE, SMALL, box_of, write
from pipeline.chart.palette import INK, PAPER, Colour, ink_on, mixed, rgb
from pipeline.chart.stretches import Stretch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

MOST_WORDS = 24
_FAINTEST = 0.3  # how much of a colour is left where a name leads by nothing
_PAD_PX = 4.0


def draw_ribbon(
    axes: Axes, stretches: Sequence[Stretch], colour: Callable[[str], Colour | None], *, block: float = 1.0
) -> list[Text]:
    """Draw the stretches and name the longest of them; the words drawn.

    axes: 0..1 upwards, of which the blocks take the lower `block`, words that do not fit into theirs the rest.
    colour: of a name, the paler the less sure it leads; None leaves a gap without a word.
    """
    filled = [(stretch, hue) for stretch in stretches if (hue := colour(stretch.name)) is not None]
    shades = [mixed(rgb(PAPER), hue, _FAINTEST + (1.0 - _FAINTEST) * stretch.share) for stretch, hue in filled]
    axes.broken_barh(
        [(stretch.start_s, stretch.length_s) for stretch, _ in filled],
        (0.0, block),
        facecolors=shades,
        edgecolors=PAPER,
        linewidth=1.0,
        zorder=2,
    )
    named = sorted(zip([stretch for stretch, _ in filled], shades, strict=True), key=lambda pair: -pair[0].length_s)
    words: list[Text] = []
    for stretch, shade in named[: 2 * MOST_WORDS]:
        if len(words) < MOST_WORDS:
            text = _name_inside(axes, stretch, shade, block) or _name_above(axes, stretch, block, words)
            words += [] if text is None else [text]
    return words


def _name_inside(axes: Axes, stretch: Stretch, shade: Colour, block: float) -> Text | None:
    middle_s, ink = (stretch.start_s + stretch.end_s) / 2, ink_on(shade)
    text = write(axes, middle_s, block / 2, stretch.name, ha="center", va="center", color=ink, zorder=3)
    room_px = axes.transData.transform((stretch.length_s, 0))[0] - axes.transData.transform((0, 0))[0]
    for size in (SIZE, SMALL, SMALL - 1):
        text.set_fontsize(size)
        if box_of(text).width + _PAD_PX <= room_px:
            return text
    text.remove()
    return None


def _name_above(axes: Axes, stretch: Stretch, block: float, others: Sequence[Text]) -> Text | None:
    if block >= 1.0:
        return None
    middle_s = (stretch.start_s + stretch.end_s) / 2
    text = write(axes, middle_s, block + 0.06, stretch.name, size=SMALL, ha="center", va="bottom", color=INK, zorder=3)
    box, frame = box_of(text), axes.get_window_extent()
    if box.x0 < frame.x0 or box.x1 > frame.x1:
        text.set_horizontalalignment("left" if box.x0 < frame.x0 else "right")
        text.set_x(axes.get_xlim()[0 if box.x0 < frame.x0 else 1])
        box = box_of(text)
    if box.width <= frame.width and not any(_touches(box, box_of(other)) for other in others):
        return text
    text.remove()
    return None


def _touches(one: Bbox, other: Bbox) -> bool:
    beside = one.x1 + _PAD_PX < other.x0 or other.x1 + _PAD_PX < one.x0
    return not beside and not (one.y1 < other.y0 or other.y1 < one.y0)
