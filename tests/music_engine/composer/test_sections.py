from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.composer.engine import Composer
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from music_engine.composer.sections import lay_sections
from scoring.style import load_style
from scoring.wishes.reading import Section, read_wishes

ENGLISH = "[intro] soft piano [verse] add upright bass [chorus] bring in saxophone"
CHINESE = "[前奏] 轻柔的吉他 [主歌] 加入大提琴 [副歌] 鼓进入"
LOUDER_LU = 3.0  # as the issue asks


@given(st.integers(0, 200), st.lists(st.floats(0.1, 4.0), min_size=1, max_size=8))
def test_sections_fill_the_bars_in_order_whatever_their_weights(bars: int, weights: list[float]) -> None:
    sections = [Section(str(number), 0.5, weight) for number, weight in enumerate(weights)]
    spans = lay_sections(bars, sections)
    edges = [span.first for span in spans] + [bars]
    assert [span.stop for span in spans] == edges[1:]
    assert all(a < b for a, b in pairwise(edges))
    assert len(spans) == min(bars, len(sections))


def test_sections_are_whole_phrases_where_there_is_room() -> None:
    spans = lay_sections(20, [Section("a", 0.2, 0.5), Section("b", 0.4, 1.0), Section("c", 0.9, 1.0)])
    assert [(span.first, span.stop) for span in spans] == [(0, 4), (4, 12), (12, 20)]


@pytest.mark.parametrize("style", ["cinematic", "ambient", "upbeat"])
@pytest.mark.parametrize(
    ("text", "entering"),
    [(ENGLISH, {32: 1, 43: 1, 66: 2}), (CHINESE, {42: 1, -1: 2})],
    ids=["English", "Chinese"],
)
def test_an_instrument_sounds_only_from_its_section_on(ask, style: str, text: str, entering: dict[int, int]) -> None:  # type: ignore[no-untyped-def]
    plan = make_plan(
        ask(style=style, duration_s=48.0, bpm=100.0, wishes=read_wishes(text), intensity=((0.0, 0.9),)),
        load_style(style),
    )
    starts = [plan.form.bars[span.first].beat for span in plan.form.sections]
    assert all(start % 4 == 0 for start in starts)
    heard = set()
    for part in play(plan):
        program = -1 if part.is_drum else part.program
        if program in entering and part.layer.voice == "soundfont" and part.layer.kind != "effects":
            first = starts[entering[program]]
            assert first - 0.1 <= min(note.beat for note in part.notes) < first + 8, part.layer.name
            heard.add(program)
    assert len(heard) == 2


@pytest.mark.parametrize(("style", "text"), [("cinematic", ENGLISH), ("ambient", CHINESE), ("upbeat", ENGLISH)])
def test_the_chorus_is_louder_than_the_verse_by_three_lu(ask, style: str, text: str) -> None:  # type: ignore[no-untyped-def]
    request = ask(style=style, duration_s=28.0, bpm=120.0, wishes=read_wishes(text).for_engine())
    form = make_plan(request, load_style(style)).form
    stems = Composer().compose([request])[0].stems
    total = np.sum(list(stems.values()), axis=0)
    levels = {}
    for span in form.sections:
        start_s, last = form.time_s(form.bars[span.first].beat), form.bars[span.stop - 1]
        stop_s = form.time_s(last.beat + last.beats)
        piece = total[:, round(start_s * 48_000) : round(stop_s * 48_000)].T.astype(np.float64)
        levels[span.section.name] = pyloudnorm.Meter(48_000).integrated_loudness(piece)
    assert levels["chorus"] - levels["verse"] >= LOUDER_LU
    assert levels["verse"] > levels["intro"]


def test_a_cue_too_short_for_its_sections_says_so(ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(duration_s=4.0, bpm=60.0, wishes=read_wishes(ENGLISH))
    assert any("no room for the section chorus" in warning for warning in Composer().compose([request])[0].warnings)


def test_what_a_section_bans_is_silent_from_there(ask) -> None:  # type: ignore[no-untyped-def]
    wishes = read_wishes("[verse] drums [outro] no drums")
    plan = make_plan(ask(style="upbeat", duration_s=40.0, wishes=wishes, intensity=((0.0, 0.9),)), load_style("upbeat"))
    outro = plan.form.bars[plan.form.sections[1].first].beat
    drums = [part for part in play(plan) if part.layer.kind == "percussion"]
    assert drums
    assert all(note.beat < outro for part in drums for note in part.notes)
