"""Seeds that follow from the film's."""

from __future__ import annotations

import hashlib


def cue_seed(film_seed: int, cue_id: str) -> int:
    """A cue's own seed, 0..2³²−1: the same film seed and id always give the same, neighbours have nothing in common."""
    return int.from_bytes(hashlib.sha256(f"{film_seed}:{cue_id}".encode("utf-8", "surrogatepass")).digest()[:4])
