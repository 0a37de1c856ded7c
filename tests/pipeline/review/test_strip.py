from __future__ import annotations

import numpy as np
import pytest
from reviewed import scored

from pipeline.review.lanes import AROUSAL, DUCKED, LANDED, MISSED, VALENCE, draw_strip
from pipeline.review.layout import Box, Layout
from pipeline.review.lettering import INK, Picture
from pipeline.review.scored import Landing, Scored, Shortfall
from pipeline.review.span import Span, choose_span
from pipeline.review.strip import compose_strip
from scoring.timebase import FrameRate

LAYOUT = Layout(720)
LUFS = np.linspace(-30.0, -10.0, 200)


def span_of(known: Scored, from_s: float | None = None, to_s: float | None = None) -> Span:
    return choose_span(known.sheet.frame_rate, known.sheet.duration_s, from_s, to_s)


def cut_out(picture: Picture, box: Box) -> Picture:
    left, top, width, height = box
    return picture[top : top + height, left : left + width]


def columns_of(picture: Picture, colour: tuple[int, int, int]) -> np.ndarray:
    return np.flatnonzero((np.abs(picture.astype(int) - colour) < 12).all(axis=2).any(axis=0))


def test_lanes_stand_where_the_film_has_them() -> None:
    known = scored(landings=(Landing(5.0, "cut", 1.0, True, 3.0), Landing(15.0, "cut", 1.0, False, -90.0)))
    strip = draw_strip(known, span_of(known), LUFS, LAYOUT)
    assert strip.shape == (LAYOUT.strip_px, LAYOUT.width_px, 3)
    width = LAYOUT.feeling[2]
    feeling = cut_out(strip, LAYOUT.feeling)
    for colour, share in ((LANDED, 5 / 20), (MISSED, 15 / 20)):
        assert columns_of(feeling, colour).mean() / width == pytest.approx(share, abs=0.02)
    assert columns_of(feeling, VALENCE).size > 0.6 * width
    assert columns_of(feeling, AROUSAL).size > 0.6 * width
    ducked = columns_of(cut_out(strip, LAYOUT.ducking), DUCKED) / width * 20
    assert 2.7 < ducked.min() < 3.1
    assert 5.4 < ducked.max() < 6.6


def test_the_loudness_lane_is_as_high_as_it_is_loud() -> None:
    known = scored()
    lane = cut_out(draw_strip(known, span_of(known), LUFS, LAYOUT), LAYOUT.loudness).astype(int)
    filled = (lane[:, :, 2] > lane[:, :, 0] + 30).sum(axis=0)
    assert filled[-5] > 2 * filled[len(filled) // 2] > 0
    assert filled[3] == 0


def test_what_is_not_known_is_said_and_nothing_is_drawn_for_it() -> None:
    from dataclasses import replace

    known = replace(scored(), curve=None, gain=None, cuts_s=())
    strip = draw_strip(known, span_of(known), None, LAYOUT)
    assert columns_of(cut_out(strip, LAYOUT.feeling), VALENCE).size == 0
    for lane in (LAYOUT.feeling, LAYOUT.loudness):
        assert cut_out(strip, lane).max() > 120


def test_a_beat_flashes_and_the_count_goes_on() -> None:
    known = scored()
    strip = compose_strip(known, span_of(known), LUFS, LAYOUT)
    # 120 bpm: beats at every half second.
    counts = [cut_out(strip.get_frame(t), LAYOUT.counter) for t in (1.02, 1.3, 1.48, 1.52)]
    dots = [count[:, LAYOUT.px(230) :].astype(int).sum() for count in counts]
    assert dots[0] > dots[1] == dots[2] < dots[3]
    assert np.array_equal(counts[1], counts[2])
    assert not np.array_equal(counts[2], counts[3])


def test_playhead_and_progress_go_from_one_end_to_the_other() -> None:
    known = scored()
    strip = compose_strip(known, span_of(known), LUFS, LAYOUT)
    for time_s, share, of_cue in ((1.0, 0.05, 0.1), (6.0, 0.3, 0.6), (16.0, 0.8, 0.5)):
        picture = strip.get_frame(time_s)
        lane = cut_out(picture, LAYOUT.ducking)
        assert columns_of(lane, INK).mean() / lane.shape[1] == pytest.approx(share, abs=0.01)
        assert (cut_out(picture, LAYOUT.progress)[1] == INK).all(axis=1).mean() == pytest.approx(of_cue, abs=0.01)
    assert not (cut_out(strip.get_frame(11.0), LAYOUT.progress) == INK).all(axis=2).any()


def test_a_stretch_shows_itself_alone() -> None:
    known = scored()
    whole, part = span_of(known), span_of(known, 12.0, 16.0)
    strips = compose_strip(known, whole, LUFS, LAYOUT), compose_strip(known, part, LUFS[120:160], LAYOUT)
    for box in (LAYOUT.title, LAYOUT.counter, LAYOUT.timecode, LAYOUT.clock, LAYOUT.reading(LAYOUT.loudness)):
        seen = [cut_out(strip.get_frame(t), box) for strip, t in zip(strips, (13.1, 1.1), strict=True)]
        assert np.array_equal(*seen)
    assert not np.array_equal(*(cut_out(strip.get_frame(1.1), LAYOUT.cues) for strip in strips))


def test_shortfalls_are_written_below_the_lanes_while_their_place_is_near() -> None:
    known = scored(shortfalls=(Shortfall(10.0, "B1 step. Mend it."),))
    strip = compose_strip(known, span_of(known), LUFS, LAYOUT)
    said = {t: (cut_out(strip.get_frame(t), LAYOUT.messages[0]) > 150).any() for t in (5.0, 8.0, 12.0, 14.0)}
    assert said == {5.0: False, 8.0: True, 12.0: True, 14.0: False}


def test_an_hour_of_hits_costs_no_picture_each() -> None:
    hits = tuple(Landing(float(t), "cut", 1.0, True, 0.0) for t in range(2, 3600, 3))
    known = scored(duration_s=3600.0, landings=hits, rate=FrameRate(24))
    strip = compose_strip(known, span_of(known), np.full(36_000, -14.0), LAYOUT)
    assert len(strip.clips) < 40
