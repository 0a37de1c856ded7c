"""Seeds that follow from the film's."""

from __future__ import annotations

import hashlib


def cue_seed(film_seed: int, cue_id: str) -> int:
    """A cue's own seed, 0..2³²−1: the same film seed and id always give the same, neighbours have nothing in common."""
    return _derived(film_seed, cue_id)


def take_seed(film_seed: int, number: int) -> int:
    """The film seed of one of several takes, 0..2³²−1: take 1 has the film's own, each other a seed like no other's."""
    return film_seed if number == 1 else _derived(film_seed, f"take {number}")


def again_seed(seed: int, number: int) -> int:
    """The seed of a cue that is composed again, 0..2³²−1. number: which time, from 1."""
    return _derived(seed, f"again {number}")


def _derived(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()[:4])
