"""How the transformer's weights are held and multiplied, and loading them so without holding anything twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.device import has_fast_bfloat16
from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.slab import Slabs
from scoring.errors import CheckpointRefused, UnknownChoice

STEPS = 127  # of int8 on either side of zero; symmetric, so that zero stays zero


@dataclass(frozen=True, slots=True)
class Precision:
    """stored: of the matrices. flowing: of everything else, what flows between them included.

    products: of the matrix products; None is `flowing`. fast_bfloat16: use bfloat16 products where they are fast.
    """

    name: str
    stored: torch.dtype
    flowing: torch.dtype = torch.float32
    products: torch.dtype | None = None
    fast_bfloat16: bool = False

    def products_on(self, device: torch.device) -> torch.dtype | None:
        """The precision of the products on that device."""
        return torch.bfloat16 if self.fast_bfloat16 and has_fast_bfloat16(device) else self.products


PRECISIONS: Mapping[str, Precision] = {
    precision.name: precision
    for precision in (
        # Bit for bit the reference's arithmetic; 10.4 GB.
        Precision("float32", torch.float32),
        # Everything in bfloat16, for graphics cards; 5.2 GB.
        Precision("bfloat16", torch.bfloat16, flowing=torch.bfloat16),
        # Matrices held as the published file holds them and widened for each layer: float32's numbers in 5.2 GB.
        Precision("bfloat16-stored", torch.bfloat16),
        # Held and multiplied in bfloat16 with float32 between the products: for CPUs with AMX.
        Precision("bfloat16-mixed", torch.bfloat16, products=torch.bfloat16),
        # One step size a row; 2.6 GB.
        Precision("int8", torch.int8, fast_bfloat16=True),
    )
}


def choose_precision(name: str, device: torch.device) -> Precision:
    """`auto`: bfloat16 on CUDA; on a CPU bfloat16-mixed where that is fast, float32 else; float32 on MPS.

    Raises UnknownChoice.
    """
    if name == "auto":
        fast = "bfloat16" if device.type == "cuda" else "bfloat16-mixed"
        name = fast if has_fast_bfloat16(device) else "float32"
    if name not in PRECISIONS:
        raise UnknownChoice.among("precision", name, [*PRECISIONS, "auto"])
    return PRECISIONS[name]


def load_transformer(
    config: TransformerConfig,
    read: Callable[[str], Tensor],
    precision: Precision = PRECISIONS["float32"],
    device: torch.device | str = "cpu",
    *,
    with_projectors: bool = False,
) -> AceStepTransformer:
    """The transformer, ready to compute, its gradients off.

    read: gives the tensor of a parameter's name, in any float precision; called once for each. A view of a mapped file
    is best: it is kept itself where the precision is right, and else let go once its copy is made.
    Raises CheckpointRefused where a tensor has another shape than the model's.
    """
    device = torch.device(device)
    slabs = Slabs(device)
    if device.type == "cuda" and precision.flowing is torch.bfloat16:
        # For the whole process: the linear attention sums on tensor cores (TF32, ten bits where bfloat16 has seven).
        torch.set_float32_matmul_precision("high")
    with torch.device("meta"):
        model = AceStepTransformer(config, with_projectors=with_projectors)
    for path, module in model.named_modules():
        for leaf, parameter in list(module.named_parameters(recurse=False)):
            key = f"{path}.{leaf}" if path else leaf
            found = read(key)
            if found.shape != parameter.shape:
                raise CheckpointRefused(
                    f"{key} has the shape {list(found.shape)}, expected {list(parameter.shape)}",
                    "Take weights and config.json from the same checkpoint",
                )
            if isinstance(module, Linear) and leaf == "weight":
                store(module, found, precision, slabs)
                module.products = precision.products_on(device)
            else:
                setattr(module, leaf, nn.Parameter(slabs.copy(found, precision.flowing), requires_grad=False))
    return model.eval()


def store(linear: Linear, weight: Tensor, precision: Precision, slabs: Slabs) -> None:
    """Gives a layer its weight in that precision."""
    if precision.stored is torch.int8:
        weight, scale = quantised(weight, slabs)
        linear.scale = slabs.copy(scale, precision.flowing)
    linear.weight = nn.Parameter(slabs.copy(weight, precision.stored), requires_grad=False)


def quantised(weight: Tensor, slabs: Slabs) -> tuple[Tensor, Tensor]:
    """[out, ...] -> int8 of the same shape, and [out] float32: w ~ q step, step = max |w| of the row / 127."""
    found, steps = slabs.empty(weight.shape, torch.int8), slabs.empty(weight.shape[:1], torch.float32)
    rows, out = weight.flatten(1), found.flatten(1)
    wide = slabs.scratch(*rows.shape)
    for start in range(0, len(rows), len(wide)):
        piece = slice(start, start + len(wide))
        part, step = wide[: len(rows[piece])].copy_(rows[piece]), steps[piece]
        torch.linalg.vector_norm(part, math.inf, dim=1, out=step)
        step.div_(STEPS).clamp_min_(torch.finfo(step.dtype).tiny)
        out[piece] = part.div_(step[:, None]).round_()
    return found, steps
