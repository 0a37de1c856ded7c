"""What the read-out does with vectors whose meaning is known: the encoder here is injected, no network runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointing import PointingEncoder

from scoring.vocabulary import built_in_vocabulary
from vision.clip.anchors import learn_anchors, unit
from vision.clip.readout import anchor_names, read_out

VOCABULARY = built_in_vocabulary()
PLACES = list(VOCABULARY.settings)


def colour(*rgb: int) -> np.ndarray:
    return np.full((8, 8, 3), rgb, np.uint8)


def opinion(*pictures: np.ndarray, **encoder):
    pointing = PointingEncoder(VOCABULARY, **encoder)
    return read_out(learn_anchors(pointing, VOCABULARY), pointing.pictures(pictures)())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_injected_encoder_that_points_along_an_axis_moves_that_axis_and_no_other(axis: int) -> None:
    up, down = [128, 128, 128], [128, 128, 128]
    up[axis], down[axis] = 250, 6
    axes = opinion(colour(*up), colour(128, 128, 128), colour(*down)).axes
    assert axes[0, axis] > axes[1, axis] + 1 > axes[2, axis] + 2
    others = [k for k in range(3) if k != axis]
    assert np.abs(axes[0, others] - axes[1, others]).max() < 0.3 * (axes[0, axis] - axes[1, axis])


def test_a_step_between_all_pictures_and_all_texts_moves_no_axis() -> None:
    near, far = (opinion(colour(200, 90, 128), gap=gap).axes[0] for gap in (0.0, 1.0))
    # the same direction, only shorter: the step takes up some of the unit length
    assert np.dot(near, far) / np.linalg.norm(near) / np.linalg.norm(far) > 0.97


@pytest.mark.parametrize("place", ["sea", "office", "battle"])
def test_a_place_that_is_shown_is_the_likeliest(place: str) -> None:
    told = opinion(colour(128, 128, 128), place=lambda picture: place)
    assert told.settings[0].argmax() == PLACES.index(place)
    assert told.settings[0, PLACES.index(place)] > 0.5


def test_a_picture_of_nothing_is_nowhere() -> None:
    assert opinion(colour(128, 128, 128), place=lambda picture: "").settings[0].argmax() == len(PLACES)


def test_features_are_named_and_the_word_a_picture_points_to_leads() -> None:
    pointing = PointingEncoder(VOCABULARY, place=lambda picture: "wedding")
    anchors = learn_anchors(pointing, VOCABULARY)
    told = read_out(anchors, pointing.pictures([colour(128, 128, 128)])())
    names = anchor_names(anchors)
    assert told.features.shape == (1, len(names))
    assert len(set(names)) == len(names)
    assert names[told.features[0].argmax()] == "setting wedding"


@given(st.integers(0, 2**32 - 1), st.integers(0, 6))
def test_any_vectors_give_finite_axes_and_probabilities(seed: int, count: int) -> None:
    anchors = learn_anchors(PointingEncoder(VOCABULARY), VOCABULARY)
    vectors = unit(np.random.default_rng(seed).normal(size=(count, anchors.axes.shape[1])))
    told = read_out(anchors, vectors)
    assert np.isfinite(told.axes).all()
    for rows in (told.moods, told.settings):
        assert len(rows) == count
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1.0)


def test_what_is_said_of_a_picture_does_not_depend_on_its_neighbours() -> None:
    pictures = [colour(200, 90, 30), colour(10, 220, 128), colour(128, 40, 250)]
    together, alone = opinion(*pictures), [opinion(picture) for picture in pictures]
    np.testing.assert_allclose(together.axes, np.concatenate([one.axes for one in alone]), atol=1e-5)
