from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointing import PointingEncoder

from scoring.vocabulary import built_in_vocabulary
from vision.clip.anchors import learn_anchors, right_angled, unit
from vision.clip.encoder import Vectors

VOCABULARY = built_in_vocabulary()


class Notebook:
    """A memory of this test."""

    def __init__(self) -> None:
        self.pages: dict[str, Vectors] = {}

    def recall(self, key: str) -> Vectors | None:
        return self.pages.get(key)

    def keep(self, key: str, vectors: Vectors) -> None:
        self.pages[key] = vectors


def test_with_an_injected_encoder_the_axes_stand_at_right_angles_though_the_words_lean() -> None:
    leaning = learn_anchors(PointingEncoder(VOCABULARY, lean=0.6), VOCABULARY)
    np.testing.assert_allclose(leaning.axes @ leaning.axes.T, np.eye(3), atol=1e-5)
    # and each still points to its own words
    for axis in range(3):
        assert abs(leaning.axes[axis, axis]) == abs(leaning.axes[axis]).max()
        assert leaning.axes[axis, axis] > 0.8


def test_every_anchor_has_length_one_and_there_is_one_for_every_word() -> None:
    anchors = learn_anchors(PointingEncoder(VOCABULARY), VOCABULARY)
    for rows in (anchors.axes, anchors.neutral, anchors.pole_words, anchors.moods, anchors.settings):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert len(anchors.moods) == len(VOCABULARY.moods)
    assert len(anchors.settings) == len(VOCABULARY.settings)
    assert len(anchors.pole_names) == len(anchors.pole_words) == 48


def test_no_text_is_encoded_twice_and_none_at_all_where_memory_has_them() -> None:
    encoder, memory = PointingEncoder(VOCABULARY), Notebook()
    first = learn_anchors(encoder, VOCABULARY, memory)
    assert len(encoder.encoded) == len(set(encoder.encoded))
    count = len(encoder.encoded)
    again = learn_anchors(encoder, VOCABULARY, memory)
    assert len(encoder.encoded) == count
    np.testing.assert_array_equal(first.axes, again.axes)


def test_vectors_kept_of_other_weights_are_not_taken() -> None:
    encoder, memory = PointingEncoder(VOCABULARY), Notebook()
    learn_anchors(encoder, VOCABULARY, memory)
    other = PointingEncoder(VOCABULARY)
    other.fingerprint = "other weights"
    learn_anchors(other, VOCABULARY, memory)
    assert len(memory.pages) == 2
    assert other.encoded


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(6, 40))
def test_directions_at_right_angles_are_left_alone_and_others_brought_there(seed: int, count: int, width: int) -> None:
    directions = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    straight = right_angled(directions)
    np.testing.assert_allclose(straight @ straight.T, np.eye(count), atol=1e-3)
    np.testing.assert_allclose(right_angled(straight), straight, atol=1e-3)
    assert (np.sum(straight * unit(directions), axis=1) > 0).all()  # none is turned round


def test_poles_that_say_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="do not differ"):
        right_angled(np.ones((3, 8), np.float32))
