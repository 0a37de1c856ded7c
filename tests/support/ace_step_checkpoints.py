"""Tiny random ACE-Step v1 checkpoints in the real layouts, under the real names.

tiny_checkpoint(folder)                                 the four sub-folders, float32
tiny_checkpoint(folder, layout="comfyui")               the single file, its configuration in the header
tiny_checkpoint(folder, dtypes=MIXED)                   bfloat16 but for the text encoder, as published
tiny_checkpoint(folder, weight_norm="parametrizations") another spelling of the vocoder's weight norm
broken_checkpoint(folder, "truncated")                  one that must be refused, and a word the refusal has
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import torch
from ace_step_prompts import sentencepiece_model, write_tokenizer
from ace_step_shapes import TINY, shapes, weight_normed
from safetensors.torch import load_file, save_file
from torch import Tensor

Layout = Literal["folder", "comfyui"]
WeightNorm = Literal["weight_g", "parametrizations", "fused"]

FILES = {
    "transformer": "ace_step_transformer/diffusion_pytorch_model.safetensors",
    "dcae": "music_dcae_f8c8/diffusion_pytorch_model.safetensors",
    "vocoder": "music_vocoder/diffusion_pytorch_model.safetensors",
    "text_encoder": "umt5-base/model.safetensors",
}
COMFYUI_PREFIXES = {
    "transformer": "model.diffusion_model.",
    "dcae": "vae.dcae.",
    "vocoder": "vae.vocoder.",
    "text_encoder": "text_encoders.umt5base.transformer.",
}
COMFYUI_FILE = "ace_step_v1_3.5b.safetensors"
FLOAT32 = dict.fromkeys(FILES, torch.float32)
MIXED = {**dict.fromkeys(FILES, torch.bfloat16), "text_encoder": torch.float32}
DEAD = ("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out", "projectors.", "mel_transform.")


def tiny_checkpoint(
    folder: Path,
    *,
    seed: int = 0,
    layout: Layout = "folder",
    dtypes: Mapping[str, torch.dtype] = FLOAT32,
    weight_norm: WeightNorm = "weight_g",
    dead: bool = True,
    configs: Mapping[str, Mapping[str, Any]] = TINY,
) -> Path:
    """Write one. The folder, or the single file in it, which `open_checkpoint` takes.

    dead: also the tensors that nothing reads. The same seed gives the same values in every layout and spelling.
    """
    parts = {
        part: tiny_tensors(part, configs[part], seed=seed, dtype=dtypes[part], weight_norm=weight_norm, dead=dead)
        for part in FILES
    }
    folder.mkdir(parents=True, exist_ok=True)
    if layout == "comfyui":
        return _write_comfyui(folder / COMFYUI_FILE, parts, configs)
    for part, name in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(parts[part], path, metadata={"format": "pt"})
        (path.parent / "config.json").write_text(json.dumps(configs[part], indent=1), encoding="utf-8")
    write_tokenizer(folder / "umt5-base" / "tokenizer.json")
    return folder


def tiny_tensors(
    part: str,
    config: Mapping[str, Any],
    *,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    weight_norm: WeightNorm = "weight_g",
    dead: bool = True,
) -> dict[str, Tensor]:
    """Random tensors of one part, scaled so that signals keep their size through the layers."""
    generator = torch.Generator().manual_seed(seed)
    found: dict[str, Tensor] = {}
    for name, shape in shapes(part, config).items():
        value = _random(name, shape, generator)
        if not dead and any(mark in name for mark in DEAD):
            continue
        named = _spelled(name, value, weight_norm) if weight_normed(part, name) else {name: value}
        found |= {key: tensor.to(dtype) for key, tensor in named.items()}
    return found


def _random(name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    noise = torch.randn(shape, generator=generator)
    if name.endswith("relative_attention_bias.weight") or ".pos_bias_" in name:
        return 0.3 * noise
    if name.endswith("gamma"):
        return 0.3 + 0.1 * noise
    if len(shape) == 1:
        return 0.05 * noise if name.endswith("bias") else 1.0 + 0.1 * noise
    if name == "shared.weight":
        return noise
    fan_in = shape[0] * 2 if ".ups." in name else prod(shape[1:])  # a transposed convolution's inputs come first
    return noise / fan_in**0.5


def _spelled(name: str, weight: Tensor, weight_norm: WeightNorm) -> dict[str, Tensor]:
    if weight_norm == "fused":
        return {name: weight}
    magnitude = weight.flatten(1).norm(dim=1).view(-1, 1, 1)
    direction = 1.7 * weight  # any length: only the direction counts
    stem = name.removesuffix("weight")
    if weight_norm == "weight_g":
        return {f"{stem}weight_g": magnitude, f"{stem}weight_v": direction}
    return {
        f"{stem}parametrizations.weight.original0": magnitude,
        f"{stem}parametrizations.weight.original1": direction,
    }


def _write_comfyui(
    path: Path, parts: Mapping[str, Mapping[str, Tensor]], configs: Mapping[str, Mapping[str, Any]]
) -> Path:
    tensors = {
        f"{COMFYUI_PREFIXES[part]}{name}": value for part, found in parts.items() for name, value in found.items()
    }
    tensors["text_encoders.umt5base.logit_scale"] = torch.tensor(4.6)
    tensors["text_encoders.spiece_model"] = torch.frombuffer(bytearray(sentencepiece_model()), dtype=torch.uint8)
    metadata = {f"cuesmith.config.{part}": json.dumps(config) for part, config in configs.items()}
    save_file(tensors, path, metadata={"format": "pt", **metadata})
    return path


def broken_checkpoint(folder: Path, fault: str) -> Path:
    """Write one with a fault that FAULTS names, otherwise sound; it must be refused. What to open."""
    path = tiny_checkpoint(folder)
    return FAULTS[fault].spoil(path) or path


@dataclass(frozen=True, slots=True)
class Fault:
    """spoil: breaks a sound folder, and says what to open when it is not the folder. words: in the refusal.

    only_in_values: only reading the values shows it, headers do not.
    """

    spoil: Callable[[Path], Path | None]
    words: tuple[str, ...]
    only_in_values: bool = False


def _edit(part: str, change: Callable[[dict[str, Tensor]], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        tensors = {name: tensor.clone() for name, tensor in load_file(folder / FILES[part]).items()}
        change(tensors)
        save_file(tensors, folder / FILES[part])

    return spoil


def _reconfigure(part: str, **changes: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        config = (folder / FILES[part]).parent / "config.json"
        config.write_text(json.dumps({**json.loads(config.read_text("utf-8")), **changes}), encoding="utf-8")

    return spoil


def _set_first(name: str, value: float) -> Callable[[dict[str, Tensor]], object]:
    return lambda tensors: tensors[name].view(-1)[:1].fill_(value)


def _truncate(folder: Path) -> None:
    path = folder / FILES["dcae"]
    path.write_bytes(path.read_bytes()[:-1000])


def _lengthen(folder: Path) -> None:
    path = folder / FILES["dcae"]
    path.write_bytes(path.read_bytes() + b"more")


def _pickle(folder: Path) -> None:
    path = folder / FILES["transformer"]
    torch.save({"a": torch.zeros(2)}, path.with_suffix(".bin"))
    path.unlink()


def _disguise(folder: Path) -> None:
    torch.save({"a": torch.zeros(2)}, folder / FILES["vocoder"])


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return spoil


def _unlink(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _lora(folder: Path) -> Path:
    path = folder / "pytorch_lora_weights.safetensors"
    factors = {"lora_A": torch.zeros(2, 32), "lora_B": torch.zeros(32, 2)}
    save_file({f"transformer_blocks.0.attn.to_q.{name}.weight": factor for name, factor in factors.items()}, path)
    return path


def _other_model(folder: Path) -> Path:
    path = folder / "other.safetensors"
    save_file({"unet.conv.weight": torch.zeros(2)}, path)
    return path


def _empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


_Q = "transformer_blocks.3.attn.to_q.weight"
_PRE = "head.conv_pre.weight_v"
FAULTS: dict[str, Fault] = {
    "a missing tensor": Fault(_edit("transformer", lambda t: t.pop(_Q)), (_Q, "nothing", "[32, 32]")),
    "half a weight norm": Fault(_edit("vocoder", lambda t: t.pop(_PRE)), (_PRE, "nothing", "[32, 16, 13]")),
    "an extra tensor": Fault(
        _edit("dcae", lambda t: t.update({"encoder.more": torch.zeros(3)})), ("encoder.more", "F32 [3]", "no such")
    ),
    "a wrong shape": Fault(
        _edit("text_encoder", lambda t: t.update({"shared.weight": torch.zeros(512, 25)})),
        ("shared.weight", "[512, 25]", "[512, 24]"),
    ),
    "a dtype that is not floating": Fault(
        _edit("transformer", lambda t: t.update({_Q: torch.zeros(32, 32, dtype=torch.int8)})), (_Q, "I8", "BF16")
    ),
    "NaN": Fault(_edit("transformer", _set_first(_Q, float("nan"))), (_Q, "NaN", "finite"), only_in_values=True),
    "infinity": Fault(
        _edit("vocoder", _set_first(_PRE, float("-inf"))), (_PRE, "infinity", "finite"), only_in_values=True
    ),
    "truncated": Fault(_truncate, (FILES["dcae"], "truncated", "expected")),
    "bytes too many": Fault(_lengthen, (FILES["dcae"], "4 bytes", "none")),
    "pickled": Fault(_pickle, ("diffusion_pytorch_model.bin", "pickled", ".safetensors")),
    "pickled under another name": Fault(_disguise, (FILES["vocoder"], "pickled", ".safetensors")),
    "a web page": Fault(_write(FILES["dcae"], b"<!DOCTYPE html><html>"), ("web page",)),
    "a Git LFS pointer": Fault(_write(FILES["dcae"], b"version https://git-lfs.github.com/spec/v1\n"), ("git lfs",)),
    "an empty file": Fault(_write(FILES["dcae"], b""), (FILES["dcae"], "0 bytes")),
    "a missing file": Fault(_unlink(FILES["vocoder"]), (FILES["vocoder"], "missing")),
    "no tokenizer": Fault(_unlink("umt5-base/tokenizer.json"), ("tokenizer",)),
    "no config": Fault(_unlink("music_vocoder/config.json"), ("music_vocoder/config.json",)),
    "a config that is not JSON": Fault(_write("music_vocoder/config.json", b"{"), ("music_vocoder", "JSON")),
    "a config of another size": Fault(
        _reconfigure("vocoder", num_mels=12, dims=[8, 12, 12, 12]),
        ("channel_layers.3.1.weight", "[16, 12, 1]", "[12, 12, 1]"),
    ),
    "a config of absurd width": Fault(
        _reconfigure("transformer", num_attention_heads=10**12), ("num_attention_heads", "1000000000000")
    ),
    "a config of absurd depth": Fault(_reconfigure("transformer", num_layers=100_000), ("num_layers", "100000")),
    "parts of two checkpoints": Fault(_reconfigure("transformer", text_embedding_dim=25), ("text_embedding_dim", "25")),
    "a LoRA": Fault(_lora, ("LoRA", "2 tensors")),
    "another model": Fault(_other_model, ("another model", "unet.conv.weight")),
    "one part alone": Fault(lambda folder: folder / FILES["vocoder"], ("the vocoder alone",)),
    "an empty folder": Fault(_empty, ("is empty",)),
    "nothing": Fault(lambda folder: folder / "none", ("there is nothing",)),
    "the folder above": Fault(lambda folder: folder.parent, ("in it has",)),
}
