"""Who plays when."""

from __future__ import annotations

import pytest

from music_engine.composer.plan import make_plan
from scoring.style import load_style, style_names


@pytest.mark.parametrize("style", style_names())
def test_layers_enter_with_intensity_on_phrase_starts(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    request = ask(style=style, duration_s=64.0, intensity=((0.0, 0.05), (64.0, 1.0)))
    plan = make_plan(request, load_style(style))
    playing = plan.arrangement.playing
    first = sum(on[0] for on in playing.values())
    last = sum(on[-1] for on in playing.values())
    assert 2 <= first < last
    for bars in plan.form.phrases:
        for bar in bars[1:]:
            for layer in plan.style.layers:
                left = playing[layer.name][bar.index - 1] and not playing[layer.name][bar.index]
                assert not left, f"{layer.name} leaves inside a phrase"


def test_a_steady_loud_cue_still_breathes(ask) -> None:  # type: ignore[no-untyped-def]
    resting = 0
    for seed in range(10):
        plan = make_plan(ask(duration_s=64.0, intensity=((0.0, 0.8),), seed=seed), load_style("cinematic"))
        resting += any(not all(on) for on in plan.arrangement.playing.values())
    assert resting >= 5
