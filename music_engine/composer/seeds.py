"""Where chance comes from: one generator per purpose, so that changing one player leaves the others alone."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Seeds:
    """film: the same for every cue of a film. cue: this cue's own."""

    film: int
    cue: int

    def for_film(self, purpose: str) -> np.random.Generator:
        """The same draws in every cue of the film: its theme, its palette."""
        return np.random.default_rng([self.film & _MASK, zlib.crc32(purpose.encode())])

    def for_cue(self, purpose: str) -> np.random.Generator:
        """Draws that belong to this cue."""
        return np.random.default_rng([self.film & _MASK, self.cue & _MASK, zlib.crc32(purpose.encode())])
