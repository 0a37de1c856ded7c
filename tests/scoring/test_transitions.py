from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scoring.analysis import Cut
from scoring.cue_sheet import Transition
from scoring.key import Key
from scoring.transitions import Side, plan_transitions

C = Key(0, "major")


def kinds(*sides: Side) -> list[str]:
    return [transition.kind for transition in plan_transitions(sides)]


def test_the_last_cue_ends() -> None:
    assert plan_transitions([Side(0, 0, C, 0)]) == [Transition("end", 0.0)]


def test_like_cues_crossfade_over_a_beat_or_two_where_it_is_calm() -> None:
    calm, lively = Side(0.2, -0.5, C, 0.5), Side(0.2, 0.5, C, 0.5)
    assert plan_transitions([calm, calm])[0] == Transition("crossfade", 2.0)
    assert plan_transitions([lively, lively])[0] == Transition("crossfade", 1.0)


def test_a_fall_rings_out() -> None:
    assert kinds(Side(0.6, 0.5, C, 0), Side(0.1, 0.0, C, 0.5)) == ["ring_out", "end"]


def test_distant_keys_ring_out_instead_of_clashing() -> None:
    assert kinds(Side(0, 0, C, 0), Side(0, 0, Key(4, "major"), 0)) == ["ring_out", "end"]


def test_a_heavy_hit_that_lifts_the_arousal_cuts() -> None:
    assert kinds(Side(0, -0.4, C, 0), Side(0, 0.4, C, 0.9)) == ["cut", "end"]
    assert kinds(Side(0, -0.4, C, 0), Side(0, 0.4, C, 0.5)) == ["crossfade", "end"]


def arriving(*change: float, kind: str = "dissolve", key: Key = C) -> Side:
    start_s, time_s, end_s = change
    return Side(0, 0.9, key, 0.9, 0.5, Cut(time_s, "fade" if kind == "fade" else "dissolve", 0.9, start_s, end_s))


@given(st.floats(0.0, 12.0), st.floats(0.3, 2.0))
def test_a_crossfade_over_a_dissolve_covers_it_in_whole_beats_one_to_eight(length_s: float, beat_s: float) -> None:
    before = Side(0, 0, C, 0, beat_s)
    transition = plan_transitions([before, arriving(20 - length_s / 2, 20, 20 + length_s / 2)])[0]
    assert transition.kind == "crossfade"
    assert transition.beats in range(1, 9)
    assert transition.beats == 8 or transition.beats * beat_s >= length_s - 1e-5
    assert transition.beats == 1 or (transition.beats - 1) * beat_s < length_s


def test_nothing_cuts_in_on_a_dissolve_however_the_arousal_lifts() -> None:
    assert kinds(Side(0, -0.4, C, 0), arriving(19, 20, 21)) == ["crossfade", "end"]


def test_a_fade_out_rings_out_as_long_as_it_takes_and_a_fade_in_from_black_crossfades() -> None:
    before = Side(0, 0, C, 0, 0.5)
    assert plan_transitions([before, arriving(19, 20, 21, kind="fade")])[0] == Transition("ring_out", 4.0)
    assert plan_transitions([before, arriving(17, 20, 23, kind="fade")])[0] == Transition("ring_out", 8.0)
    assert plan_transitions([before, arriving(20, 20, 21.4, kind="fade")])[0] == Transition("crossfade", 3.0)


def test_distant_keys_ring_out_over_a_dissolve_too() -> None:
    assert kinds(Side(0, 0, C, 0), arriving(19, 20, 21, key=Key(4, "major"))) == ["ring_out", "end"]
