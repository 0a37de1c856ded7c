"""Requests to compose, with everything but the interesting field filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scoring.cue_sheet import HitPoint, Metre
from scoring.key import Key
from scoring.request import CueRequest

Ask = Callable[..., CueRequest]

_PLAIN = CueRequest(
    cue_id="1m1",
    style="cinematic",
    prompt="",
    mood="calm",
    duration_s=16.0,
    bpm=120.0,
    key=Key.parse("D minor"),
    metre=Metre(4, 4),
    first_downbeat_s=0.0,
    valence=0.0,
    arousal=0.0,
    tension=0.2,
    intensity=((0.0, 0.5),),
    hit_points=(),
    ending="end",
    seed=1,
    film_seed=7,
    is_first=True,
    is_last=True,
)


@pytest.fixture(scope="session")
def ask() -> Ask:
    """A request with the fields given, the rest plain; hits as (time_s, weight)."""

    def make(*, hits: tuple[tuple[float, float], ...] = (), key: str = "D minor", **fields: object) -> CueRequest:
        points = tuple(HitPoint(time_s, weight, 80.0, "manual") for time_s, weight in hits)
        return replace(_PLAIN, key=Key.parse(key), hit_points=points, **fields)  # type: ignore[arg-type]

    return make
