"""The analysis in short."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from analyses import made_up

from pipeline.chart.summary import describe, summarise, summary_json
from scoring.analysis import Analysis, Cut, Shots


def of_three_shots() -> Analysis:
    """Eight seconds cut at 4 and at 4.1 s: the middle shot lies between two values of the curve."""
    made = made_up(8.0, places=True, speech=True)
    return replace(made, shots=Shots(8.0, (Cut(4.0, "cut", 1.0), Cut(4.1, "cut", 1.0)), (0.1, 0.1, 0.1)))


def test_a_shot_has_the_means_of_its_part_of_the_curve() -> None:
    analysis = of_three_shots()
    curve, shots = analysis.curve, summarise(analysis)
    assert [(shot.number, shot.in_s, shot.out_s) for shot in shots] == [(1, 0.0, 4.0), (2, 4.0, 4.1), (3, 4.1, 8.0)]
    for shot, rows in zip(shots, (slice(0, 8), slice(8, 9), slice(9, 16)), strict=True):
        assert shot.valence == pytest.approx(curve.valence[rows].mean())
        assert shot.tension == pytest.approx(curve.tension[rows].mean())
        means = curve.mood_probabilities[rows].mean(axis=0)
        assert (shot.mood, shot.mood_probability) == (curve.moods[means.argmax()], pytest.approx(means.max()))
        assert shot.setting == curve.settings[curve.setting_probabilities[rows].mean(axis=0).argmax()]


def test_a_shot_between_two_values_takes_the_one_that_stands() -> None:
    analysis = replace(of_three_shots(), shots=Shots(8.0, (Cut(4.2, "cut", 1.0), Cut(4.3, "cut", 1.0)), (0.1,) * 3))
    assert summarise(analysis)[1].valence == analysis.curve.valence[8]


def test_the_document_is_plain_and_versioned() -> None:
    document = json.loads(json.dumps(summary_json(of_three_shots())))
    assert document["schema"] == "cuesmith.curve/1"
    assert len(document["shots"]) == 3
    assert set(document["shots"][0]) >= {"in_s", "out_s", "valence", "arousal", "tension", "mood"}
    assert document["moods"][0]["in_s"] == 0.0
    assert document["moods"][-1]["out_s"] == 8.0
    assert document["speech_s"] == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("confidence", "words"), [(0.1, "very low"), (0.3, "low"), (0.5, "fair"), (0.7, "good"), (0.9, "very good")]
)
def test_confidence_is_said_in_words(confidence: float, words: str) -> None:
    made = made_up(8.0)
    sure = replace(made, curve=replace(made.curve, confidence=np.full(16, confidence)))
    assert f"confidence {words} ({confidence:.2f} of 1)" in describe(sure)


def test_an_analyser_that_does_not_say_what_it_read_is_only_named() -> None:
    made = made_up(8.0)
    line = describe(replace(made, curve=replace(made.curve, read_from=())))
    assert "analyser made-up  ·" in line
