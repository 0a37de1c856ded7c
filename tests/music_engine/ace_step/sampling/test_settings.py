"""What may be set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("guidance", "strong"),
        ("solver", "pingpong"),
        ("compat", "exact"),
        ("guidance_interval", 1.5),
        ("guidance_interval", -0.1),
        ("guidance_interval_decay", 2.0),
        ("guidance_scale", float("nan")),
        ("omega", float("inf")),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_name_and_itself(name: str, value: object) -> None:
    with pytest.raises(InputError) as refused:
        SamplingSettings(**{name: value})  # type: ignore[arg-type]
    assert name in str(refused.value)
    assert repr(value) in str(refused.value)


def test_chosen_steps_are_refused_with_heun() -> None:
    with pytest.raises(InputError, match="oss_steps"):
        SamplingSettings(solver="heun", oss_steps=(1, 2))


@pytest.mark.parametrize(
    ("scale", "text", "lyric", "guided", "double"),
    [
        (15.0, 0.0, 0.0, True, False),
        (1.0, 0.0, 0.0, False, False),
        (0.0, 5.0, 2.0, False, False),
        (15.0, 5.0, 2.0, True, True),
        (15.0, 5.0, 1.0, True, False),
    ],
)
def test_two_conditions_guide_when_both_scales_are_over_one(
    scale: float, text: float, lyric: float, guided: bool, double: bool
) -> None:
    settings = SamplingSettings(guidance_scale=scale, guidance_scale_text=text, guidance_scale_lyric=lyric)
    assert settings.is_guided == guided
    assert settings.is_double == double


def test_a_tenth_of_ten_steps_is_one_step_though_floating_point_says_less() -> None:
    assert SamplingSettings().whole((1 - 0.9) * 10) == 1
    assert SamplingSettings(compat="reference").whole((1 - 0.9) * 10) == 0


@given(st.integers(0, 10_000), st.floats(0.001, 0.999))
def test_a_part_of_a_step_is_never_counted(steps: int, part: float) -> None:
    assert SamplingSettings().whole(steps + part) == steps


def test_cfg_star_begins_with_zero_and_nothing_else_does() -> None:
    assert [SamplingSettings(guidance="cfg_star", zero_steps=1).predicts_zero(step) for step in range(3)] == [1, 1, 0]
    assert not SamplingSettings(guidance="cfg_star", use_zero_init=False).predicts_zero(0)
    assert not SamplingSettings(guidance="apg").predicts_zero(0)
    both = {"guidance_scale_text": 5.0, "guidance_scale_lyric": 2.0}
    assert not SamplingSettings(guidance="cfg_star", **both).predicts_zero(0)  # type: ignore[arg-type]


def test_reading_the_settings_loads_no_torch() -> None:
    code = "import sys; import music_engine.ace_step.sampling.settings; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[4]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
