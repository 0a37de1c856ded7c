from __future__ import annotations

import pytest

from pipeline.report.drawing.words import count, figure, with_unit


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (-14.06, "LUFS", "−14.1 LUFS"),
        (-0.01, "dB", "0.0 dB"),
        (0.0, "samples", "0 samples"),
        (0.784, "share", "0.78"),
        (0.3, "%", "0.3 %"),
        (float("-inf"), "LUFS", "−∞ LUFS"),
        (12345.6, "ms", "12346 ms"),
    ],
)
def test_a_figure_is_as_fine_as_its_unit_is_worth(value: float, unit: str, shown: str) -> None:
    assert with_unit(value, unit) == shown


def test_what_is_no_number_is_a_dash() -> None:
    assert figure(float("nan")) == "–"


def test_one_thing_is_one_thing() -> None:
    assert (count(1, "cue"), count(2, "cue"), count(0, "cue")) == ("1 cue", "2 cues", "0 cues")
    assert count(2, "stretch", "stretches") == "2 stretches"
