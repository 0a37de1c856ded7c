"""What was asked of the music, against what its engine could do about it."""

from __future__ import annotations

from pipeline.heeding import heed, not_used
from scoring.cue_sheet import Cue, CueSheet, Metre, Transition
from scoring.key import Key
from scoring.request import request_for
from scoring.timebase import FrameRate
from scoring.wishes.asked import Asked

ASKED = Asked(prompt="erhu and piano with rain", avoid="drums", structure="[intro] [chorus]")
CUE = Cue(
    "1m1", 0.0, 30.0, "calm", 90.0, Key(2, "minor"), Metre(), 0.0, 0.0, 0.0, 0.2, ((0.0, 0.2),), (),
    Transition("end", 0.0), "soft strings", 7, prompt_as_spotted="soft strings", wishes=ASKED,
)  # fmt: skip
SHEET = CueSheet("film.mp4", 30.0, FrameRate(25), "cinematic", 1, "colour-motion", (CUE,))


def test_without_word_from_the_engine_everything_understood_counts_as_obeyed() -> None:
    (row,) = heed(SHEET)
    assert {"piano", "no drums", "effect: rain", "section: intro", "section: chorus"} <= set(row.obeyed)
    assert row.not_used == ()


def test_what_an_engine_could_not_obey_is_not_used_and_not_obeyed() -> None:
    deaf = ("no drums", "section: chorus", "erhu")
    (row,) = heed(SHEET, {"1m1": deaf})
    assert set(deaf) <= set(row.not_used)
    assert not any(word.startswith(deaf) for word in row.obeyed)
    assert {"piano", "section: intro"} <= set(row.obeyed)
    assert set(deaf) <= set(not_used((row,)))


def test_the_sections_asked_for_are_the_requests_structure() -> None:
    assert request_for(SHEET, CUE, lead_in_s=0.0, tail_s=0.0).structure == ("intro", "chorus")
