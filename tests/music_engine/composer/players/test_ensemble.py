"""The players: in range, in key, never twice the same bar, never an empty one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from music_engine.composer.note import Part
from music_engine.composer.plan import Plan, make_plan
from music_engine.composer.players.effects import shape_gestures
from music_engine.composer.players.ensemble import play
from scoring.cue_sheet import Metre
from scoring.style import load_style, style_names


def _play(ask, style: str, **fields: object) -> tuple[Plan, tuple[Part, ...]]:  # type: ignore[no-untyped-def]
    wishes = {"duration_s": 48.0, "intensity": ((0.0, 0.2), (48.0, 1.0)), **fields}
    plan = make_plan(ask(style=style, **wishes), load_style(style))
    return plan, play(plan)


@pytest.mark.parametrize("style", style_names())
@pytest.mark.parametrize("beats", [3, 4, 5])
def test_every_layer_stays_in_its_register(ask, style: str, beats: int) -> None:  # type: ignore[no-untyped-def]
    for seed in range(3):
        _, parts = _play(ask, style, metre=Metre(beats, 4), seed=seed, key="Eb minor")
        for part in parts:
            if part.layer.kind not in ("percussion", "effects"):
                assert all(part.layer.low <= n.pitch <= part.layer.high for n in part.notes), part.layer.name


@pytest.mark.parametrize("style", style_names())
def test_no_bar_is_empty(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    for intensity in (0.0, 0.5, 1.0):
        plan, parts = _play(ask, style, intensity=((0.0, intensity),))
        notes = [n for part in parts for n in part.notes]
        for bar in plan.form.bars:
            assert any(n.beat < bar.beat + bar.beats and n.beat + n.beats > bar.beat for n in notes)


@pytest.mark.parametrize("style", style_names())
def test_at_least_two_layers_sound_even_when_calm(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    _, parts = _play(ask, style, intensity=((0.0, 0.0),), duration_s=8.0)
    assert len({part.layer.name for part in parts}) >= 2


def test_drums_never_play_the_same_two_bars_through_a_phrase(ask) -> None:  # type: ignore[no-untyped-def]
    for style in ("cinematic", "upbeat"):
        plan, parts = _play(ask, style, intensity=((0.0, 0.9),))
        drums = [p for p in parts if p.layer.kind == "percussion"]
        bars = [
            frozenset(
                (p.program, n.pitch, round(n.beat - bar.beat, 2))
                for p in drums
                for n in p.notes
                if bar.beat <= n.beat < bar.beat + bar.beats
            )
            for bar in plan.form.bars
        ]
        assert sum(a == b for a, b in pairwise(bars)) <= len(bars) // 6
        assert len(set(bars)) > len(bars) // 2


def test_a_heavy_hit_is_prepared_arrives_and_is_given_room(ask) -> None:  # type: ignore[no-untyped-def]
    plan, parts = _play(ask, "cinematic", intensity=((0.0, 0.8),), hits=((16.0, 0.9),))
    kinds = {g.kind: g for g in shape_gestures(plan)}
    assert kinds["riser"].end_s == pytest.approx(16.0)
    assert kinds["riser"].start_s < 14.5
    assert kinds["impact"].start_s == pytest.approx(16.0)
    assert 32.0 in [chord.beat for chord in plan.chords]
    rhythm = [n for p in parts if p.layer.kind == "percussion" for n in p.notes]
    assert not [n for n in rhythm if 31.0 < n.beat < 32.0], "the beat before a heavy hit is a breath"
