"""Row B4: the beat over a seam."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import cue_plan, film_of, music, noise, plan_of, silence

from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.phase import phase_rows
from pipeline.card.row import Row
from pipeline.sound.join import Join
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

BPM = 100.0
BEAT_S = 60 / BPM
SEAM_S = 32 * BEAT_S
NAMES = ("Am", "F", "C", "G")


@cache
def half(bpm: float = BPM) -> Samples:
    return music(SEAM_S, bpm)


def cue(start_s: float, name: str, bpm: float = BPM) -> CuePlan:
    made = cue_plan(start_s, start_s + SEAM_S, bpm, name)
    return replace(made, chords=tuple((bar_s, NAMES[n % 4]) for n, bar_s in enumerate(made.bars_s)))


def row_for(after: Samples, *, kind: str = "crossfade", bpm: float = BPM, before: Samples | None = None) -> Row:
    """Two cues joined half way, the second one played as given."""
    sound = np.concatenate([half() if before is None else before, after], axis=1)
    plan = plan_of(cue(0.0, "1m1"), cue(SEAM_S, "1m2", bpm))
    plan = replace(plan, joins=(Join("1m1", "1m2", SEAM_S, kind, BEAT_S, 0.0),))
    (row,) = phase_rows(film_of(sound, plan=plan))
    return row


def late(beats: float, bpm: float = BPM) -> Samples:
    gap = silence(beats * 60 / bpm)
    return np.concatenate([gap, half(bpm)], axis=1)[:, : round(SEAM_S * SAMPLE_RATE_HZ)]


@pytest.mark.parametrize(("beats", "status"), [(0.0, "pass"), (0.08, "pass"), (0.24, "fail"), (0.48, "fail")])
def test_a_stumble_is_caught_from_the_threshold_on(beats: float, status: str) -> None:
    row = row_for(late(beats))
    assert row.value == pytest.approx(beats, abs=0.03)
    assert row.status == status or (beats == 0.08 and row.status == "warn")
    assert (row.cue, row.at_s) == ("1m2", SEAM_S)


def test_a_planned_change_of_tempo_is_no_stumble() -> None:
    row = row_for(half(80.0), bpm=80.0)
    assert row.status == "pass"
    assert row_for(late(0.3, 80.0), bpm=80.0).status == "fail"


def test_music_that_is_late_on_both_sides_does_not_stumble() -> None:
    shifted = np.concatenate([late(0.25), late(0.25)], axis=1)
    middle = shifted.shape[1] // 2
    assert row_for(shifted[:, middle:], before=shifted[:, :middle]).status == "pass"


@pytest.mark.parametrize("kind", ["cut", "ring_out"])
def test_a_cut_and_a_ring_out_plan_no_beat_that_runs_on(kind: str) -> None:
    assert row_for(late(0.3), kind=kind).status == "not measurable"


def test_a_side_without_a_pulse_or_at_another_tempo_measures_nothing() -> None:
    assert row_for(noise(SEAM_S)).status == "not measurable"
    assert row_for(half(112.0)).status == "not measurable"


def test_of_two_seams_the_worse_is_blamed() -> None:
    sound = np.concatenate([half(), late(0.1), late(0.5)], axis=1)
    cues = (cue(0.0, "1m1"), cue(SEAM_S, "1m2"), cue(2 * SEAM_S, "1m3"))
    joins = (
        Join("1m1", "1m2", SEAM_S, "crossfade", BEAT_S, 0.0),
        Join("1m2", "1m3", 2 * SEAM_S, "crossfade", BEAT_S, 0.0),
    )
    (row,) = phase_rows(film_of(sound, plan=replace(plan_of(*cues), joins=joins)))
    assert (row.status, row.cue) == ("fail", "1m3")
    assert set(row.detail["phase_beats_of_seams"]) == {"1m2", "1m3"}


def test_without_a_plan_or_music_nothing_is_measured() -> None:
    for evidence in (film_of(half()), Evidence(SEAM_S, None, plan=plan_of(cue(0.0, "1m1")))):
        (row,) = phase_rows(evidence)
        assert row.status == "not measurable"
        assert row.advice
