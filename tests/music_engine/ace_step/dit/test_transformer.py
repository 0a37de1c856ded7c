"""The transformer as a whole: its names, its memory of a condition, its batch."""

from __future__ import annotations

import json
from collections.abc import Iterator

import ace_step_goldens
import pytest
import torch
from ace_step_models import condition, latents, transformer

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.conditioning import Condition, RememberedCondition
from music_engine.ace_step.dit.control import ControlHint
from music_engine.ace_step.dit.transformer import AceStepTransformer

MANIFEST = ace_step_goldens.FOLDER.parent / "manifests" / "manifest_transformer.json"
DEAD = ("add_q_proj.", "add_k_proj.", "add_v_proj.", "to_add_out.")


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def at_full_size(*, with_projectors: bool) -> AceStepTransformer:
    with torch.device("meta"):
        return AceStepTransformer(TransformerConfig(), with_projectors=with_projectors)


def test_the_full_model_has_the_live_parameters_and_none_of_the_dead() -> None:
    assert sum(p.numel() for p in at_full_size(with_projectors=False).parameters()) == 2_588_427_392
    assert sum(p.numel() for p in at_full_size(with_projectors=True).parameters()) == 2_588_427_392 + 87_840_512


@pytest.mark.skipif(not MANIFEST.exists(), reason=f"no manifest at {MANIFEST}")
@pytest.mark.parametrize("with_projectors", [False, True])
def test_names_shapes_and_types_are_the_checkpoints(with_projectors: bool) -> None:
    listed = json.loads(MANIFEST.read_text(encoding="utf-8"))["keys"]
    wanted = {
        name: (tuple(entry["shape"]), entry["dtype"])
        for name, entry in listed.items()
        if not any(dead in name for dead in DEAD) and (with_projectors or not name.startswith("projectors."))
    }
    state = at_full_size(with_projectors=with_projectors).state_dict()
    assert {name: (tuple(t.shape), str(t.dtype).removeprefix("torch.")) for name, t in state.items()} == wanted


def test_a_remembered_condition_gives_the_same_velocity() -> None:
    model = transformer()
    asked = condition(model)
    assert torch.equal(model(*latents(), model.remember(asked)), model(*latents(), asked))


def test_items_in_one_pass_come_out_as_alone() -> None:
    model = transformer()
    latent, timestep = latents(items=2)
    parts = [condition(model, seed=seed) for seed in (1, 7)]
    together = model(latent, timestep, Condition.joined(parts))
    remembered = model(latent, timestep, RememberedCondition.joined([model.remember(part) for part in parts]))
    for item, part in enumerate(parts):
        alone = model(latent[item : item + 1], timestep[item : item + 1], part)
        torch.testing.assert_close(together[item : item + 1], alone, atol=1e-5, rtol=0)
        torch.testing.assert_close(remembered[item : item + 1], alone, atol=1e-5, rtol=0)


def test_a_masked_token_changes_nothing_and_a_heard_one_does() -> None:
    model = transformer()
    asked = condition(model)
    states = asked.states.clone()
    states[:, -1] += 10.0  # its mask is 0
    assert torch.equal(model(*latents(), Condition(states, asked.mask)), model(*latents(), asked))
    states[:, -2] += 10.0
    assert (model(*latents(), Condition(states, asked.mask)) - model(*latents(), asked)).abs().max() > 1e-3


def test_a_query_scale_of_one_leaves_an_item_alone_and_less_weakens_only_its_own() -> None:
    model = transformer()
    latent, timestep = latents(items=2)
    asked = condition(model, items=2)
    plain = model(latent, timestep, asked)
    weakened = model(latent, timestep, asked, query_scale=torch.tensor([1.0, 0.01]))
    torch.testing.assert_close(weakened[0], plain[0], atol=1e-6, rtol=0)
    assert (weakened[1] - plain[1]).abs().max() > 1e-4


def test_query_scale_bites_in_blocks_15_to_19_only() -> None:
    model = transformer()
    asked, outputs = condition(model), {1.0: [], 0.01: []}
    for scale, found in outputs.items():
        model(*latents(), asked, query_scale=torch.tensor([scale]), tap=lambda _, x, found=found: found.append(x))
    same = [torch.equal(a, b) for a, b in zip(*outputs.values(), strict=True)]
    assert same == [True] * 15 + [False] * 2


def test_weakened_lyrics_move_the_lyric_tokens_only() -> None:
    model = transformer()
    ones, ids = torch.ones(1, 5), torch.arange(6)[None]
    words = (torch.ones(1, 5, 24), ones, ids, torch.ones(1, 6))
    plain, weakened = model.encode(*words), model.encode(*words, weaken_lyrics=0.01)
    assert torch.equal(plain.states[:, :6], weakened.states[:, :6])
    assert (plain.states[:, 6:] - weakened.states[:, 6:]).abs().max() > 1e-4


def test_without_a_speaker_its_token_is_the_bias() -> None:
    model = transformer()
    assert torch.equal(condition(model).states[0, 0], model.speaker_embedder.bias)


def test_the_velocity_depends_on_the_length_so_pieces_are_no_substitute_for_the_whole() -> None:
    model = transformer()
    latent, timestep = latents()
    whole = model(latent, timestep, condition(model))
    piece = model(latent[..., :7], timestep, condition(model))
    assert (whole[..., :7] - piece).abs().max() > 1e-3


def test_a_hint_takes_the_tokens_own_mean_and_deviation() -> None:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(2, 7, 32, generator=generator) * 3 + 1
    states = torch.randn(2, 7, 32, generator=generator) * 50 - 9
    added = ControlHint(states, scale=0.5).added_to(tokens) - tokens
    torch.testing.assert_close(added.mean(dim=(1, 2)), tokens.mean(dim=(1, 2)) * 0.5)
    torch.testing.assert_close(added.std(dim=(1, 2)), tokens.std(dim=(1, 2)) * 0.5)
