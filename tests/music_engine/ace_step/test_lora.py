"""Adapters: put beside the weights, taken away without a trace, refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from ace_step_models import condition, latents, transformer
from safetensors.torch import save_file
from torch import Tensor

from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.lora import load_lora, trained_scale
from scoring.errors import CheckpointRefused

LAYERS = {
    "speaker_embedder": (32, 12),
    "lyric_encoder.encoders.2.self_attn.linear_q": (24, 24),
    "transformer_blocks.3.attn.to_v": (32, 32),
    "transformer_blocks.4.attn.to_out.0": (32, 32),
    "transformer_blocks.5.cross_attn.to_k": (32, 32),
    "transformer_blocks.6.ff.inverted_conv.conv": (160, 32),
    "transformer_blocks.6.ff.point_conv.conv": (32, 80),
}


def factors(rank: int = 4, seed: int = 5) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, (out, width) in LAYERS.items():
        tensors[f"{name}.lora_A.weight"] = torch.randn(rank, width, generator=generator) * 0.1
        tensors[f"{name}.lora_B.weight"] = torch.randn(out, rank, generator=generator) * 0.1
    return tensors


def written(path: Path, tensors: dict[str, Tensor], **metadata: Any) -> Path:
    save_file(tensors, path, {"lora_adapter_metadata": json.dumps(metadata)} if metadata else {})
    return path


def velocity(model: AceStepTransformer) -> Tensor:
    with torch.no_grad():
        found: Tensor = model(*latents(), condition(model))
    return found


def merged(scale: float) -> Tensor:
    """The velocity with W + scale B A written into the weights."""
    model, tensors = transformer(), factors()
    for name in LAYERS:
        weight = model.get_submodule(name).weight
        change = tensors[f"{name}.lora_B.weight"] @ tensors[f"{name}.lora_A.weight"]
        weight.data = weight + scale * change.view(weight.shape)
    return velocity(model)


@pytest.mark.parametrize("weight", [1.0, 0.4, -2.0])
def test_an_adapter_is_the_product_of_its_factors_added_to_the_weight(tmp_path: Path, weight: float) -> None:
    model = transformer()
    before = velocity(model)
    load_lora(model, written(tmp_path / "a.safetensors", factors()), weight=weight)
    torch.testing.assert_close(velocity(model), merged(weight), atol=2e-5, rtol=0)
    assert (velocity(model) - before).abs().max() > 1e-3


def test_the_slices_of_the_feed_forward_layer_each_get_their_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("music_engine.ace_step.dit.feed_forward.SLICE_CHANNELS", 33)
    model = transformer()
    load_lora(model, written(tmp_path / "a.safetensors", factors()))
    torch.testing.assert_close(velocity(model), merged(1.0), atol=2e-5, rtol=0)


def test_a_folder_is_read_by_its_usual_file_name(tmp_path: Path) -> None:
    written(tmp_path / "pytorch_lora_weights.safetensors", factors())
    assert len(load_lora(transformer(), tmp_path).adapters) == len(LAYERS)


@pytest.mark.parametrize("precision", ["float32", "bfloat16-stored", "int8"])
def test_unloading_gives_back_the_same_bits(tmp_path: Path, precision: str) -> None:
    model = transformer(precision)
    before = velocity(model)
    lora = load_lora(model, written(tmp_path / "a.safetensors", factors()))
    assert not torch.equal(velocity(model), before)
    lora.unload()
    assert torch.equal(velocity(model), before)


def test_another_adapter_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    model, alone = transformer(), transformer()
    first = load_lora(model, written(tmp_path / "a.safetensors", factors()))
    one = {name: tensor for name, tensor in factors(seed=9).items() if name.startswith("speaker")}
    second = written(tmp_path / "b.safetensors", one)
    load_lora(model, second)
    load_lora(alone, second)
    assert torch.equal(velocity(model), velocity(alone))
    first.unload()
    assert torch.equal(velocity(model), velocity(alone))


@pytest.mark.parametrize(
    ("metadata", "scale"),
    [
        ({"r": 4, "lora_alpha": 8, "use_rslora": True}, 4.0),
        ({"r": 4, "lora_alpha": 8}, 2.0),
        ({"r": 4}, 1.0),
    ],
)
def test_fixed_takes_the_strength_of_training_and_reference_does_not(
    tmp_path: Path, metadata: dict[str, Any], scale: float
) -> None:
    file = written(tmp_path / "a.safetensors", factors(), **metadata)
    fixed, reference = transformer(), transformer()
    load_lora(fixed, file, weight=0.5)
    load_lora(reference, file, weight=0.5, compat="reference")
    torch.testing.assert_close(velocity(fixed), merged(0.5 * scale), atol=5e-5, rtol=0)
    torch.testing.assert_close(velocity(reference), merged(0.5), atol=5e-5, rtol=0)


def test_an_alpha_of_a_layers_own_comes_before_the_common_one() -> None:
    metadata = {"lora_alpha": 8, "alpha_pattern": {r"attn\.to_v": 16}}
    assert trained_scale(metadata, "transformer_blocks.3.attn.to_v", 4) == 4.0
    assert trained_scale(metadata, "transformer_blocks.3.attn.to_q", 4) == 2.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"transformer_blocks.99.attn.to_q": (32, 32)}, "transformer_blocks.99.attn.to_q"),
        ({"lyric_embs": (50, 24)}, "lyric_embs"),
        ({"transformer_blocks.3.ff.depth_conv.conv": (160, 3)}, "depth_conv"),
        ({"transformer_blocks.3.attn.to_k": (32, 31)}, r"\[4, 31\] and \[32, 4\], expected \[rank, 32\]"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused_by_name_and_what_was_loaded_stays(
    tmp_path: Path, change: dict[str, tuple[int, int]], said: str
) -> None:
    model = transformer()
    load_lora(model, written(tmp_path / "good.safetensors", factors()))
    before, tensors = velocity(model), factors(seed=8)
    for name, (out, width) in change.items():
        tensors[f"{name}.lora_A.weight"], tensors[f"{name}.lora_B.weight"] = torch.ones(4, width), torch.ones(out, 4)
    with pytest.raises(CheckpointRefused, match=said):
        load_lora(model, written(tmp_path / "bad.safetensors", tensors))
    assert torch.equal(velocity(model), before)


def test_a_file_with_other_keys_a_lone_factor_or_values_that_are_not_finite_is_refused(tmp_path: Path) -> None:
    name = "speaker_embedder.lora_A.weight"
    lone = {key: tensor for key, tensor in factors().items() if key != name}
    for tensors, said in (
        ({**factors(), "text_model.alpha": torch.ones(1)}, "text_model.alpha"),
        (lone, f"lacks {name}"),
        ({**factors(), name: torch.full((4, 12), torch.nan)}, f"{name} holds values that are not finite"),
    ):
        with pytest.raises(CheckpointRefused, match=said):
            load_lora(transformer(), written(tmp_path / "bad.safetensors", tensors))


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointRefused, match="there is no LoRA file"):
        load_lora(transformer(), tmp_path)
    (tmp_path / "x.safetensors").write_bytes(b"not tensors")
    with pytest.raises(CheckpointRefused, match="not a whole safetensors file"):
        load_lora(transformer(), tmp_path / "x.safetensors")
    save_file(factors(), tmp_path / "y.safetensors", {"lora_adapter_metadata": "{"})
    with pytest.raises(CheckpointRefused, match="lora_adapter_metadata"):
        load_lora(transformer(), tmp_path / "y.safetensors")
