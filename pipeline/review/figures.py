"""The strip's changing figures as small pictures, drawn anew only where their words change."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

import numpy as np

from pipeline.review.lanes import AROUSAL, DUCKED, TENSION, VALENCE, Series, gain_at, hit_colour
from pipeline.review.layout import Box, Layout
from pipeline.review.lettering import FAINT, INK, LINE, PAPER, Picture, Shade, draw_words, paint_words, words_picture
from pipeline.review.meter import STEPS_PER_S
from pipeline.review.scored import Scored
from pipeline.review.span import Span
from scoring.cue_sheet import Cue
from scoring.timebase import clock

FLASH_S = 0.2  # a beat's dot fades in this time
_LEVELS = 4  # of its brightness
_MOST_DOTS = 12  # beats of a bar that are shown as dots
_DOTS = 236  # lines of 720 from the counter's left, where the dots begin
_TOLD_S = 1.5  # how long a hit that struck is told of
_SILENT_LUFS = -70.0


class Figures:
    """Each method gives the picture of its box at a time of the review, seconds from the stretch's start."""

    def __init__(self, scored: Scored, span: Span, lufs: Series | None, layout: Layout) -> None:
        self._scored, self._span, self._lufs, self._layout = scored, span, lufs, layout
        self._ins_s = [cue.in_s for cue in scored.sheet.cues]
        self._hits_s = [hit.time_s for hit in scored.hits]

    def count(self, time_s: float) -> Picture:
        """Bar and beat, and a dot for each beat of the bar."""
        film_s = self._span.start_s + time_s
        found = self._cue(film_s)
        place = None if found is None else self._scored.beats[found[0]].at(film_s)
        if found is None or place is None:
            return self._words("", self._layout.counter)
        level = max(0, _LEVELS - int(place.since_s / FLASH_S * _LEVELS))
        return _count_picture(place.bar, place.beat, found[1].metre.beats, level, self._layout)

    def timecode(self, time_s: float) -> Picture:
        """What the picture is called."""
        layout = self._layout
        label = self._span.label(self._span.picture_at(time_s))
        return paint_words(label, layout.timecode[2:], layout.px(24), side="right", is_bold=True)

    def hit(self, time_s: float) -> Picture:
        """How the hit just passed struck, else how long it is to the next."""
        film_s = self._span.start_s + time_s
        after = bisect_right(self._hits_s, film_s)
        if after and film_s - self._hits_s[after - 1] < _TOLD_S:
            hit = self._scored.hits[after - 1]
            if hit.landed is None or hit.error_ms is None:
                words = f"hit: {hit.kind}, not measured"
            else:
                late = f"{abs(hit.error_ms):.0f} ms {'late' if hit.error_ms >= 0 else 'early'}"
                words = f"hit: {hit.kind} {'landed' if hit.landed else 'missed'}, {late}"
            return self._words(words, self._layout.hit, hit_colour(hit.landed))
        if after == len(self._hits_s):
            return self._words("", self._layout.hit)
        hit = self._scored.hits[after]
        return self._words(f"next hit in {hit.time_s - film_s:.1f} s: {hit.kind}", self._layout.hit, FAINT)

    def clock(self, time_s: float) -> Picture:
        """How far the cue is, in time; outside cues how far the film is."""
        film_s = self._span.start_s + time_s
        found = self._cue(film_s)
        if found is None:
            words = f"film {clock(film_s)} of {clock(self._scored.sheet.duration_s)}"
        else:
            words = f"cue {clock(film_s - found[1].in_s)} of {clock(found[1].duration_s)}"
        layout = self._layout
        return words_picture(words, layout.clock[2:], layout.px(15), FAINT, side="right")

    def feeling(self, time_s: float) -> Picture:
        """Valence, arousal and tension."""
        curve, box = self._scored.curve, self._layout.reading(self._layout.feeling)
        if curve is None or not len(curve.times_s):
            return self._words("", box)
        film_s = self._span.start_s + time_s
        values = [float(np.interp(film_s, curve.times_s, part)) for part in (curve.valence, curve.arousal)]
        tension = float(np.interp(film_s, curve.times_s, curve.tension))
        words = (f"valence {values[0]:+.1f}", f"arousal {values[1]:+.1f}", f"tension {tension:.1f}")
        lines = tuple(line.replace("-", "−") for line in words)
        return _lines_picture(lines, (VALENCE, AROUSAL, TENSION), box[2:], self._layout.px(13))

    def loudness(self, time_s: float) -> Picture:
        """Short-term loudness, and what is to be met."""
        box = self._layout.reading(self._layout.loudness)
        if self._lufs is None:
            return self._words("", box)
        value = float(self._lufs[min(self._lufs.size - 1, int(time_s * STEPS_PER_S))])
        target = self._scored.target_lufs
        lines = (
            "silent" if value < _SILENT_LUFS else f"{value:.1f} LUFS".replace("-", "−"),
            "" if target is None else f"target {target:g}".replace("-", "−"),
        )
        return _lines_picture(lines, (INK, FAINT), box[2:], self._layout.px(13))

    def ducking(self, time_s: float) -> Picture:
        """How far the music is down."""
        box = self._layout.reading(self._layout.ducking)
        if self._scored.gain is None:
            return self._words("", box)
        film_s = self._span.start_s + time_s
        gain_db = gain_at(self._scored, film_s, film_s)
        words = "music off" if gain_db <= -60 else f"music {gain_db:+.1f} dB" if gain_db <= -0.05 else "music up"
        return words_picture(
            words.replace("-", "−"), box[2:], self._layout.px(13), DUCKED if gain_db < -0.05 else FAINT
        )

    def _cue(self, film_s: float) -> tuple[int, Cue] | None:
        """The cue that plays, and its number."""
        number = bisect_right(self._ins_s, film_s) - 1
        cue = self._scored.sheet.cues[number] if number >= 0 else None
        return None if cue is None or film_s >= cue.out_s else (number, cue)

    def _words(self, words: str, box: Box, colour: Shade = INK) -> Picture:
        return words_picture(words, box[2:], self._layout.px(15), colour)


@lru_cache(maxsize=256)
def _count_picture(bar: int, beat: int, beats: int, level: int, layout: Layout) -> Picture:
    """level: of the present beat's brightness, 0 to _LEVELS."""
    from PIL import Image, ImageDraw

    width, height = layout.counter[2:]
    picture = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    words = f"bar {bar} · beat {beat}" if bar else f"lead-in · beat {beat}"
    draw_words(draw, words, (0, height / 2), layout.px(24), INK, is_bold=True)
    count, radius, dots_px = min(beats, _MOST_DOTS), layout.px(6), layout.px(_DOTS)
    for number in range(1, count + 1):
        x, y = dots_px + (number - 0.5) * radius * 3, height / 2
        is_now = number == beat
        shade = tuple(
            round(low + (high - low) * (2 + level) / (2 + _LEVELS)) for low, high in zip(LINE, INK, strict=True)
        )
        around = radius * (0.7 + 0.3 * level / _LEVELS) if is_now else radius * 0.7
        draw.ellipse((x - around, y - around, x + around, y + around), fill=shade if is_now else LINE)
    return np.asarray(picture)


@lru_cache(maxsize=256)
def _lines_picture(
    lines: tuple[str, ...], colours: tuple[Shade, ...], box_px: tuple[int, int], size_px: int
) -> Picture:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", box_px, PAPER)
    draw = ImageDraw.Draw(picture)
    for number, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        draw_words(draw, line, (0, box_px[1] * (number + 0.5) / len(lines)), size_px, colour)
    return np.asarray(picture)
