from __future__ import annotations

import numpy as np
import pytest

from scoring.analysis import Activity, Analysis, Cut, CutKind, EmotionCurve, Shots
from scoring.cue_sheet import HitPoint
from scoring.feeling import feel
from scoring.hits import TOLERANCE_MS, choose_hits
from scoring.timebase import FrameRate, TimeRange

PAL = FrameRate(25)
LENGTH_S = 60.0


def hits_of(
    *cuts: Cut, bursts_s: tuple[float, ...] = (), bangs_s: tuple[float, ...] = (), turn_s: float = 0.0
) -> list[HitPoint]:
    motion, sound_db = np.full(600, 0.1), np.full(600, -40.0)
    for time_s in bursts_s:
        motion[round(time_s * 10)] = 0.9
    for time_s in bangs_s:
        sound_db[round(time_s * 10) : round(time_s * 10) + 5] = -12.0
    times_s = np.arange(120) / 2
    step = np.where(times_s < turn_s, -0.5, 0.5)
    curve = EmotionCurve(times_s, step, step, abs(step), abs(step), (), np.ones((120, 0)), "x")
    film = Analysis(LENGTH_S, Shots(LENGTH_S, cuts, (0.1,) * (len(cuts) + 1)), curve, Activity(10.0, motion, sound_db))
    (hits,) = choose_hits(film, feel(curve, LENGTH_S), [TimeRange(0.0, LENGTH_S)], PAL)
    return list(hits)


def test_a_still_silent_film_has_no_hits() -> None:
    assert hits_of() == []


def test_cuts_bursts_of_motion_and_bangs_are_hits_at_their_times() -> None:
    found = hits_of(Cut(10.0, "cut", 0.8), bursts_s=(25.0,), bangs_s=(40.0,))
    assert [(h.kind, h.time_s) for h in found] == [("cut", 10.0), ("motion", 25.05), ("sound", 40.0)]


def test_a_bang_on_a_cut_is_one_heavier_hit_at_the_cut() -> None:
    (alone,) = hits_of(Cut(10.0, "cut", 0.5))
    (both,) = hits_of(Cut(10.0, "cut", 0.5), bangs_s=(10.1,))
    assert (both.time_s, both.kind) == (10.0, "cut")
    assert both.weight > alone.weight


def test_a_turn_of_the_feeling_makes_the_nearest_moment_heavier() -> None:
    (turned,) = hits_of(Cut(29.6, "cut", 0.5), turn_s=30.0)
    assert turned.kind == "turn"
    assert turned.weight > hits_of(Cut(29.6, "cut", 0.5))[0].weight


def test_the_strongest_cuts_are_taken_and_never_two_within_two_seconds() -> None:
    cuts = [Cut(float(t), "cut", 0.9 if t in (10, 20, 30, 40) else 0.3) for t in range(1, 60)]
    assert [h.time_s for h in hits_of(*cuts)] == [10.0, 20.0, 30.0, 40.0]


def test_weak_dissolves_are_not_worth_a_hit() -> None:
    assert hits_of(Cut(10.0, "dissolve", 0.4)) == []


@pytest.mark.parametrize("kind", ["dissolve", "fade"])
def test_the_middle_of_the_strongest_dissolve_or_fade_is_no_hit(kind: CutKind) -> None:
    assert hits_of(Cut(10.0, kind, 1.0, 9.0, 11.0)) == []


@pytest.mark.parametrize("kind", ["dissolve", "fade"])
def test_a_turn_of_the_feeling_over_a_dissolve_is_a_slow_turn(kind: CutKind) -> None:
    (hit,) = hits_of(Cut(30.2, kind, 1.0, 29.2, 31.2), turn_s=30.0)
    assert (hit.time_s, hit.kind, hit.tolerance_ms) == (30.2, "turn", 500.0)


def test_a_bang_in_a_dissolve_is_a_hit_at_the_bang() -> None:
    (hit,) = hits_of(Cut(30.12, "dissolve", 1.0, 29.0, 31.0), bangs_s=(30.0,))
    assert (hit.time_s, hit.kind, hit.tolerance_ms) == (30.0, "sound", TOLERANCE_MS)


def test_a_cue_that_starts_on_a_cut_has_its_hit_there() -> None:
    cuts = (Cut(5.0, "cut", 1.0), Cut(30.0, "cut", 0.1), Cut(31.0, "cut", 1.0))
    curve = EmotionCurve(*(np.zeros(0),) * 5, (), np.zeros((0, 0)), "x")
    film = Analysis(LENGTH_S, Shots(LENGTH_S, cuts, (0.1,) * 4), curve, Activity(10.0, np.zeros(0), np.zeros(0)))
    ranges = [TimeRange(0.0, 30.0), TimeRange(30.0, LENGTH_S)]
    first, second = choose_hits(film, feel(curve, LENGTH_S), ranges, PAL)
    assert [h.time_s for h in first] == [5.0]
    assert second[0].time_s == 30.0
    assert second[0].weight == pytest.approx(0.64)
