"""Editing."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from ace_step_sampling import CountingModel, PullingModel, pull_to, quick, sounds, words

from music_engine.ace_step.sampling.conditioned import ConditionedModel
from music_engine.ace_step.sampling.conditions import edit_variants_for
from music_engine.ace_step.sampling.edit import Edit
from music_engine.ace_step.sampling.guidance import Momentum, adaptive_projected
from music_engine.ace_step.sampling.noise import GivenNoise, SeededNoise
from music_engine.ace_step.sampling.sample import sample
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.schedule import flow_schedule
from music_engine.ace_step.watch import Watch
from scoring.errors import Cancelled, InputError

SOURCE = sounds(5)
OLD, NEW = words(1, text=4, lyric=6), words(2, text=6, lyric=3)


def noise(items: int = 1) -> SeededNoise:
    return SeededNoise(range(items), range(100, 100 + items))


def test_the_same_words_without_guidance_change_nothing_while_the_source_leads(model: CountingModel) -> None:
    found = sample(model, [OLD], Edit(SOURCE, [OLD], 0.0, 1.0), quick(guidance_scale=1.0), noise())
    torch.testing.assert_close(found, SOURCE, atol=1e-5, rtol=0)


@pytest.mark.parametrize("solver", ["euler", "ping_pong"])
@pytest.mark.parametrize(("n_min", "n_max", "n_avg"), [(0.0, 1.0, 1), (0.5, 1.0, 2), (0.25, 0.5, 1), (0.5, 0.5, 1)])
def test_an_edit_ends_at_the_music_that_its_words_stand_for(
    solver: str, n_min: float, n_max: float, n_avg: int
) -> None:
    task = Edit(torch.full((1, 8, 16, 4), 3.0), [pull_to(3.0)], n_min, n_max, n_avg)
    found = sample(PullingModel(), [pull_to(-2.0)], task, quick(guidance_scale=1.0, solver=solver), noise())
    torch.testing.assert_close(found, torch.full_like(found, -2.0), atol=1e-4, rtol=0)


def test_the_source_keeps_what_sets_it_apart_from_its_words_while_it_leads() -> None:
    source = torch.full((1, 8, 16, 4), 3.0) + sounds(1, frames=4)
    task = Edit(source, [pull_to(3.0)], 0.0, 1.0)
    found = sample(PullingModel(), [pull_to(-2.0)], task, quick(guidance_scale=1.0), noise())
    torch.testing.assert_close(found, source - 5.0, atol=1e-4, rtol=0)


def test_a_source_is_released_with_as_much_noise_as_the_model_is_told(model: CountingModel) -> None:
    sample(model, [NEW], Edit(SOURCE, [OLD], 0.25, 0.25), quick(guidance_scale=1.0), noise())
    sigma = float(flow_schedule(4).sigmas[1])
    torch.testing.assert_close(model.latents[0], (1 - sigma) * SOURCE + sigma * noise().retake(12))


def test_guidance_has_momentum_for_the_source_while_it_leads_and_for_the_prompts_once_it_is_free(
    model: CountingModel,
) -> None:
    task = Edit(SOURCE, [OLD], 0.0, 0.5)
    settings = quick(guidance_scale=6.0)
    found = sample(model, [NEW], task, settings, noise())
    halves = [call.chunk(2)[0] for call in model.latents]  # source, prompts, source, prompts, prompts, prompts
    velocities = [list(pair) for pair in _pairs(model, settings, halves)]
    schedule = flow_schedule(4)
    strides = (schedule.sigmas[1:] - schedule.sigmas[:-1]).tolist()

    def guided(call: int, momentum: Momentum | None) -> torch.Tensor:
        return adaptive_projected(velocities[call][0], velocities[call][1], 6.0, momentum)

    kept = Momentum()
    guided(0, kept)
    second = strides[1] * (guided(3, None) - guided(2, kept))
    first = strides[0] * (guided(1, None) - adaptive_projected(*velocities[0], 6.0))
    sigma = float(schedule.sigmas[2])
    draws = noise()
    fresh = [draws.retake(12) for _ in range(3)][2]
    torch.testing.assert_close(halves[4], SOURCE + first + second + sigma * (fresh - SOURCE), atol=1e-4, rtol=0)
    free = Momentum()
    torch.testing.assert_close(halves[5], halves[4] + strides[2] * guided(4, free), atol=1e-4, rtol=0)
    torch.testing.assert_close(found, halves[5] + strides[3] * guided(5, free), atol=1e-4, rtol=0)


def _pairs(
    model: CountingModel, settings: SamplingSettings, halves: list[torch.Tensor]
) -> list[tuple[torch.Tensor, ...]]:
    """Both velocities of every call: the source's words at calls 0 and 2, the prompts' at the others."""
    watch = Watch(lambda share: None, lambda: False)
    sides = [ConditionedModel(model, edit_variants_for(model, [words], guided=True), watch) for words in (NEW, OLD)]
    timesteps = flow_schedule(4).timesteps.tolist()
    told = [timesteps[step] for step in (0, 0, 1, 1, 2, 3)]
    return [
        sides[call in (0, 2)].velocities(half, timestep, 2)
        for call, (half, timestep) in enumerate(zip(halves, told, strict=True))
    ]


def test_other_words_change_the_source_and_keep_its_length(model: CountingModel) -> None:
    found = sample(model, [NEW], Edit(SOURCE, [OLD], 0.0, 1.0), quick(), noise())
    assert found.shape == SOURCE.shape
    assert float((found - SOURCE).abs().max()) > 1e-3


def test_the_later_an_edit_begins_the_less_it_changes(model: CountingModel) -> None:
    changes = [
        float((sample(model, [NEW], Edit(SOURCE, [OLD], begin, 1.0), quick(steps=6), noise()) - SOURCE).norm())
        for begin in (0.0, 0.5, 1.0)
    ]
    assert changes == sorted(changes, reverse=True)
    assert changes[-1] == 0


def test_the_presets_are_the_references() -> None:
    lyrics, remix = Edit.only_lyrics(SOURCE, [OLD]), Edit.remix(SOURCE, [OLD])
    assert (lyrics.n_min, lyrics.n_max, lyrics.n_avg) == (0.6, 1.0, 1)
    assert (remix.n_min, remix.n_max, remix.n_avg) == (0.2, 0.4, 1)


def test_both_sides_are_asked_for_every_noise_and_the_prompts_alone_afterwards(model: CountingModel) -> None:
    sample(model, [NEW], Edit(SOURCE, [OLD], 0.25, 0.75, n_avg=3), quick(), noise())
    assert model.batches == [2] * (2 * 2 * 3 + 1)
    model.batches.clear()
    sample(model, [NEW], Edit(SOURCE, [OLD], 0.25, 0.75), quick(guidance_scale=1.0), noise())
    assert model.batches == [1] * (2 * 2 + 1)


def test_a_ping_pong_edit_is_led_by_its_source_where_the_reference_forgets_that_part(model: CountingModel) -> None:
    task, ping_pong = Edit(SOURCE, [OLD], 0.0, 1.0), {"solver": "ping_pong"}
    mended = sample(model, [NEW], task, quick(**ping_pong), noise())
    torch.testing.assert_close(mended, sample(model, [NEW], task, quick(), noise()))
    reference = sample(model, [NEW], task, quick(compat="reference", **ping_pong), noise())
    assert torch.equal(reference, SOURCE)


def test_a_ping_pong_edit_throws_no_noise_away_where_the_reference_does(model: CountingModel) -> None:
    def drawn(**given: Any) -> int:
        left = [sounds(seed) for seed in range(20)]
        supply = iter(left)
        sample(
            model, [NEW], Edit(SOURCE, [OLD], 0.0, 0.5), quick(solver="ping_pong", **given), GivenNoise(retake=supply)
        )
        return 20 - len(list(supply))

    assert drawn() == 2 + 1 + 2  # led noises, the one that the free part starts with, its steps
    assert drawn(compat="reference") == 2 + 1 + 4


def test_items_are_edited_together_as_alone_where_the_reference_edits_one(model: CountingModel) -> None:
    prompts, olds, sources = [NEW, words(3)], [OLD, words(4)], sounds(6, items=2)
    both = sample(model, prompts, Edit(sources, olds, 0.0, 0.5), quick(), noise(2))
    alone = sample(model, prompts[1:], Edit(sources[1:], olds[1:], 0.0, 0.5), quick(), SeededNoise([0], [101]))
    torch.testing.assert_close(both[1:], alone, atol=1e-4, rtol=0)
    with pytest.raises(InputError, match="one item at a time, not 2"):
        sample(model, prompts, Edit(sources, olds, 0.0, 0.5), quick(compat="reference"), noise(2))


def test_heun_makes_no_second_calls_in_an_edit(model: CountingModel) -> None:
    sample(model, [NEW], Edit(SOURCE, [OLD], 0.0, 0.0), quick(solver="heun", guidance_scale=1.0), noise())
    assert len(model.batches) == 4


def test_an_edit_tells_its_progress_and_stops_at_once(model: CountingModel) -> None:
    shares: list[float] = []
    sample(model, [NEW], Edit(SOURCE, [OLD], 0.5, 0.75), quick(), noise(), progress=shares.append)
    assert shares == [0.5, 1.0]
    model.batches.clear()
    with pytest.raises(Cancelled):
        sample(
            model,
            [NEW],
            Edit(SOURCE, [OLD], 0.0, 1.0),
            quick(),
            noise(),
            cancelled=lambda: len(model.batches) >= 3,
        )
    assert len(model.batches) == 3


def test_padding_behind_the_sources_words_changes_nothing(model: CountingModel) -> None:
    plain, padded = (
        sample(model, [NEW], Edit(SOURCE, [words(1, text=4, lyric=6, padding=n)], 0.0, 0.5), quick(), noise())
        for n in (0, 5)
    )
    torch.testing.assert_close(plain, padded, atol=1e-5, rtol=0)


def test_averaging_over_more_noises_costs_passes_and_changes_the_result(model: CountingModel) -> None:
    one, three = (
        sample(model, [NEW], Edit(SOURCE, [OLD], 0.0, 1.0, n_avg=n), quick(guidance_scale=1.0), noise()) for n in (1, 3)
    )
    assert float((one - three).abs().max()) > 1e-4
    assert float(three.abs().max()) < 2 * float(one.abs().max())


@pytest.mark.parametrize(("n_min", "n_max", "n_avg"), [(0.5, 0.4, 1), (-0.1, 0.5, 1), (0.0, 1.1, 1), (0.0, 1.0, 0)])
def test_an_edit_that_cannot_be_is_refused(n_min: float, n_max: float, n_avg: int) -> None:
    with pytest.raises(InputError):
        Edit(SOURCE, [OLD], n_min, n_max, n_avg)


def test_counts_that_do_not_fit_and_chosen_steps_are_refused(model: CountingModel) -> None:
    with pytest.raises(InputError, match="1 sources, 1 descriptions of them and 2 prompts"):
        sample(model, [NEW, NEW], Edit.remix(SOURCE, [OLD]), quick(), noise())
    with pytest.raises(InputError, match="oss_steps"):
        sample(model, [NEW], Edit.remix(SOURCE, [OLD]), quick(oss_steps=(1, 3)), noise())
    with pytest.raises(InputError, match="noise for 2 items and 1 sources"):
        sample(model, [NEW], Edit.remix(SOURCE, [OLD]), quick(), noise(2))
