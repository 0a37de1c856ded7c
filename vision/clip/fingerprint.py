"""Tells weights from others of the same shape, quickly and exactly, on every machine alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_DIGITS = 16


def fingerprint_of(tensors: Mapping[str, Tensor]) -> str:
    """A short hash of names, shapes, types and of the sum of every tensor's bits read as whole numbers.

    Whole numbers add up to the same in any order, so neither threads nor machines matter. It tells checkpoints apart;
    it is no guard against somebody who wants to deceive, which the files' own hashes are.
    """
    import torch

    whole = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    found = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        total = int(tensor.detach().contiguous().view(whole[tensor.element_size()]).sum(dtype=torch.int64))
        found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype} {total}\n".encode())
    return found.hexdigest()[:_DIGITS]
