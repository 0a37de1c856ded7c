"""Humanising: nobody is a machine, and nobody misses a hit."""

from __future__ import annotations

import numpy as np
import pytest

from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from scoring.style import load_style, style_names


@pytest.mark.parametrize("style", style_names())
def test_timing_and_velocity_are_alive_within_bounds_and_hits_are_exact(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    request = ask(style=style, duration_s=32.0, intensity=((0.0, 0.7),), hits=((8.0, 0.9), (12.0, 0.3)))
    parts = play(make_plan(request, load_style(style)))
    offsets = np.array([n.offset_ms for p in parts for n in p.notes if not n.exact])
    assert np.abs(offsets).max() <= 8.0
    assert offsets.std() > 0.5
    assert np.std([n.velocity for p in parts for n in p.notes]) > 0.03
    exact = [n for p in parts for n in p.notes if n.exact]
    assert {n.beat for n in exact} == {16.0, 24.0}
    assert all(n.offset_ms == 0.0 for n in exact)
