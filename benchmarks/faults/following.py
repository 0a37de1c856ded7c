"""Music that does not follow its film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from faults.base import Base, Sound, Spoilt, blocks, card, energy, meter
from faults.fault import Fault, yes_no
from pipeline.card.evidence import Evidence
from pipeline.card.row import Row
from pipeline.card.tracking import track_of
from scoring.timebase import SAMPLE_RATE_HZ


def with_score_of(base: Base, laid: Sound) -> Evidence:
    """A film's evidence with another film's music under it, before ducking, as long as the film."""
    levels = base.evidence.levels
    assert levels is not None
    assert base.evidence.plan is not None
    n = base.laid.shape[1]
    other = np.tile(laid, (1, -(-n // laid.shape[1])))[:, :n]
    return replace(
        base.evidence,
        music=track_of(blocks(other)),
        levels=replace(levels, unducked=energy(other)),
        plan=replace(base.evidence.plan, gain_db=None),
    )


def pairs(bases: Sequence[Base]) -> list[tuple[str, str, Row, Row]]:
    """For each film: (film, whose score, D1 with its own score, D1 with that of the next)."""
    found = []
    for base, other in zip(bases, [*bases[1:], bases[0]], strict=True):
        own = card(with_score_of(base, base.laid))["D1"]
        found.append((base.name, other.name, own, card(with_score_of(base, other.laid))["D1"]))
    return found


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
