from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps, loads
from scoring.errors import CueSheetError
from scoring.key import Key
from scoring.moods import MOODS
from scoring.request import request_for
from scoring.spotting import spot
from scoring.style import load_style
from scoring.timebase import FrameRate
from scoring.timed_prompts import apply
from scoring.vocabulary import built_in_vocabulary
from scoring.wishes.asked import Asked
from scoring.wishes.gather import gather
from scoring.wishes.obeying import ask_all, own_words, settle, sings, style_asked, wishes_of
from scoring.wishes.reading import read_wishes

CINEMATIC = load_style("cinematic")


@pytest.fixture(scope="module")
def spotted(three_parts: Analysis) -> CueSheet:
    return spot(three_parts, source="f.mp4", frame_rate=FrameRate(25), style=CINEMATIC, seed=3)


def test_without_a_wish_nothing_changes(spotted: CueSheet) -> None:
    assert settle(spotted, CINEMATIC) is spotted
    assert all(own_words(cue) == "" for cue in spotted.cues)
    assert all(wishes_of(cue).instruments == () for cue in spotted.cues)


def test_what_is_asked_for_the_film_is_in_every_cue_exactly(spotted: CueSheet) -> None:
    asked = Asked(mood="sad", bpm=71.0, key=Key(9, "minor"), instruments=("cello",), avoid="drums")
    made = settle(ask_all(spotted, asked), CINEMATIC)
    assert {(cue.mood, cue.bpm, str(cue.key)) for cue in made.cues} == {("sad", 71.0, "A minor")}
    for cue in made.cues:
        wishes = request_for(made, cue, lead_in_s=0.0, tail_s=0.0).wishes
        assert (wishes.instruments, wishes.avoid) == (("cello",), ("drums",))


@pytest.mark.parametrize("text", ["slow", "andante", "moderate", "lively", "fast", "presto", "很慢", "快板"])
def test_a_tempo_word_holds_for_every_cue(spotted: CueSheet, text: str) -> None:
    asked = Asked(prompt=text)
    low, high = gather(asked).band_bpm or (0.0, 0.0)
    made = settle(ask_all(spotted, asked), CINEMATIC)
    assert all(low <= cue.bpm <= high for cue in made.cues)
    assert all(cue.in_s <= cue.first_downbeat_s < cue.out_s for cue in made.cues)


@pytest.mark.parametrize("mood", [mood for mood in MOODS if mood != "neutral"])
def test_a_mood_moves_key_feeling_and_prompt(spotted: CueSheet, mood: str) -> None:
    made = settle(ask_all(spotted, Asked(mood=mood)), CINEMATIC)
    for cue in made.cues:
        assert cue.key.mode in MOODS[mood].modes
        assert built_in_vocabulary().moods[mood].tags["ace-step"][0] in cue.prompt
        assert abs(cue.valence - MOODS[mood].valence) < 0.5


TEXTS = st.sampled_from(
    ["slow sad piano", "快乐的吉他，每分钟100拍", "A minor", "loud fast drums", "[verse] cello", "no piano", "neon"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=3).map(", ".join))
def test_settling_twice_and_through_the_file_changes_nothing(spotted: CueSheet, text: str) -> None:
    made = settle(ask_all(spotted, Asked(prompt=text)), CINEMATIC)
    assert settle(made, CINEMATIC) == made
    again = loads(dumps(made))
    assert settle(again, CINEMATIC) == again
    assert dumps(again) == dumps(made)


def test_a_field_edited_after_the_wish_was_read_stays_as_edited(spotted: CueSheet) -> None:
    made = settle(ask_all(spotted, Asked(prompt="sad cello, slow")), CINEMATIC)
    edited = replace(made, cues=(replace(made.cues[0], mood="happy", bpm=120.0), *made.cues[1:]))
    assert settle(edited, CINEMATIC) == edited


def test_a_locked_cue_is_left_alone(spotted: CueSheet) -> None:
    locked = replace(spotted, cues=(replace(spotted.cues[0], locked=True), *spotted.cues[1:]))
    made = settle(ask_all(locked, Asked(mood="sad")), CINEMATIC)
    assert made.cues[0] == locked.cues[0]
    assert made.cues[1].mood == "sad"


def test_only_what_a_person_wrote_into_a_prompt_counts(spotted: CueSheet) -> None:
    cue = spotted.cues[0]
    assert "piano" in cue.prompt or "string ensemble" in cue.prompt
    added = replace(cue, prompt=cue.prompt + ", saxophone")
    assert own_words(added) == "saxophone"
    assert wishes_of(added).instruments == ("saxophone",)
    assert own_words(replace(cue, prompt="a lone piano")) == "a lone piano"


def test_a_timed_prompt_makes_its_cue_a_guitar_piece(sheet: CueSheet) -> None:
    made = settle(apply('[0:15] "soft guitar, 60 BPM"\n[15:30] "drums"', sheet), CINEMATIC)
    assert made.cues[0].bpm == 60.0
    assert request_for(made, made.cues[0], lead_in_s=0.0, tail_s=0.0).wishes.instruments == ("guitar",)


def test_soft_and_loud_move_the_density_with_the_intensity(sheet: CueSheet) -> None:
    cues = (replace(sheet.cues[0], prompt="", density=((0.0, 0.4), (15.0, 0.95))), sheet.cues[1])
    made = settle(ask_all(replace(sheet, cues=cues), Asked("loud")), CINEMATIC)
    assert made.cues[0].intensity == ((0.0, 0.35), (15.0, 0.65))
    assert made.cues[0].density == ((0.0, 0.55), (15.0, 1.0))
    assert made.cues[1].density == ()


def test_a_rounded_tempo_in_a_prompt_is_the_tempo_that_stands_there(sheet: CueSheet) -> None:
    assert settle(sheet, CINEMATIC).cues[0].bpm == 76.8  # "soft strings, 77 bpm"


def test_prompts_of_an_older_sheet_count_as_ours_where_they_end_as_ours_do(sheet: CueSheet) -> None:
    document = json.loads(dumps(sheet))
    for cue, prompt in zip(document["cues"], ("cinematic, piano, instrumental", "piano"), strict=True):
        del cue["prompt_as_spotted"]
        cue["prompt"] = prompt
    assert [own_words(cue) for cue in loads(json.dumps(document)).cues] == ["", "piano"]


def test_the_wishes_of_a_cue_go_round_through_its_file(sheet: CueSheet) -> None:
    asked = Asked("slow 钢琴", "drums", ("cello",), "sad", 72.5, Key(9, "minor"), "[verse] piano", "x", {"mine": 1})
    made = replace(sheet, cues=(replace(sheet.cues[0], wishes=asked), sheet.cues[1]))
    assert loads(dumps(made)) == made
    assert '"wishes"' not in dumps(sheet)


def test_the_first_genre_with_a_style_chooses_it() -> None:
    assert style_asked(Asked(prompt="lo-fi jazz")) == "ambient"
    assert style_asked(Asked(prompt="摇滚")) == "upbeat"
    assert style_asked(Asked(prompt="sad piano")) is None


Change = Callable[[dict[str, Any]], Any]
REFUSED: dict[str, tuple[object, list[str]]] = {
    "no object": ("loud", ["cue 1m1: wishes is 'loud'", "an object"]),
    "prompt": ({"prompt": 3}, ["cue 1m1: wishes.prompt is 3", "text in quotes"]),
    "avoid": ({"avoid": ["drums"]}, ["cue 1m1: wishes.avoid is ['drums']", "text in quotes"]),
    "instruments": ({"instruments": "piano"}, ["cue 1m1: wishes.instruments is 'piano'", "a list"]),
    "instrument": ({"instruments": ["piano", "kazoo"]}, ["wishes.instruments[1] is 'kazoo'", "accordion"]),
    "instrument number": ({"instruments": [4]}, ["wishes.instruments[0] is 4", "accordion"]),
    "mood": ({"mood": "jolly"}, ["cue 1m1: wishes.mood is 'jolly'", "calm"]),
    "bpm": ({"bpm": 9000}, ["cue 1m1: wishes.bpm is 9000", "20 to 400"]),
    "key": ({"key": "H major"}, ["cue 1m1: wishes.key is 'H major'", "a tonic"]),
    "structure": ({"structure": 1}, ["cue 1m1: wishes.structure is 1", "text in quotes"]),
    "unknown NaN": ({"mine": float("nan")}, ["cue 1m1: wishes.mine is nan", "finite"]),
}


@pytest.mark.parametrize(("wishes", "parts"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_in_the_wishes_is_named(sheet: CueSheet, wishes: object, parts: list[str]) -> None:
    document = json.loads(dumps(sheet))
    document["cues"][0]["wishes"] = wishes
    with pytest.raises(CueSheetError) as caught:
        loads(json.dumps(document))
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [("a choir", True), ("soft piano, vocals", True), ("女声", True), ("piano and strings", False), ("", False)],
)
def test_a_voice_is_asked_for_by_name_only(text: str, is_asked: bool) -> None:
    assert sings(read_wishes(text)) is is_asked


def test_a_voice_in_one_section_is_a_voice_in_the_cue() -> None:
    assert sings(read_wishes("[verse] piano [chorus] choir"))
