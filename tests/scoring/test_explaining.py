from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.explaining import BY_HAND, explain
from scoring.key import Key
from scoring.spotting import spot
from scoring.style import load_style
from scoring.timebase import FrameRate
from scoring.vocabulary import built_in_vocabulary
from scoring.wishes.asked import Asked
from scoring.wishes.obeying import ask_all, settle

VOCABULARY = built_in_vocabulary()


def at_the_sea(film: Analysis) -> Analysis:
    names = VOCABULARY.setting_names
    rows = np.full((len(film.curve.times_s), len(names)), 0.2 / (len(names) - 1))
    rows[:, names.index("sea")] = 0.8
    return replace(film, curve=replace(film.curve, settings=names, setting_probabilities=rows))


def sheet_of(film: Analysis, asked: Asked | None = None) -> CueSheet:
    style = load_style("cinematic")
    sheet = spot(film, source="x", frame_rate=FrameRate(25, 1), style=style, seed=3)
    return settle(ask_all(sheet, asked or Asked()), style)


def reasons(film: Analysis, sheet: CueSheet, cue: int = 0, **options):
    style = load_style(sheet.style)
    return explain(sheet, sheet.cues[cue], film.curve, style, VOCABULARY, usual_style="cinematic", **options)


def test_every_tag_of_every_prompt_is_explained_by_a_number(three_parts: Analysis) -> None:
    film = at_the_sea(three_parts)
    sheet = sheet_of(film)
    for number, cue in enumerate(sheet.cues):
        told = reasons(film, sheet, number)
        assert ", ".join(reason.tag for reason in told) == cue.prompt
        for reason in told:
            assert reason.kind != BY_HAND
            assert re.search(r"\d", reason.because), reason


def test_the_number_is_the_one_that_caused_the_tag(three_parts: Analysis) -> None:
    film = at_the_sea(three_parts)
    sheet = sheet_of(film)
    cue = sheet.cues[0]
    told = {reason.tag: reason for reason in reasons(film, sheet)}
    assert "0.80" in told["oceanic"].because
    assert "0.80" in told["harp"].because
    assert f"{cue.arousal:+.2f}" in told[VOCABULARY.moods[cue.mood].tags["ace-step"][0]].because
    assert f"{cue.bpm:.1f} bpm" in told[f"{round(cue.bpm)} bpm"].because
    assert str(sheet.seed) in told[str(cue.key)].because


def test_what_was_asked_for_and_what_was_written_by_hand_is_called_so(three_parts: Analysis) -> None:
    sheet = sheet_of(three_parts, Asked(instruments=("cello",), mood="sad", bpm=72.0, key=Key(2, "minor")))
    told = {reason.tag: reason.because for reason in reasons(three_parts, sheet)}
    assert "asked for" in told["cello"]
    assert "asked for" in told["sad"]
    assert "asked for" in told["72 bpm"]
    assert "asked for" in told["D minor"]
    plain = sheet_of(three_parts)
    edited = replace(plain, cues=(replace(plain.cues[0], prompt=plain.cues[0].prompt + ", with bagpipe drones"),))
    assert reasons(three_parts, edited)[-1].kind == BY_HAND


@pytest.mark.parametrize("family", sorted(VOCABULARY.families))
def test_every_family_is_told_the_same_things_in_its_own_words(three_parts: Analysis, family: str) -> None:
    film = at_the_sea(three_parts)
    sheet = sheet_of(film)
    told = reasons(film, sheet, family=family)
    assert {reason.kind for reason in told} >= {"genre", "mood", "setting", "instrument", "tempo", "key", "form"}
    assert set(VOCABULARY.settings["sea"].tags[family]) <= {reason.tag for reason in told}
