"""What the music is asked to be, encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Condition:
    """An encoded condition.

    states: [B, S, D] over [speaker | text | lyrics], S = 1 + S_txt + S_lyr; mask: [B, S], 0 or 1.
    """

    states: Tensor
    mask: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Condition]) -> Condition:
        """One condition over all the parts' items, in order: several variants in one pass. S must be equal."""
        return cls(torch.cat([part.states for part in parts]), torch.cat([part.mask for part in parts]))


@dataclass(frozen=True, slots=True)
class RememberedCondition:
    """A condition's cross-attention keys and values, made once and used at every step.

    keys, values: one [B, H, S, d] per block, positions already on the keys. mask: [B, S], 0 or 1.
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    mask: Tensor

    @classmethod
    def joined(cls, parts: Sequence[RememberedCondition]) -> RememberedCondition:
        """One condition over all the parts' items, in order: several variants in one pass. S must be equal."""
        return cls(
            tuple(torch.cat(layer) for layer in zip(*(part.keys for part in parts), strict=True)),
            tuple(torch.cat(layer) for layer in zip(*(part.values for part in parts), strict=True)),
            torch.cat([part.mask for part in parts]),
        )

    def first(self, items: int) -> RememberedCondition:
        """The first items of the batch, without copying: the conditional half where nothing is guided."""
        return RememberedCondition(
            tuple(layer[:items] for layer in self.keys),
            tuple(layer[:items] for layer in self.values),
            self.mask[:items],
        )
