"""How to sample: steps, solver, guidance and the weakenings, frozen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from music_engine.ace_step.compat import Compat
from scoring.errors import InputError

GuidanceKind = Literal["apg", "cfg", "cfg_star"]
SolverKind = Literal["euler", "heun", "ping_pong"]

_ROUNDING = 1e-9  # 0.1 * 10 steps is meant to be one step, also where floating point says 0.9999999999999998


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """The defaults are the ACE-Step v1 reference library's.

    steps: solver steps, at least 1; 27 is the fast setting. guidance_scale: 0 and 1 turn guidance off. omega: any, how
    far a step's deviation from its mean is stretched (0: not at all, 10: by 1.046). guidance_interval: 0..1, the
    middle share of the steps that is guided. guidance_interval_decay: 0..1, how far the scale has fallen towards
    min_guidance_scale at the end of it. guidance_scale_text and guidance_scale_lyric: both over 1 for guidance by two
    conditions, which takes the place of `guidance`. erg_tag, erg_lyric, erg_diffusion: weaken the text, the lyrics and
    the cross-attention of the unconditional prediction, instead of leaving them out. oss_steps: 1-based numbers of
    chosen steps, in place of `steps`. zero_steps, use_zero_init: cfg_star predicts 0 up to that step.
    compat: "reference" repeats the reference's quirks; docs/ace-step.md lists where "fixed" differs.
    Raises InputError for a value out of range.
    """

    steps: int = 60
    guidance_scale: float = 15.0
    guidance: GuidanceKind = "apg"
    solver: SolverKind = "euler"
    omega: float = 10.0
    guidance_interval: float = 0.5
    guidance_interval_decay: float = 0.0
    min_guidance_scale: float = 3.0
    guidance_scale_text: float = 0.0
    guidance_scale_lyric: float = 0.0
    erg_tag: bool = True
    erg_lyric: bool = True
    erg_diffusion: bool = True
    oss_steps: tuple[int, ...] = ()
    zero_steps: int = 1
    use_zero_init: bool = True
    compat: Compat = "fixed"

    def __post_init__(self) -> None:
        _require(self.steps >= 1, "steps", self.steps, "at least 1")
        _require(self.guidance in get_args(GuidanceKind), "guidance", self.guidance, " | ".join(get_args(GuidanceKind)))
        _require(self.solver in get_args(SolverKind), "solver", self.solver, " | ".join(get_args(SolverKind)))
        _require(self.compat in get_args(Compat), "compat", self.compat, " | ".join(get_args(Compat)))
        for name in ("guidance_interval", "guidance_interval_decay"):
            _require(0.0 <= getattr(self, name) <= 1.0, name, getattr(self, name), "0 to 1")
        for name in ("guidance_scale", "omega", "min_guidance_scale", "guidance_scale_text", "guidance_scale_lyric"):
            _require(math.isfinite(getattr(self, name)), name, getattr(self, name), "a finite number")
        _require(not (self.oss_steps and self.solver == "heun"), "oss_steps", self.oss_steps, "none with solver heun")

    @property
    def is_guided(self) -> bool:
        """Whether any step may be guided."""
        return self.guidance_scale not in (0.0, 1.0)

    @property
    def is_double(self) -> bool:
        """Whether text and lyrics are guided apart, each by its own scale."""
        return self.is_guided and self.guidance_scale_text > 1.0 and self.guidance_scale_lyric > 1.0

    @property
    def mends(self) -> bool:
        """Whether the reference's faults are mended."""
        return self.compat == "fixed"

    @property
    def planned_steps(self) -> int:
        """Steps of the schedule before any are left out; with chosen steps, the last chosen."""
        return max(self.oss_steps) if self.oss_steps else self.steps

    def predicts_zero(self, step: int) -> bool:
        """Whether a guided step's velocity is 0, which is how cfg_star begins."""
        return self.guidance == "cfg_star" and not self.is_double and self.use_zero_init and step <= self.zero_steps

    def whole(self, count: float) -> int:
        """A share of the steps, in whole steps, rounded down. count: 0 or more."""
        return int(count + _ROUNDING) if self.mends else int(count)


def _require(holds: bool, name: str, found: object, allowed: str) -> None:
    if not holds:
        raise InputError(f"the sampling setting {name} is {found!r}", f"Allowed: {allowed}")
