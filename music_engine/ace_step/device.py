"""The one place that chooses where the engine computes.

MPS (Apple's graphics) is offered and has never been run by this project. What it lacks of what the engine does stands
in LACKING_ON_MPS, from reports of others.
"""

from __future__ import annotations

import torch

from scoring.errors import EngineUnavailable, UnknownChoice

AUTO = "auto"
DEVICES = ("cuda", "mps", "cpu")
# What MPS cannot do, as torch's issue tracker tells it, and what is done instead.
LACKING_ON_MPS = {
    "float64": "the noise schedule is made on the CPU, the guidance's projection is float32",
    "convolutions over more than 65,536 places": "the codec, whose vocoder makes 512 samples a frame, stays on the CPU",
}


def choose_device(name: str = AUTO) -> torch.device:
    """`auto` takes CUDA, then MPS (Apple's; never run by this project), then the CPU. "cuda:1" works too.

    Raises UnknownChoice for another name, EngineUnavailable for a device this machine does not have.
    """
    if name == AUTO:
        return torch.device(next(kind for kind in DEVICES if _has(kind)))
    kind = name.partition(":")[0]
    if kind not in DEVICES:
        raise UnknownChoice.among("device", name, [*DEVICES, AUTO])
    if not _has(kind):
        raise EngineUnavailable(f"this machine has no device {name}", "Use --device auto, or cpu")
    return torch.device(name)


def codec_device(device: torch.device) -> torch.device:
    """Where the codec computes when the transformer computes on `device`: there too, but for MPS (LACKING_ON_MPS)."""
    return torch.device("cpu") if device.type == "mps" else device


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are faster than in float32 there.

    On CPUs: only with AMX tiles. Without them bfloat16 was measured seven times slower than float32.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported())


def _has(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()
