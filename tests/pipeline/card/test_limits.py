"""The table of checks, and rows made from it."""

from __future__ import annotations

import math
import string
from dataclasses import fields
from importlib import resources

import pytest
from card_sounds import film_of, music
from hypothesis import given
from hypothesis import strategies as st

from pipeline.card.card import measure_card, measure_take
from pipeline.card.limits import FAMILIES, Limit, judged, limits, unmeasured

EVERY = sorted(limits())
JUDGED = [name for name, limit in limits().items() if limit.better != "info"]


class _Anything(dict[str, object]):
    """Says something for every placeholder, a number where one is formatted as such."""

    def __missing__(self, name: str) -> object:
        return 1.0


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", EVERY)
def test_every_row_says_what_it_is_and_who_says_so(name: str) -> None:
    limit = limits()[name]
    assert limit.name
    assert limit.source
    assert limit.allowed
    assert limit.better in ("low", "high", "info")
    assert limit.remedy in ("", "compose")


@pytest.mark.parametrize("name", JUDGED)
def test_a_judged_row_has_thresholds_in_order_and_advice(name: str) -> None:
    limit = limits()[name]
    assert math.isfinite(limit.good)
    assert math.isfinite(limit.bad)
    assert limit.good <= limit.bad if limit.better == "low" else limit.good >= limit.bad
    assert limit.advice


@pytest.mark.parametrize("name", EVERY)
def test_advice_is_one_sentence_that_takes_numbers(name: str) -> None:
    advice = limits()[name].advice
    assert "{" not in advice.format_map(_Anything())
    assert not advice.endswith(".")
    assert all(name.isidentifier() for name in _placeholders(advice))


def test_a_table_holds_nothing_unknown() -> None:
    known = {field.name for field in fields(Limit)} - {"id"}
    folder = resources.files("pipeline").joinpath("data/checks")
    stems = {entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    assert stems == set(FAMILIES)
    assert known >= {"good", "bad", "better", "advice"}


@given(st.sampled_from(["low", "high"]), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0.0, 1e3))
def test_status_grows_worse_with_distance(better: str, value: float, good: float, room: float) -> None:
    sign = 1 if better == "low" else -1
    bad = good + sign * room
    limit = Limit("X", "x", "", better, "s", "a", "x", good=good, bad=bad)  # type: ignore[arg-type]
    order = ["pass", "warn", "fail"]
    now = order.index(limit.status_of(value, good, bad))
    further = order.index(limit.status_of(value + sign * 10.0, good, bad))
    assert now <= further
    assert limit.status_of(good, good, bad) == "pass"
    assert limit.status_of(bad, good, bad) != "fail"


@pytest.mark.parametrize("value", [None, math.nan])
def test_no_number_is_never_a_pass(value: float | None) -> None:
    row = judged("F2", value, at="0:01", count=3)
    assert (row.status, row.value) == ("not measurable", None)


def test_an_unsure_reading_only_warns() -> None:
    assert judged("F2", 9.0, at="0:01", count=3, most="warn").status == "warn"
    assert judged("F2", 9.0, at="0:01", count=3).status == "fail"


def test_a_jobs_own_limits_stand_in_for_the_tables() -> None:
    assert judged("F1", 0.3, good=0.2, bad=0.2, allowed="-23 ±0.2", told="x").status == "fail"
    assert judged("F1", 0.3, good=0.2, bad=0.2, allowed="-23 ±0.2", told="x").allowed == "-23 ±0.2"
    assert judged("F1", 0.3, told="x").status == "pass"


def test_what_could_not_be_measured_says_why() -> None:
    row = unmeasured("G1", "There is no music to be heard", cue="1m2")
    assert (row.status, row.advice, row.cue) == ("not measurable", "There is no music to be heard", "1m2")


def test_the_card_has_each_row_once_and_in_the_tables_order() -> None:
    rows = measure_card(film_of(music(6.0)))
    names = [row.id for row in rows]
    assert names == [name for name in limits() if name in names]
    assert {"F1", "F2", "F3", "F4", "F5", "G1", "G2", "H1", "S1-spike"} <= set(names)


def test_a_take_is_judged_only_by_rows_that_are_for_takes() -> None:
    assert {row.id for row in measure_take(film_of(music(6.0)))} <= {
        name for name, limit in limits().items() if limit.of_take
    }
