"""Music that does not follow its film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from faults.base import Base, Sound, Spoilt, blocks, energy, meter
from faults.fault import Fault, yes_no
from pipeline.card.evidence import Evidence
from pipeline.card.following import following_rows
from pipeline.card.row import Row
from pipeline.card.tracking import track_of
from scoring.timebase import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Music:
    """A film's evidence, and the music made for it, before any gain."""

    name: str
    evidence: Evidence
    laid: Sound


def with_score_of(film: Music, laid: Sound) -> Evidence:
    """A film's evidence with other music under it, before ducking, from its beginning again where it is too short."""
    levels, plan = film.evidence.levels, film.evidence.plan
    assert levels is not None
    assert plan is not None
    n = film.laid.shape[1]
    other = np.tile(laid, (1, -(-n // laid.shape[1])))[:, :n]
    return replace(
        film.evidence,
        music=track_of(blocks(other)),
        levels=replace(levels, unducked=energy(other)),
        plan=replace(plan, gain_db=None),
    )


def pairs(films: Sequence[Music]) -> list[tuple[str, str, Row, Row]]:
    """For each film: (film, whose score, D1 with its own score, D1 with that of the next)."""
    found = []
    for film, other in zip(films, [*films[1:], films[0]], strict=True):
        own, others = (following_rows(with_score_of(film, laid)) for laid in (film.laid, other.laid))
        found.append((film.name, other.name, _d1(own), _d1(others)))
    return found


def _d1(rows: Sequence[Row]) -> Row:
    return next(row for row in rows if row.id == "D1")


def levelled(base: Base, present: float) -> Spoilt:
    """All swells taken out: short-term loudness at one level throughout."""
    if not present:
        return Spoilt()
    steps = meter(base.laid).step_energy
    short = np.convolve(steps, np.full(15, 1 / 15), "same")
    usual = np.median(short[short > 0])
    gain = np.sqrt(usual / np.maximum(short, usual * 1e-3))
    at = (np.arange(steps.size) + 0.5) / 10
    curve = np.interp(np.arange(base.laid.shape[1]) / SAMPLE_RATE_HZ, at, gain).astype(np.float32)
    return Spoilt(laid=base.laid * curve)


def is_dynamic(base: Base) -> bool:
    """Whether the plan asks for dynamics that can be judged."""
    return base.bad("D3") is not None


FAULTS = (Fault("one level throughout", ("D3",), "", yes_no(is_dynamic), levelled),)
