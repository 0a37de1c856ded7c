"""Room for weights that are copied or made while loading."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SLAB_BYTES = 1 << 30
SCRATCH_NUMBERS = 2560 * 2560
ALIGNMENT_BYTES = 64


class Slabs:
    """Hands out tensors from gigabyte pieces that come fresh from the kernel; pages nobody writes cost nothing.

    Taken from the heap one by one, between the temporaries of casting and rounding, the weights left holes that nothing
    fitted into: 2.6 GB of int8 weights took 11.8 GB.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._left = torch.empty(0, dtype=torch.uint8, device=device)
        self._scratch = torch.empty(0, device=device)

    def copy(self, tensor: Tensor, dtype: torch.dtype) -> Tensor:
        """The tensor in that precision on the device; itself, uncopied, where it is that already."""
        if tensor.dtype == dtype and tensor.device == self._device:
            return tensor
        return self.empty(tensor.shape, dtype).copy_(tensor)

    def empty(self, shape: torch.Size, dtype: torch.dtype) -> Tensor:
        """Room for a tensor; on a graphics card its own allocator's, which leaves no holes."""
        if self._device.type != "cpu":
            return torch.empty(shape, dtype=dtype, device=self._device)
        size = math.prod(shape) * dtype.itemsize
        if size > len(self._left):
            self._left = torch.empty(max(size, SLAB_BYTES), dtype=torch.uint8)
        taken, rest = self._left[:size], -(-size // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
        self._left = self._left[rest:]
        return taken.view(dtype).view(shape)

    def scratch(self, rows: int, columns: int) -> Tensor:
        """Room for float32 numbers, the same at every call: at most `rows`, as many as are cast at a time."""
        taken = min(rows, max(1, SCRATCH_NUMBERS // columns)) * columns
        if taken > len(self._scratch):
            self._scratch = torch.empty(max(taken, SCRATCH_NUMBERS), device=self._device)
        return self._scratch[:taken].view(-1, columns)
