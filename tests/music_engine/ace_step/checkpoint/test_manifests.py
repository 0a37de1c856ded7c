"""What the modules ask a file for is what the published files hold, name by name and shape by shape."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from ace_step_shapes import TINY, shapes, weight_normed

from music_engine.ace_step.checkpoint.compare import compare
from music_engine.ace_step.checkpoint.header import Entry
from music_engine.ace_step.checkpoint.parts import PARTS, PartName, build, needed
from music_engine.ace_step.checkpoint.survey import published_configs
from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.transformer import AceStepTransformer

MANIFESTS = {"transformer": "transformer", "dcae": "dcae", "vocoder": "vocoder", "text_encoder": "umt5_encoder"}
LIVE_PARAMETERS = {
    "transformer": 3_305_659_264 - 629_391_360 - 87_840_512,
    "dcae": 156_812_426,
    "vocoder": 103_005_138,
    "text_encoder": 281_861_376,
}


def spelled(part: str, names: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Weight norm in two tensors, as the published file has it."""
    made = {}
    for name, shape in names.items():
        if weight_normed(part, name):
            made |= {f"{name}_g": (shape[0], 1, 1), f"{name}_v": shape}
        else:
            made[name] = shape
    return made


def entries(names: dict[str, tuple[int, ...]]) -> dict[str, Entry]:
    return {name: Entry("F32", shape, 4 * math.prod(shape)) for name, shape in names.items()}


@pytest.mark.parametrize("size", ["tiny", "published"])
@pytest.mark.parametrize("part", PARTS)
def test_the_real_names_fit_with_nothing_missing_and_nothing_over(part: PartName, size: str) -> None:
    config = TINY[part] if size == "tiny" else published_configs()[part]
    found = compare(PARTS[part], needed(build(part, config, "config")), entries(spelled(part, shapes(part, config))))
    assert found.misfits == ()


@pytest.mark.parametrize("part", PARTS)
def test_the_published_model_has_as_many_live_parameters_as_it_should(part: PartName) -> None:
    module = build(part, published_configs()[part], "config")
    found = sum(math.prod(shape) for shape in spelled(part, needed(module)).values())
    assert found == LIVE_PARAMETERS[part]


@pytest.mark.parametrize("part", PARTS)
def test_names_shapes_and_dtypes_equal_the_manifest(part: PartName, shared: Path) -> None:
    path = shared / "ace-step-v1" / "manifests" / f"manifest_{MANIFESTS[part]}.json"
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    published = {name: tuple(row["shape"]) for name, row in manifest["keys"].items()}
    module = build(part, manifest["config"], "config")
    found = compare(PARTS[part], needed(module), entries(published))
    assert found.misfits == ()
    read = {key for keys in found.plan.values() for key in keys}
    tied = set(manifest.get("tied", {}))
    assert read | set(found.unread) | tied == published.keys()
    assert {str(p.dtype).removeprefix("torch.") for p in module.parameters()} == {
        row["dtype"] for row in manifest["keys"].values()
    }


def test_with_its_training_heads_the_transformer_lacks_only_the_dead_projections(shared: Path) -> None:
    path = shared / "ace-step-v1" / "manifests" / "manifest_transformer.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    with torch.device("meta"):
        module = AceStepTransformer(TransformerConfig.from_mapping(manifest["config"]), with_projectors=True)
    published = {name: tuple(row["shape"]) for name, row in manifest["keys"].items()}
    ours = {name: tuple(p.shape) for name, p in module.named_parameters()}
    dead = {name: shape for name, shape in published.items() if "cross_attn.add_" in name or "to_add_out" in name}
    assert {**ours, **dead} == published
    assert sum(map(math.prod, dead.values())) == 629_391_360


def test_the_single_files_names_are_the_prefixes_and_the_parts_names(shared: Path) -> None:
    path = shared / "ace-step-v1" / "manifests" / "manifest_comfyui_single_file.json"
    mapping: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["mapping"]
    parts = {MANIFESTS[name]: part for name, part in PARTS.items()}
    for name, target in mapping.items():
        component, _, key = target.partition(":")
        if component in parts:
            assert name == parts[component].prefix + key
