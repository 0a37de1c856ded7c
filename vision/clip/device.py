"""Where an encoder computes, how precisely, with how many pictures at once and how many threads.

MPS (Apple's graphics) is offered and has never been run by this project.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scoring.errors import EngineUnavailable, UnknownChoice

if TYPE_CHECKING:
    import torch

AUTO = "auto"
DEVICES = ("cuda", "mps", "cpu")
PRECISIONS = ("float32", "float16", "bfloat16")
# CLIP was published with its weights in float16; bfloat16 has three bits fewer for numbers that need no wider range.
_USUAL_PRECISION = {"cuda": "float16", "mps": "float32", "cpu": "float32"}
# On two cores ViT-B-32 encoded 7 pictures a second one by one, 15 in sixteens, and no more in thirty-twos.
_BATCH = {"cuda": 64, "mps": 16, "cpu": 16}
_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # what a container may use: microseconds of processor per period, or "max"


def choose_device(name: str = AUTO) -> torch.device:
    """`auto` takes CUDA, then MPS, then the processor. "cuda:1" works too.

    Raises UnknownChoice for another name, EngineUnavailable for a device this machine does not have.
    """
    import torch

    if name == AUTO:
        return torch.device(next(kind for kind in DEVICES if _has(kind)))
    kind = name.partition(":")[0]
    if kind not in DEVICES:
        raise UnknownChoice.among("device", name, [*DEVICES, AUTO])
    if not _has(kind):
        raise EngineUnavailable(f"this machine has no device {name}", "Use device auto, or cpu")
    return torch.device(name)


def choose_precision(device: torch.device, asked: str | None) -> torch.dtype:
    """Of the picture encoder; words are always encoded in float32. Raises UnknownChoice."""
    import torch

    name = asked or _USUAL_PRECISION[device.type]
    if name not in PRECISIONS:
        raise UnknownChoice.among("precision", name, list(PRECISIONS))
    chosen: torch.dtype = getattr(torch, name)
    return chosen


def batch_of(device: torch.device) -> int:
    """Pictures at once."""
    return _BATCH[device.type]


@contextmanager
def right_threads() -> Iterator[None]:
    """No more threads than this process may run at once, which a container's share limits and torch does not see."""
    import torch

    before = torch.get_num_threads()
    most = _cores()
    if before <= most:
        yield
        return
    torch.set_num_threads(most)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cores() -> int:
    """Processors this process may use, at least one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota() or allowed))


def _quota(path: Path = _QUOTA) -> int | None:
    """Whole processors of the container's share, None where there is no limit."""
    try:
        quota, period = path.read_text("ascii").split()
        return None if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _has(kind: str) -> bool:
    import torch

    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()
