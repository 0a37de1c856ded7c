"""Random weights at full size, one tensor at a time, as quickly as memory is written."""

from __future__ import annotations

import math
import mmap
import zlib
from collections.abc import Callable

import torch
from torch import Tensor

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.transformer import AceStepTransformer

POOL = 1 << 22  # normal numbers drawn once; every tensor starts elsewhere in them


def random_reader(config: TransformerConfig, dtype: torch.dtype) -> Callable[[str], Tensor]:
    """Gives a parameter's tensor by name, as a checkpoint's reader does; the same values whatever the precision.

    Matrices of deviation 1 / sqrt(in), so that nothing dies out or grows; norms of 1; values that bfloat16 holds when
    dtype is bfloat16, as the published file's are.
    """
    pool = torch.randn(POOL, generator=torch.Generator().manual_seed(0))
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in AceStepTransformer(config).named_parameters()}

    scaled = torch.empty(POOL)

    def read(name: str) -> Tensor:
        shape = shapes[name]
        if len(shape) == 1 and name.endswith("weight"):
            return torch.ones(shape, dtype=dtype)
        # Pages of its own, given back when the tensor is let go: a mapped file's tensors leave no holes in the heap.
        out = torch.frombuffer(mmap.mmap(-1, shape.numel() * dtype.itemsize), dtype=dtype)
        scale = 1 / math.sqrt(math.prod(shape[1:]) if len(shape) > 1 else 100 * shape[0])
        start = zlib.crc32(name.encode()) % POOL
        torch.mul(pool[start:], scale, out=scaled[: POOL - start])
        torch.mul(pool[:start], scale, out=scaled[POOL - start :])
        for piece in out.split(POOL):
            piece.copy_(scaled[: piece.numel()])
        return out.view(shape)

    return read
