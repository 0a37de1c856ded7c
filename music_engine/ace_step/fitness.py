"""Whether this machine can run a checkpoint, how fast, and whether it fits its memory; nothing is loaded for that."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from music_engine.ace_step.checkpoint.survey import Survey, survey
from music_engine.ace_step.choices import settings_of
from music_engine.ace_step.codec.duration import SAMPLE_RATE_HZ, SAMPLES_PER_LATENT
from music_engine.ace_step.places import find_checkpoint
from music_engine.options import AUTO, EngineOptions

# Sustained floating-point operations a second. A CPU core: the reference's 140e9 on two (ACE-Step v1 reference).
# CUDA and MPS: cautious guesses for cards that have the memory, for nobody has measured every card.
_CORE_FLOPS = 70e9
_DEVICE_FLOPS = {"cuda": 30e12, "mps": 2e12}
_BESIDE_WEIGHTS_BYTES = 2.6e9  # libraries, codec, what flows: a whole run at full size took 7.7 GB, its weights 5.2


@dataclass(frozen=True, slots=True)
class Fitness:
    """description: what would be used, for people. pace: seconds of work for a second of music, as predicted.

    too_large: why it does not fit the memory, "" where it does.
    """

    description: str
    pace: float
    too_large: str


def look(options: EngineOptions) -> Fitness:
    """Raises EngineUnavailable, CheckpointRefused or UnknownChoice where it cannot start at all."""
    settings = settings_of(options)
    path = find_checkpoint(options.checkpoint)
    found = survey(path)
    refusal = found.refusal()
    if refusal is not None:
        raise refusal
    # Only now, with weights there to be used, is it worth loading torch.
    from music_engine.ace_step.device import choose_device
    from music_engine.ace_step.precision import choose_precision

    device = choose_device(options.device or AUTO)
    precision = choose_precision(options.precision or AUTO, device)
    parameters = _live_parameters(found)
    passes = settings.planned_steps * (1.0 + settings.guidance_interval * settings.is_guided)
    flops = 2.0 * parameters * SAMPLE_RATE_HZ / SAMPLES_PER_LATENT * passes  # for a second of music
    rate = _DEVICE_FLOPS.get(device.type, _CORE_FLOPS * (os.cpu_count() or 1))
    needed_bytes = parameters * precision.stored.itemsize + _BESIDE_WEIGHTS_BYTES
    free_bytes = _free_bytes(device.type)
    too_large = ""
    if free_bytes is not None and needed_bytes > free_bytes:
        too_large = f"it needs {needed_bytes / 1e9:.1f} GB of memory and {free_bytes / 1e9:.1f} are free"
    return Fitness(f"{path}, {precision.name} on {device.type}", flops / rate, too_large)


def try_opening(options: EngineOptions) -> None:
    """Compare every tensor's name and shape. Raises CheckpointRefused."""
    from music_engine.ace_step.checkpoint.checkpoint import open_checkpoint

    open_checkpoint(find_checkpoint(options.checkpoint))


def _live_parameters(found: Survey) -> int:
    """Numbers of the transformer that anything is computed with."""
    source = found.sources["transformer"]
    entries = source.entries().items()
    return sum(entry.parameters for name, entry in entries if not source.part.unread.fullmatch(name))


def _free_bytes(device: str) -> int | None:
    """Memory that can still be had; None where the system does not say."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    table = Path("/proc/meminfo")
    if not table.is_file():
        return None
    line = next(line for line in table.read_text(encoding="ascii").splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024
