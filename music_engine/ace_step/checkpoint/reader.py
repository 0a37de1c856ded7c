"""A part's tensors, one at a time, memory-mapped and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from music_engine.ace_step.checkpoint.compare import Misfit
from music_engine.ace_step.checkpoint.survey import Source
from music_engine.ace_step.checkpoint.weight_norm import fused
from scoring.errors import CheckpointRefused

_KEPT_BYTES = 512 << 20


class TensorReader:
    """Call it with a needed name for that tensor, as stored: a view of the mapped file, which costs memory only while
    the machine has some to spare. Weight norm comes fused, in float32.

    plan: each needed name and the file's names that make it up. Raises CheckpointRefused for NaN and infinity.
    """

    def __init__(self, source: Source, plan: Mapping[str, tuple[str, ...]]) -> None:
        self._path = source.header.path
        self._prefix = source.prefix
        self._plan = plan
        self._file: Any = open_tensors(self._path)
        self._read_bytes = 0

    def __call__(self, name: str) -> Tensor:
        """name: one of `names`."""
        stored = [self._read(key) for key in self._plan[name]]
        return stored[0] if len(stored) == 1 else fused(*stored)

    def names(self) -> tuple[str, ...]:
        """What it can be asked for."""
        return tuple(self._plan)

    def _read(self, key: str) -> Tensor:
        if self._read_bytes > _KEPT_BYTES:
            # Pages of a mapping count as resident until it is closed. A view still in use keeps its own mapping alive.
            self._file, self._read_bytes = open_tensors(self._path), 0
        tensor: Tensor = self._file.get_tensor(self._prefix + key)
        self._read_bytes += tensor.nbytes
        misfit = unsound(key, tensor)
        if misfit is not None:
            raise CheckpointRefused(f"{self._path}: {misfit}", "Download the file again")
        return tensor


def open_tensors(path: Path) -> Any:
    """The file, mapped. Raises CheckpointRefused."""
    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise CheckpointRefused(f"{path} cannot be read: {error}", "Download the file again") from error


def unsound(key: str, tensor: Tensor) -> Misfit | None:
    """What is wrong with a tensor's values: NaN or infinity. One pass over them, at the speed of memory."""
    if tensor.numel() == 0:
        return None
    low, high = torch.aminmax(tensor)  # NaN anywhere makes both NaN
    if bool(torch.isfinite(low)) and bool(torch.isfinite(high)):
        return None
    bad = int((~torch.isfinite(tensor)).sum())
    kind = "NaN" if bool(torch.isnan(low)) else "infinity"
    return Misfit("values", key, f"{bad} of {tensor.numel()} numbers {kind}", "finite numbers")
