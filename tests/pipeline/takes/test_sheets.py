from __future__ import annotations

import pytest
from sheets import sheet

from pipeline.takes.sheets import reseeded
from scoring.errors import InputError


def test_another_take_of_a_persons_sheet_has_other_notes_and_the_same_cues() -> None:
    before = sheet([0, 10, 20, 30])
    after = reseeded(before, 99)
    assert after.seed == 99
    assert all(a.seed != b.seed for a, b in zip(after.cues, before.cues, strict=True))
    assert [(c.in_s, c.bpm, c.key) for c in after.cues] == [(c.in_s, c.bpm, c.key) for c in before.cues]
    assert reseeded(before, 99) == after
    assert reseeded(before, 98) != after


def test_a_locked_cue_keeps_its_seed_and_the_theme_it_plays() -> None:
    before = sheet([0, 10, 20, 30], locked=[1])
    after = reseeded(before, 99)
    assert after.cues[1] == before.cues[1]
    assert after.seed == before.seed
    assert after.cues[0].seed != before.cues[0].seed
    assert after.cues[2].seed != before.cues[2].seed


def test_a_sheet_of_locked_cues_only_is_refused_because_every_take_would_be_the_same() -> None:
    with pytest.raises(InputError, match="all 2 cues of the sheet are locked"):
        reseeded(sheet([0, 10, 20], locked=[0, 1]), 99)
