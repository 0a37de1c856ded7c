from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.timebase import TimeRange
from vision.regions import RegionRules, find_regions

PLAIN = RegionRules(enter=0.8, leave=0.4, early_s=0.0, late_s=0.0, gap_s=0.0, least_s=0.0)


def found(evidence, rules=PLAIN, length_s=100.0):
    return [(r.start_s, r.end_s) for r in find_regions(np.array(evidence), 1.0, rules, length_s)]


def test_a_region_needs_one_sure_value_and_ends_at_the_first_weak_one():
    assert found([0.5, 0.9, 0.5, 0.3, 0.5, 0.5, 0.0]) == [(0.0, 3.0)]


def test_nothing_comes_of_nothing():
    assert found([]) == []
    assert found([0.0, 0.79, 0.0]) == []


def test_short_gaps_are_filled_before_short_regions_are_dropped():
    evidence = [0.9, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9]
    assert found(evidence, replace(PLAIN, gap_s=1.0, least_s=2.0)) == [(0.0, 3.0)]


def test_edges_move_by_what_the_evidence_is_early_and_late():
    assert found([0.0, 0.9, 0.9, 0.9, 0.0], replace(PLAIN, early_s=-0.5, late_s=1.0)) == [(0.5, 3.0)]
    assert found([0.0, 0.9, 0.0], replace(PLAIN, late_s=1.0)) == []


def test_regions_stay_within_the_film():
    assert found([0.9, 0.9], replace(PLAIN, early_s=-1.0, late_s=-1.0), length_s=1.5) == [(0.0, 1.5)]


def test_a_region_that_the_film_cuts_off_keeps_that_edge():
    rules = replace(PLAIN, early_s=0.5, late_s=0.5)
    assert found([0.9, 0.9, 0.0, 0.0, 0.9, 0.9], rules, length_s=6.0) == [(0.0, 1.5), (4.5, 6.0)]


@given(
    evidence=st.lists(st.floats(0, 1), max_size=60),
    early_s=st.floats(-2, 2),
    late_s=st.floats(-2, 2),
    gap_s=st.floats(0, 3),
)
def test_whatever_the_rules_regions_stand_in_order(evidence, early_s, late_s, gap_s):
    rules = replace(PLAIN, early_s=early_s, late_s=late_s, gap_s=gap_s)
    regions = find_regions(np.array(evidence), 0.5, rules, len(evidence) / 2)
    assert all(isinstance(region, TimeRange) for region in regions)
    assert all(a.end_s < b.start_s for a, b in pairwise(regions))
    assert sum(r.duration_s for r in regions) <= len(evidence) / 2 + 1e-9
