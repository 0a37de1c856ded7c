from __future__ import annotations

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
