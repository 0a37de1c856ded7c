"""A model under guidance."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from ace_step_sampling import CountingModel, quick, words

from music_engine.ace_step.sampling.guided import GuidedModel, projection_dtype
from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.sample import sample
from music_engine.ace_step.sampling.tasks import TextToMusic
from music_engine.ace_step.watch import Watch

TASK = TextToMusic(10)


def batches(model: CountingModel, items: int = 2, **given: Any) -> list[int]:
    """How many items every pass of a run had."""
    settings = quick(**given)
    prompts = [words(seed) for seed in range(items)]
    model.batches.clear()
    sample(model, prompts, TASK, settings, SeededNoise(range(items), compat=settings.compat))
    return model.batches


def test_one_pass_serves_a_guided_step_and_the_others_ask_for_the_condition_alone(model: CountingModel) -> None:
    assert batches(model, steps=4, guidance_interval=0.5) == [2, 4, 4, 2]


def test_double_guidance_asks_three_variants_at_once(model: CountingModel) -> None:
    assert batches(model, guidance_scale_text=5.0, guidance_scale_lyric=2.0) == [2, 6, 6, 2]


def test_without_guidance_nothing_unconditional_is_encoded_or_asked(model: CountingModel) -> None:
    assert batches(model, guidance_scale=1.0) == [2, 2, 2, 2]
    assert model.encodings == 1


def test_an_empty_interval_encodes_nothing_unconditional(model: CountingModel) -> None:
    assert batches(model, guidance_interval=0.0) == [2, 2, 2, 2]
    assert model.encodings == 1


def test_the_condition_is_encoded_once_for_all_steps(model: CountingModel) -> None:
    batches(model, steps=9)
    assert model.encodings == 2


def test_heun_is_guided_over_the_middle_of_its_steps_where_the_reference_guides_early_calls(
    model: CountingModel,
) -> None:
    assert batches(model, solver="heun", items=1) == [1, 1, 2, 2, 2, 2, 1]
    assert batches(model, solver="heun", items=1, compat="reference") == [1, 2, 2, 1, 1, 1, 1]


def test_cfg_star_spares_the_passes_it_would_throw_away_and_gives_the_same(model: CountingModel) -> None:
    star = {"guidance": "cfg_star", "guidance_interval": 1.0}
    assert batches(model, items=1, **star) == [2, 2]
    assert batches(model, items=1, compat="reference", **star) == [2, 2, 2, 2]
    runs = [
        sample(model, [words(1)], TASK, quick(compat=compat, **star), SeededNoise([1], compat=compat))  # type: ignore[arg-type]
        for compat in ("fixed", "reference")
    ]
    torch.testing.assert_close(*runs, atol=1e-4, rtol=0)


def test_the_passes_together_give_what_they_give_alone(model: CountingModel) -> None:
    settings = quick(guidance="cfg", guidance_scale=3.0, guidance_interval=1.0)
    latent = SeededNoise([1, 2]).initial(10)
    plan = TASK.plan(settings, SeededNoise([1, 2]))
    watch = Watch(lambda share: None, lambda: False)
    with torch.no_grad():
        both = GuidedModel(model, [words(1), words(2)], settings, plan, watch).velocity(latent, 1)
        alone = GuidedModel(model, [words(2)], settings, plan, watch).velocity(latent[1:], 1)
    torch.testing.assert_close(both[1:], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("changed", ["erg_tag", "erg_lyric", "erg_diffusion"])
def test_every_weakening_is_heard(model: CountingModel, changed: str) -> None:
    on, off = (
        sample(model, [words(1)], TASK, quick(guidance_interval=1.0, **given), SeededNoise([1]))
        for given in ({}, {changed: False})
    )
    assert float((on - off).abs().max()) > 1e-4


@pytest.mark.parametrize("guidance", ["apg", "cfg", "cfg_star"])
def test_the_guidance_scale_is_heard(model: CountingModel, guidance: str) -> None:
    weak, strong = (
        sample(model, [words(1)], TASK, quick(guidance=guidance, guidance_scale=scale), SeededNoise([1]))
        for scale in (3.0, 12.0)
    )
    assert float((weak - strong).abs().max()) > 1e-4


def test_only_the_reference_projects_in_double_precision() -> None:
    velocity = torch.zeros(1)
    assert projection_dtype(quick(), velocity) == torch.float32
    assert projection_dtype(quick(compat="reference"), velocity) == torch.float64
