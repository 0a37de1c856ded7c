"""A matrix product whose weight may be stored, and multiplied, in another precision than what flows through it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

CAST_ROWS = 2560  # cast at once: 26 MB of float32, below the size from which malloc asks the kernel for fresh pages
WHOLE = slice(None)


class Adapter(nn.Module):
    """A low-rank change of a weight (LoRA, Hu et al. 2021): W + up down.

    down: [r, in]; up: [out, r], the strength within it. They move with the layer, and its state does not list them.
    """

    down: Tensor
    up: Tensor

    def __init__(self, down: Tensor, up: Tensor) -> None:
        super().__init__()
        self.register_buffer("down", down, persistent=False)
        self.register_buffer("up", up, persistent=False)

    def forward(self, x: Tensor, rows: slice, columns: slice) -> Tensor:
        """What is added to these outputs, of these inputs."""
        return functional.linear(functional.linear(x, self.down[:, columns]), self.up[rows])


class Linear(nn.Module):
    """y = x W^T + b over the last axis, x: [..., in], y: [..., out].

    shape: of the stored weight, [out, in] or [out, in, 1 ...]: 1x1 convolutions and the patch convolution keep the
    checkpoint's shape and are computed as the matrix products they are.

    weight: float32, bfloat16, or int8 with `scale` [out], the size of one step of each row. products: the precision of
    the product; None is x's own. A weight in another precision is cast for the call and dropped again, so that only
    one layer at a time is held twice. adapter: added beside the weight, which it never touches.
    """

    def __init__(self, *shape: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(shape[0])) if bias else None
        self.scale: Tensor | None
        self.register_buffer("scale", None, persistent=False)
        self.products: torch.dtype | None = None
        self.adapter: Adapter | None = None
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, rows: slice = WHOLE, columns: slice = WHOLE) -> Tensor:
        """rows: only these outputs. columns: x has only these inputs; the bias is then the caller's."""
        weight = self.weight.flatten(1)[rows, columns]
        scale = None if self.scale is None else self.scale[rows]
        bias = self.bias[rows] if self.bias is not None and columns == WHOLE else None
        if weight.dtype in (x.dtype, self.products) or weight.shape[0] <= CAST_ROWS:
            y = self._product(x, weight, scale, bias)
        else:
            pieces = [slice(start, start + CAST_ROWS) for start in range(0, weight.shape[0], CAST_ROWS)]
            y = torch.cat([self._product(x, weight[p], _part(scale, p), _part(bias, p)) for p in pieces], dim=-1)
        if self.adapter is not None:
            y = y + self.adapter(x, rows, columns)
        return y

    def _product(self, x: Tensor, weight: Tensor, scale: Tensor | None, bias: Tensor | None) -> Tensor:
        kind = self.products or x.dtype
        if scale is None:
            return functional.linear(x.to(kind), weight.to(kind), _cast(bias, kind)).to(x.dtype)
        # The step is one number a row, so it goes on the result and the weight is only widened.
        y = functional.linear(x.to(kind), weight.to(kind)).to(x.dtype)
        return y.mul_(scale) if bias is None else torch.addcmul(bias, y, scale)


def _part(tensor: Tensor | None, rows: slice) -> Tensor | None:
    return None if tensor is None else tensor[rows]


def _cast(tensor: Tensor | None, dtype: torch.dtype) -> Tensor | None:
    return None if tensor is None else tensor.to(dtype)
