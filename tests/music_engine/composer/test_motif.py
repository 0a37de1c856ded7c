"""The motif: short, singable, the film's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.motif import Motif, draw_motif


@settings(max_examples=80)
@given(st.integers(0, 2**40))
def test_a_motif_has_four_to_eight_notes_and_a_single_peak(seed: int) -> None:
    motif = draw_motif(np.random.default_rng(seed))
    assert 4 <= len(motif.steps) <= 8
    assert len(motif.steps) == len(motif.beats)
    assert motif.length == 8.0
    assert motif.steps.count(max(motif.steps)) == 1


def test_films_have_motifs_of_their_own() -> None:
    drawn = {draw_motif(np.random.default_rng(seed)) for seed in range(50)}
    assert len(drawn) > 45


def test_relatives_keep_what_makes_them_relatives() -> None:
    motif = Motif((0, 2, 4, 1), (1.0, 1.0, 2.0, 4.0))
    assert motif.inverted().steps == (0, -2, -4, -1)
    assert motif.head() == Motif((0, 2, 4), (1.0, 1.0, 2.0))
    assert motif.stretched(2.0).beats == (2.0, 2.0, 4.0, 8.0)


@pytest.mark.parametrize("beats", [2, 3, 5, 6, 7])
def test_a_motif_fits_other_metres_with_its_contour_kept(beats: int) -> None:
    for seed in range(20):
        motif = draw_motif(np.random.default_rng(seed))
        fitted = motif.for_bar(beats)
        assert fitted.steps == motif.steps
        assert fitted.length == pytest.approx(2 * beats)
        assert min(fitted.beats) > 0
