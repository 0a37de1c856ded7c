"""Which steps are guided."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.sampling.interval import GuidanceInterval
from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError


@given(st.integers(1, 300), st.floats(0, 1))
def test_the_guided_steps_lie_in_the_middle_and_none_lies_outside_the_schedule(steps: int, share: float) -> None:
    found = GuidanceInterval.of(SamplingSettings(guidance_interval=share), steps)
    assert 0 <= found.start <= found.end <= steps
    assert abs(found.start - (steps - found.end)) <= 1
    assert abs((found.end - found.start) - share * steps) <= 1 + 1e-6


def test_the_whole_interval_guides_every_step_and_none_guides_none() -> None:
    assert all(step in GuidanceInterval.of(SamplingSettings(guidance_interval=1.0), 7) for step in range(7))
    assert not any(step in GuidanceInterval.of(SamplingSettings(guidance_scale=1.0), 7) for step in range(7))


def test_the_interval_of_ten_steps_at_eight_tenths_leaves_one_out_at_each_end() -> None:
    mended = GuidanceInterval.of(SamplingSettings(guidance_interval=0.8), 10)
    reference = GuidanceInterval.of(SamplingSettings(guidance_interval=0.8, compat="reference"), 10)
    assert (mended.start, mended.end) == (1, 9)
    assert (reference.start, reference.end) == (0, 9)


def test_the_scale_falls_evenly_from_the_full_one_towards_the_least() -> None:
    settings = SamplingSettings(guidance_scale=15.0, min_guidance_scale=3.0, guidance_interval_decay=0.5)
    interval = GuidanceInterval.of(settings, 20)  # steps 5 to 14
    scales = [interval.scale_at(step) for step in range(interval.start, interval.end)]
    assert scales[0] == 15.0
    assert scales[-1] == pytest.approx(9.0)
    falls = [before - after for before, after in pairwise(scales)]
    assert falls == pytest.approx([falls[0]] * len(falls))


def test_a_single_guided_step_takes_the_full_scale_where_the_reference_divides_by_zero() -> None:
    single = {"guidance_interval": 0.5, "guidance_interval_decay": 1.0, "guidance_scale": 7.0}
    mended = GuidanceInterval.of(SamplingSettings(**single), 2)  # type: ignore[arg-type]
    assert (mended.start, mended.end) == (0, 1)
    assert mended.scale_at(0) == 7.0
    reference = GuidanceInterval.of(SamplingSettings(compat="reference", **single), 2)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="single guided step"):
        reference.scale_at(0)
