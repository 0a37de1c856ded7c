"""Low-rank adapters (LoRA, Hu et al. 2021) beside the transformer's weights.

The weights are never written, so unloading gives back the very same numbers, in every precision.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from music_engine.ace_step.compat import Compat
from music_engine.ace_step.dit.linear import Adapter, Linear
from music_engine.ace_step.dit.transformer import AceStepTransformer
from scoring.errors import CheckpointRefused

FILE_NAME = "pytorch_lora_weights.safetensors"
METADATA = "lora_adapter_metadata"
DOWN, UP = ".lora_A.weight", ".lora_B.weight"
ADVICE = "Use a LoRA made for ACE-Step v1, with keys such as transformer_blocks.0.attn.to_q.lora_A.weight"


@dataclass(frozen=True, slots=True)
class LoadedLora:
    """An adapter in place. path: its file; weight: the strength asked for; adapters: what each layer it changes got."""

    path: Path
    weight: float
    adapters: Mapping[Linear, Adapter]

    def unload(self) -> None:
        """Takes it away. What has taken its place since stays."""
        for layer, adapter in self.adapters.items():
            if layer.adapter is adapter:
                layer.adapter = None


def load_lora(model: AceStepTransformer, path: Path, *, weight: float = 1.0, compat: Compat = "fixed") -> LoadedLora:
    """Puts an adapter beside the weights: W + weight s B A. One at a time: it takes the place of the one before.

    path: the file, or a folder with pytorch_lora_weights.safetensors. compat "reference": s = 1, alpha taken as the
    rank, as the reference's loader does. "fixed": s as it was trained, alpha / sqrt(rank) with rslora (Kalajdzievski
    2023) or alpha / rank, where the file's header says so; s = 1 where it does not.
    Raises CheckpointRefused for a file that is no adapter of this model, with the names; what was loaded then stays.
    """
    file = path / FILE_NAME if path.is_dir() else path
    tensors, metadata = _read(file)
    pairs = _pairs(file, tensors)
    layers = _layers(model, file, pairs)
    adapters: dict[Linear, Adapter] = {}
    for name, (down, up) in pairs.items():
        strength = weight * (1.0 if compat == "reference" else trained_scale(metadata, name, down.shape[0]))
        up = up.float() * strength
        adapters[layers[name]] = Adapter(*(half.flatten(1).to(model.device, model.dtype) for half in (down, up)))
    unload_lora(model)
    for layer, adapter in adapters.items():
        layer.adapter = adapter
    return LoadedLora(file, weight, adapters)


def unload_lora(model: AceStepTransformer) -> None:
    """Takes away the adapter there is, if any."""
    for module in model.modules():
        if isinstance(module, Linear):
            module.adapter = None


def trained_scale(metadata: Mapping[str, Any], name: str, rank: int) -> float:
    """What training multiplied B A with. metadata: the header's table, empty where there is none; name: the layer's."""
    alpha = metadata.get("lora_alpha")
    for pattern, own in (metadata.get("alpha_pattern") or {}).items():
        if re.fullmatch(rf"(.*\.)?({pattern})", name):  # as peft, which wrote it, reads it
            alpha = own
    if alpha is None:
        return 1.0
    return float(alpha) / (math.sqrt(rank) if metadata.get("use_rslora") else rank)


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not file.is_file():
        raise CheckpointRefused(
            f"there is no LoRA file {file}", f"Give a .safetensors file, or a folder with {FILE_NAME}"
        )
    try:
        with safe_open(file, framework="pt") as opened:
            header = opened.metadata() or {}
            tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118 - it is no mapping
    except SafetensorError as error:
        raise CheckpointRefused(f"{file} is not a whole safetensors file: {error}", ADVICE) from error
    metadata: Any = {}
    if METADATA in header:
        with suppress(ValueError):
            metadata = json.loads(header[METADATA])
        if not isinstance(metadata, dict) or not metadata:
            raise CheckpointRefused(f"{file}: {METADATA} in its header is no JSON object", ADVICE)
    return tensors, metadata


def _pairs(file: Path, tensors: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """Layer name -> its two factors. Refuses any other key, and a factor without its mate."""
    strange = [key for key in tensors if not key.endswith((DOWN, UP))]
    if strange or not tensors:
        raise CheckpointRefused(f"{file} has {_listed(strange) or 'no tensors'}, which no LoRA has", ADVICE)
    names = sorted({key.removesuffix(DOWN).removesuffix(UP) for key in tensors})
    alone = [key for name in names for key in (name + DOWN, name + UP) if key not in tensors]
    if alone:
        raise CheckpointRefused(f"{file} lacks {_listed(alone)}", ADVICE)
    broken = [key for key, tensor in tensors.items() if not tensor.isfinite().all()]
    if broken:
        raise CheckpointRefused(f"{file}: {_listed(broken)} holds values that are not finite", ADVICE)
    return {name: (tensors[name + DOWN], tensors[name + UP]) for name in names}


def _layers(model: AceStepTransformer, file: Path, pairs: Mapping[str, tuple[Tensor, Tensor]]) -> dict[str, Linear]:
    """Every name's layer. Refuses names the transformer does not have, and shapes that do not fit."""
    layers = {name: module for name, module in model.named_modules() if isinstance(module, Linear)}
    strange = [name for name in pairs if name not in layers]
    if strange:
        raise CheckpointRefused(f"{file} changes {_listed(strange)}, which this transformer does not have", ADVICE)
    for name, (down, up) in pairs.items():
        out, width = layers[name].weight.flatten(1).shape
        (rank, found_width), (found_out, found_rank) = down.flatten(1).shape, up.flatten(1).shape
        if (found_out, found_rank, found_width) != (out, rank, width):
            found = f"{list(down.shape)} and {list(up.shape)}"
            wanted = f"[rank, {width}] and [{out}, rank]"
            raise CheckpointRefused(f"{file}: the factors of {name} are {found}, expected {wanted}", ADVICE)
    return layers


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
