"""The three spellings of the vocoder's weight norm, and the one weight they stand for.

Salimans and Kingma 2016, "Weight normalization": w = g v / |v|, the norm over every axis but the first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, linalg

# Magnitude and direction, as torch wrote them before 2.0 and since.
_SPELLINGS = (("weight_g", "weight_v"), ("parametrizations.weight.original0", "parametrizations.weight.original1"))
_PLAIN = "weight"


def stored_names(name: str, found: Collection[str]) -> tuple[str, ...]:
    """The tensors of a file that make up `name`: itself, or its magnitude and direction.

    found: the file's names. Where the file has neither, `name` itself.
    """
    stem = name.removesuffix(_PLAIN)
    if name not in found and stem != name:
        for magnitude, direction in _SPELLINGS:
            if stem + magnitude in found or stem + direction in found:
                return stem + magnitude, stem + direction
    return (name,)


def stored_shapes(shape: tuple[int, ...], names: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """The shapes that go with `stored_names`, for a weight of that shape."""
    return (shape,) if len(names) == 1 else ((shape[0], *(1 for _ in shape[1:])), shape)


def fused(magnitude: Tensor, direction: Tensor) -> Tensor:
    """magnitude: [C, 1, 1], direction: [C, I, K] -> the weight [C, I, K], float32."""
    wide = direction.float()
    lengths: Tensor = linalg.vector_norm(wide.flatten(1), dim=1).view(magnitude.shape)
    return wide * (
        magnitude.float() / lengths.clamp_min(torch.finfo(torch.float32).tiny)
    )  # a channel of zeros stays so


def fused_weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every weight under its plain name, whatever the spelling; the rest as it is."""
    made = dict(tensors)
    for magnitude, direction in _SPELLINGS:
        for name in [name for name in made if name.endswith("." + magnitude)]:
            stem = name.removesuffix(magnitude)
            made[stem + _PLAIN] = fused(made.pop(name), made.pop(stem + direction))
    return made
