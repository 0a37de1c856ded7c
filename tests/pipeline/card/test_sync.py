"""Rows A: beats and accents against planned hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import cue_plan, encoded, film_of, music, noise, plan_of, row_of, silence, take_of

from pipeline.card.card import measure_take
from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.sync import sync_rows
from scoring.cue_sheet import HitPoint
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

SECONDS, BPM = 24.0, 90.0  # a beat of 0.667 s: chance is 0.24
NAMES = ("Am", "F", "C", "G")
BEAT_S = 60 / BPM


@cache
def played() -> Samples:
    return music(SECONDS, BPM)


def late(seconds: float) -> Samples:
    """The music so much later."""
    gap = silence(abs(seconds))
    if seconds < 0:
        return np.concatenate([played()[:, gap.shape[1] :], gap], axis=1)
    return np.concatenate([gap, played()], axis=1)[:, : round(SECONDS * SAMPLE_RATE_HZ)]


def hits_on(beats: Sequence[float], weight: float = 0.8) -> tuple[HitPoint, ...]:
    """Hits at places in beats."""
    return tuple(HitPoint(place * BEAT_S, weight, 80.0, "cut") for place in beats)


def planned(hits: tuple[HitPoint, ...] = ()) -> CuePlan:
    cue = cue_plan(0.0, SECONDS, BPM, hits=hits)
    return replace(cue, chords=tuple((bar_s, NAMES[n % 4]) for n, bar_s in enumerate(cue.bars_s)))


def film(sound: Samples, cue: CuePlan, frame_s: float = 0.04) -> Evidence:
    return film_of(sound, plan=plan_of(cue), encoded=encoded(frame_s=frame_s))


ON_BEATS = hits_on(range(1, 33, 2))
OFF_BEATS = hits_on([n + 0.5 for n in range(1, 33, 2)])


def test_hits_on_beats_are_met_and_beyond_chance() -> None:
    rows = sync_rows(film(played(), planned(ON_BEATS)))
    rate, beyond, cemgil = (row_of(rows, name) for name in ("A1", "A2", "A5"))
    assert rate.status == "info"
    assert rate.value == 1
    assert rate.detail["chance"] == pytest.approx(2 * 0.08 / BEAT_S, abs=0.01)
    assert beyond.status == "pass"
    assert beyond.value == pytest.approx(1)
    assert beyond.detail["p"] == pytest.approx(2 * 0.08 / BEAT_S, abs=0.06), "a lone cue's grid has but one phase"
    assert cemgil.status == "info"
    assert cemgil.value is not None
    assert cemgil.value > 0.9


def test_many_hits_between_beats_fail_and_chance_would_have_done_as_well() -> None:
    beyond = row_of(sync_rows(film(played(), planned(OFF_BEATS))), "A2")
    assert beyond.status == "fail"
    assert beyond.value is not None
    assert beyond.value < 0
    assert beyond.detail["p"] > 0.5


def test_few_hits_between_beats_only_warn() -> None:
    assert row_of(sync_rows(film(played(), planned(OFF_BEATS[:8]))), "A2").status == "warn"


def test_very_few_hits_tell_nothing_of_chance() -> None:
    beyond = row_of(sync_rows(film(played(), planned(ON_BEATS[:3]))), "A2")
    assert beyond.status == "not measurable"
    assert "too few" in beyond.advice


def test_hits_that_are_met_as_often_as_chance_would_have_a_kappa_of_nought() -> None:
    spread = hits_on(sorted(1 + 30 * np.modf(np.arange(60) * 0.6180339887)[0]))
    beyond = row_of(sync_rows(film(played(), planned(spread))), "A2")
    assert beyond.value == pytest.approx(0, abs=0.12)


@pytest.mark.parametrize(("shift_s", "status"), [(0.04, "pass"), (0.12, "fail"), (0.24, "fail")])
@pytest.mark.parametrize("sign", [1, -1])
def test_music_off_its_plan_is_caught_from_a_hits_tolerance_on(shift_s: float, status: str, sign: int) -> None:
    row = row_of(sync_rows(film(late(sign * shift_s), planned())), "A3")
    assert row.status == status
    assert row.value == pytest.approx(sign * shift_s / 0.04, abs=0.5)
    assert row.detail["late_ms"] == pytest.approx(sign * shift_s * 1000, abs=15)
    assert row.cue == "1m1"
    if status == "fail":
        assert f"{row.value:+.1f} frames" in row.advice


@pytest.mark.parametrize("frames_per_s", [24, 50])
def test_the_same_shift_is_judged_alike_at_any_frame_rate(frames_per_s: int) -> None:
    row = row_of(sync_rows(film(late(0.12), planned(), 1 / frames_per_s)), "A3")
    assert row.value == pytest.approx(0.12 * frames_per_s, abs=0.5)
    assert row.status == "fail"
    assert row.allowed == f"within {0.08 * frames_per_s:.1f} either way"


def test_heavy_hits_with_a_beat_and_an_onset_are_answered() -> None:
    row = row_of(sync_rows(film(played(), planned(ON_BEATS))), "A4")
    assert row.status == "pass"
    assert row.value == 1


def test_heavy_hits_are_missed_where_the_music_comes_late() -> None:
    row = row_of(sync_rows(film(late(0.24), planned(ON_BEATS))), "A4")
    assert row.status == "fail"
    assert row.value == 0
    assert row.at_s == ON_BEATS[0].time_s
    assert len(row.detail["missed_s"]) == len(ON_BEATS)


def test_weights_count() -> None:
    """The heavy half of the hits falls into a hole of the music."""
    sound = played().copy()
    sound[:, 12 * SAMPLE_RATE_HZ :] = silence(12.0)
    hits = (*hits_on(range(2, 16, 2), 0.3), *hits_on(range(19, 33, 2), 0.9))
    row = row_of(sync_rows(film(sound, planned(hits))), "A4")
    assert row.value is not None
    assert row.value == pytest.approx(0.25, abs=0.13)
    assert row.at_s is not None
    assert row.at_s > 12


def test_hits_that_the_plan_itself_misses_are_not_the_musics_fault() -> None:
    row = row_of(sync_rows(film(played(), planned(OFF_BEATS))), "A4")
    assert row.status == "not measurable"


def test_a_few_missed_hits_only_warn() -> None:
    assert row_of(sync_rows(film(late(0.24), planned(ON_BEATS[:2]))), "A4").status == "warn"


def test_music_without_a_pulse_is_never_called_in_time() -> None:
    rows = sync_rows(film(noise(SECONDS), planned(ON_BEATS)))
    assert {row_of(rows, name).status for name in ("A1", "A2", "A3", "A5")} == {"not measurable"}
    assert "no sure pulse" in row_of(rows, "A3").advice
    assert row_of(rows, "A4").status in ("pass", "warn"), "accents need no pulse, and an unsure row does not fail"


def test_another_tempo_has_no_offset() -> None:
    row = row_of(sync_rows(film(music(SECONDS, BPM * 1.09), planned(ON_BEATS))), "A3")
    assert row.status == "not measurable"
    assert "C1" in row.advice


def test_without_a_plan_or_without_music_nothing_is_measured() -> None:
    for evidence in (film_of(played()), Evidence(SECONDS, None, plan=plan_of(planned(ON_BEATS)))):
        rows = sync_rows(evidence)
        assert [row.id for row in rows] == ["A1", "A2", "A3", "A4", "A5"]
        assert {row.status for row in rows} == {"not measurable"}
        assert all(row.advice for row in rows)


def test_no_planned_hit_leaves_the_offset_alone() -> None:
    rows = sync_rows(film(played(), planned()))
    assert row_of(rows, "A3").status == "pass"
    assert {row_of(rows, name).status for name in ("A1", "A2", "A4", "A5")} == {"not measurable"}


def test_of_two_cues_the_later_one_is_blamed() -> None:
    sound = np.concatenate([played(), late(0.15)], axis=1)
    first, second = planned(), cue_plan(SECONDS, 2 * SECONDS, BPM, "1m2")
    row = row_of(sync_rows(film_of(sound, plan=plan_of(first, second))), "A3")
    assert row.cue == "1m2"
    assert row.status == "fail"
    assert row.at_s == SECONDS
    assert set(row.detail["late_frames_of_cues"]) == {"1m1", "1m2"}


def test_a_lone_take_is_judged_by_offset_and_accents() -> None:
    rows = measure_take(take_of(late(0.12), plan_of(planned(ON_BEATS))))
    assert {row.id for row in rows if row.id.startswith("A")} == {"A3", "A4"}
    assert row_of(rows, "A3").status == "fail"
