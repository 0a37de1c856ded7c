from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.errors import CheckpointRefused
from vision.calibration import SCALE, SCHEMA, AxisFit, Calibration, calibration_text, parse_calibration

MADE = Calibration(
    encoder="ViT-B-32/laion2b",
    fingerprint="f1",
    vocabulary="v1",
    features=("valence+ joyful", "mood calm"),
    means=(0.25, -0.5),
    scales=(0.5, 2.0),
    valence=AxisFit((0.3, -0.1), 0.05, 10.0, 0.6, 0.4, 0.7),
    arousal=AxisFit((0.0, 0.2), -0.2, 100.0, 0.3, -0.1, 0.5),
    rating_scale=SCALE,
    pictures=900,
    themes=248,
    folds=5,
    seed=0,
    made_on="2026-01-31",
    ratings_sha256="0" * 64,
)
HERE = {"encoder": "ViT-B-32/laion2b", "fingerprint": "f1", "vocabulary": "v1", "features": MADE.features}
NUMBER = st.floats(-1e6, 1e6)


def document(**changes):
    return json.dumps({**json.loads(calibration_text(MADE)), **changes})


def test_it_says_what_was_fitted():
    valence, arousal = MADE.apply(np.array([[0.25, -0.5], [0.75, 1.5]]))
    assert valence == pytest.approx([0.05, 0.05 + 0.3 - 0.1])
    assert arousal == pytest.approx([-0.2, 0.0])


def test_confidence_is_the_mean_r_and_an_r_below_zero_is_no_knowledge():
    assert MADE.confidence == pytest.approx(0.45)
    assert replace(MADE, arousal=replace(MADE.arousal, r=-0.5)).confidence == pytest.approx(0.3)


def test_the_file_says_its_schema_and_reads_as_it_was_written():
    assert json.loads(calibration_text(MADE))["schema"] == SCHEMA == "cuesmith.calibration/1"
    assert parse_calibration(calibration_text(MADE), "c.json") == MADE


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(NUMBER, st.floats(1e-6, 1e6), NUMBER, NUMBER), min_size=1, max_size=12),
    name=st.text(max_size=20),
)
def test_every_calibration_survives_its_file_and_stays_within_the_axes(rows, name):
    means, scales, pleasant, exciting = (tuple(column) for column in zip(*rows, strict=True))
    made = replace(
        MADE,
        encoder=name,
        features=tuple(f"{name} {number}" for number in range(len(rows))),
        means=means,
        scales=scales,
        valence=replace(MADE.valence, weights=pleasant),
        arousal=replace(MADE.arousal, weights=exciting),
    )
    assert parse_calibration(calibration_text(made), "c.json") == made
    for values in made.apply(np.full((3, len(rows)), 1e9)):
        assert np.all(np.abs(values) <= 1)


@pytest.mark.parametrize(
    ("differs", "named"),
    [
        ({"encoder": "SigLIP"}, "SigLIP"),
        ({"fingerprint": "f2"}, "weights"),
        ({"vocabulary": "v2"}, "vocabulary"),
        ({"features": ("valence+ joyful", "mood sad")}, "mood sad"),
        ({"features": ("valence+ joyful",)}, "this vocabulary 1"),
    ],
)
def test_one_made_with_something_else_is_refused_with_what_and_advice(differs, named):
    MADE.require(**HERE)
    with pytest.raises(CheckpointRefused, match=named) as caught:
        MADE.require(**{**HERE, **differs})
    assert "affect calibrate" in caught.value.advice


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not JSON"),
        ("[1, 2]", "schema"),
        ("[" * 100_000, "not JSON"),
        (document(schema="cuesmith.calibration/2"), "calibration/2"),
        (document(means=[0.25]), "means has 1 numbers for 2 features"),
        (document(scales=[0.5, 0.0]), "above 0"),
        (document(scales=[0.5, -2.0]), "above 0"),
        (document(means=[0.25, 1e300]), "too large"),
        (document(means=["0.25", 0.5]), "means"),
        (document(features=[], means=[], scales=[]), "features"),
        (document(rating_scale="0..100"), "0..100"),
        (document(pictures=0), "pictures"),
        (document(pictures="many"), "pictures"),
        (document(extra=1), "extra"),
        (document(valence={"weights": [0.3, -0.1]}), "valence: intercept"),
        (document(valence={**json.loads(document())["valence"], "r": 1.5}), "valence: r"),
        (document().replace("0.25", "NaN"), "NaN"),
        (document().replace("0.25", "Infinity"), "Infinity"),
        (document(means=[10**400, 0.5]), "too large"),
    ],
)
def test_what_is_no_calibration_is_refused_with_the_field(text, named):
    with pytest.raises(CheckpointRefused, match=named) as caught:
        parse_calibration(text, "c.json")
    assert "calibrate" in caught.value.advice
