from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.stages.requests import TAIL_S, lead_in_s
from scoring.cue_sheet import Cue, Metre, Transition
from scoring.key import Key

CUE = Cue(
    "1m1", 0.0, 30.0, "calm", 90.0, Key(2, "minor"), Metre(), 0.0, 0.0, 0.0, 0.2, ((0.0, 0.2),), (),
    Transition("crossfade", 2.0), "soft strings", 7,
)  # fmt: skip


def test_the_first_cue_has_no_lead_in_and_the_others_a_beat() -> None:
    assert lead_in_s(None, CUE) == 0.0
    assert lead_in_s(replace(CUE, bpm=200.0, transition=Transition("ring_out", 8.0)), CUE) == CUE.beat_s


@pytest.mark.parametrize(("beats", "wanted_s"), [(2.0, 60 / 90), (6.0, 3 * 60 / 90), (16.0, TAIL_S)])
def test_a_long_crossfade_has_sound_on_both_sides_of_its_middle(beats: float, wanted_s: float) -> None:
    assert lead_in_s(replace(CUE, transition=Transition("crossfade", beats)), CUE) == pytest.approx(wanted_s)
