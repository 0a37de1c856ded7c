"""A film's analysis as one picture: what is seen, what it feels like, what is heard, on one time axis."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.chart.lettering import SIZE, TITLE, shorten, write
from pipeline.chart.lines import draw_curve
from pipeline.chart.palette import FAINT, MOTION, MUSIC, PLACES, SOUND, SPEECH, VOICE, Colour, mood_colour, rgb
from pipeline.chart.ribbon import draw_ribbon
from pipeline.chart.sheet import LEFT_PX, RIGHT_PX, Sheet, time_axis
from pipeline.chart.stretches import leading
from pipeline.chart.strip import Kept, draw_strip
from pipeline.chart.summary import describe
from pipeline.chart.tracks import draw_bars, draw_cuts, draw_cuts_through, draw_level, draw_motion, draw_voice
from scoring.analysis import Analysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_PX, HEIGHT_PX = 1800, 1100
_GAP_PX, _STRIP_PX, _TIMES_PX = 10, 120, 22


def draw_chart(
    analysis: Analysis,
    *,
    name: str,
    stills: Sequence[Kept] = (),
    width_px: int = WIDTH_PX,
    height_px: int = HEIGHT_PX,
) -> bytes:
    """Draw an analysis; a PNG. The same analysis gives the same bytes.

    name: of the film, for the title. stills: small pictures of it, none leaves their row out.
    """
    sheet = lay_out(analysis, name=name, stills=stills, width_px=width_px, height_px=height_px)
    coded = io.BytesIO()
    sheet.figure.savefig(coded, format="png", metadata={"Software": "cuesmith"})
    return coded.getvalue()


def lay_out(analysis: Analysis, *, name: str, stills: Sequence[Kept], width_px: int, height_px: int) -> Sheet:
    """The drawn sheet before it becomes a PNG."""
    sheet = Sheet.blank(width_px, height_px, analysis.duration_s)
    _title(sheet, name, describe(analysis))
    if stills:
        pictures = sheet.row("pictures", _STRIP_PX + _TIMES_PX)
        draw_strip(pictures, stills, sheet, _STRIP_PX + _TIMES_PX, words_px=_TIMES_PX)
    _ribbons(sheet, analysis)
    _curve_and_tracks(sheet, analysis)
    time_axis(sheet)
    return sheet


def _title(sheet: Sheet, name: str, words: str) -> None:
    x = LEFT_PX / sheet.width_px
    title = write(sheet.figure, x, 1.0 - 20 / sheet.height_px, name, size=TITLE, va="top", fontweight="bold")
    below = write(sheet.figure, x, 1.0 - 52 / sheet.height_px, words, size=SIZE, va="top", color=FAINT)
    for text in (title, below):
        shorten(text, sheet.width_px - LEFT_PX - RIGHT_PX / 4)
    sheet.skip(84)


def _ribbons(sheet: Sheet, analysis: Analysis) -> None:
    curve = analysis.curve
    moods = leading(curve.times_s, curve.mood_probabilities, curve.moods, analysis.shots)
    sheet.top_px = sheet.next_px
    sheet.skip(_GAP_PX)
    draw_ribbon(sheet.row("mood", 54, label="mood", label_at=0.31), moods, mood_colour, block=0.62)
    places = leading(curve.times_s, curve.setting_probabilities, curve.settings, analysis.shots)
    if places:
        sheet.skip(2)
        tints = _alternate([place.name for place in places])
        draw_ribbon(sheet.row("place", 46, label="place", label_at=0.29), places, tints.get, block=0.58)
    sheet.skip(_GAP_PX)


def _alternate(names: Sequence[str]) -> dict[str, Colour]:
    """A tint for each place that is one, in turns; the word tells which it is."""
    places = dict.fromkeys(name for name in names if name != "none")
    return {place: rgb(PLACES[i % len(PLACES)]) for i, place in enumerate(places)}


def _curve_and_tracks(sheet: Sheet, analysis: Analysis) -> None:
    """The curve, as high as there is room for, and the rows below it."""
    curve, activity, most = analysis.curve, analysis.activity, sheet.inner_px // 2
    tracks_px = 26 + 20 + 20 + 56 + 56 + 5 * _GAP_PX + (56 + _GAP_PX if len(curve.voice) else 0)
    lines = sheet.row("curve", max(120.0, sheet.left_px - tracks_px))
    draw_cuts_through(lines, analysis.shots)
    draw_curve(lines, analysis, sheet.inner_px)

    def row(name: str, height_px: int) -> Axes:
        sheet.skip(_GAP_PX)
        return sheet.row(name, height_px, label=name)

    draw_cuts(row("cuts", 26), analysis.shots)
    draw_bars(row("speech", 20), analysis.speech.ranges, SPEECH, "no speech heard")
    draw_bars(row("music", 20), analysis.source_music.regions, MUSIC, "no music of its own heard")
    if len(curve.voice):
        draw_voice(row("voice", 56), curve.times_s, curve.voice, VOICE, most)
    draw_motion(row("motion", 56), activity.rate_hz, activity.motion, MOTION, most)
    draw_level(row("sound", 56), activity.rate_hz, activity.sound_db, SOUND, most)
