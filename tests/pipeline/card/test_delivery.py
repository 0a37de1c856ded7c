"""What is delivered: loudness, peaks, clipping, length, offset."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import pytest
from card_sounds import cue_plan, encoded, film_of, gained, noise, plan_of, row_of, silence
from hypothesis import given
from hypothesis import strategies as st

from pipeline.card.delivery import delivery_rows
from pipeline.card.evidence import Evidence, Plan
from pipeline.card.row import Row
from pipeline.sound.loudness import loudness_target, loudness_targets
from scoring.request import Samples

FILE_ROWS = ("F1", "F1-peak", "F1-range", "G2", "H1")


@cache
def _film() -> Evidence:
    return film_of(noise(3.0))


def _row(name: str, plan: Plan | None = None, **changes: object) -> Row:
    return row_of(delivery_rows(replace(_film(), encoded=encoded(**changes), plan=plan)), name)  # type: ignore[arg-type]


def _planned() -> Plan:
    return plan_of(cue_plan(0.0, 3.0))


def test_a_film_on_target_passes_and_shows_its_loudness() -> None:
    row = _row("F1", integrated_lufs=-14.2)
    assert (row.status, row.value, row.allowed, row.advice) == ("pass", -14.2, "-14 ±0.5", "")
    assert row.source == loudness_target("web").source


@given(st.sampled_from(sorted(loudness_targets())), st.sampled_from([0.5, 1.5, 3.0]), st.sampled_from([-1, 1]))
def test_loudness_is_judged_by_its_distance_from_the_standard(name: str, times: float, side: int) -> None:
    target = loudness_target(name)
    row = _row("F1", integrated_lufs=target.integrated_lufs + side * times * target.tolerance_lu, target=name)
    assert row.status == ("pass" if times < 1 else "fail")
    assert times < 1 or ("louder" if side > 0 else "softer") in row.advice


def test_a_silent_film_fails_with_advice_and_a_number_that_can_be_written() -> None:
    silent = {"integrated_lufs": -math.inf, "true_peak_dbtp": -math.inf, "range_lu": 0.0}
    row = _row("F1", **silent)
    assert row.status == "fail"
    assert row.value == -70.0
    assert "silent" in row.advice
    assert _row("F1-peak", **silent).status == _row("F1-range", **silent).status == "not measurable"


@pytest.mark.parametrize("name", ["F1", "F1-peak"])
def test_without_a_standard_loudness_is_told_and_not_judged(name: str) -> None:
    row = _row(name, integrated_lufs=-3.0, true_peak_dbtp=2.0, target=None)
    assert (row.status, row.advice) == ("info", "")
    assert row.value == {"F1": -3.0, "F1-peak": 2.0}[name]


@pytest.mark.parametrize(("peak_dbtp", "status"), [(-1.5, "pass"), (-1.0, "pass"), (-0.9, "fail"), (0.4, "fail")])
def test_peaks_stay_under_the_standards(peak_dbtp: float, status: str) -> None:
    assert _row("F1-peak", true_peak_dbtp=peak_dbtp).status == status


def test_the_range_is_told() -> None:
    assert (_row("F1-range").status, _row("F1-range").value) == ("info", 6.0)


@pytest.mark.parametrize(("frames", "status"), [(0.5, "pass"), (1.0, "pass"), (1.5, "fail"), (3.0, "fail")])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("frame_s", [1 / 24, 1001 / 30000, 1 / 60])
def test_sound_and_picture_end_within_one_picture(frames: float, status: str, side: int, frame_s: float) -> None:
    row = _row("G2", _planned(), length_error_s=side * frames * frame_s, frame_s=frame_s)
    assert row.status == status
    assert row.value == pytest.approx(side * frames * frame_s * 1000)
    assert status == "pass" or ("longer" if side > 0 else "shorter") in row.advice


def test_what_was_made_elsewhere_may_end_a_little_off() -> None:
    assert _row("G2", length_error_s=0.3).status == "warn"
    assert _row("G2", length_error_s=-1.5).status == "fail"


@pytest.mark.parametrize(("offset_ms", "status"), [(5.0, "pass"), (-5.0, "pass"), (15.0, "fail"), (-30.0, "fail")])
def test_sound_lies_where_it_was_put(offset_ms: float, status: str) -> None:
    row = _row("H1", offset_ms=offset_ms)
    assert (row.status, row.value) == (status, offset_ms)
    assert status == "pass" or ("late" if offset_ms > 0 else "early") in row.advice


@pytest.mark.parametrize(("name", "what"), [("G2", "length_error_s"), ("H1", "offset_ms")])
def test_what_is_not_known_is_no_pass(name: str, what: str) -> None:
    row = _row(name, **{what: None})
    assert row.status == "not measurable"
    assert row.advice


def test_without_an_encoded_file_its_rows_say_so() -> None:
    rows = delivery_rows(replace(_film(), encoded=None))
    assert {row.id for row in rows if row.status == "not measurable"} >= set(FILE_ROWS)


def _clipped(samples: int) -> Samples:
    sound = gained(noise(3.0), -6.0)
    sound[1, 96_000 : 96_000 + samples] = 1.0
    return sound


@pytest.mark.parametrize(("samples", "status"), [(1, "pass"), (2, "pass"), (3, "fail"), (9, "fail")])
def test_a_clipped_run_is_counted_and_found(samples: int, status: str) -> None:
    row = row_of(delivery_rows(film_of(_clipped(samples), plan=_planned())), "F2")
    assert row.status == status
    if status == "fail":
        assert (row.value, row.at_s, row.detail) == (samples, pytest.approx(2.0), {"runs": 1})
        assert "0:02" in row.advice


@pytest.mark.parametrize(("samples", "status"), [(6, "warn"), (40, "fail")])
def test_a_loud_master_made_elsewhere_may_touch_full_scale(samples: int, status: str) -> None:
    assert row_of(delivery_rows(film_of(_clipped(samples))), "F2").status == status


def test_clipping_of_the_whole_film_counts_not_only_the_musics() -> None:
    evidence = film_of(noise(3.0), _clipped(9), plan=_planned())
    assert row_of(delivery_rows(evidence), "F2").status == "fail"


def test_sound_that_could_not_be_read_is_not_measurable() -> None:
    rows = delivery_rows(replace(film_of(silence(1.0)), music=None, whole=None))
    assert {row.status for row in rows if row.id in ("F2", "F3", "F4", "F5")} == {"not measurable"}
