"""The analyser around an encoder. Where the encoder is an injected one whose space is known, a test says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clip_models import tiny_open_clip
from hypothesis import given, settings
from hypothesis import strategies as st
from pointing import PointingEncoder

from scoring.analysis import Activity, Cut, EmotionCurve, Shots
from scoring.vocabulary import built_in_vocabulary
from vision.activity import RATE_HZ, bin_count, cut_pace
from vision.analyser import Reading, StillWish
from vision.clip.analyser import ClipAnalyser
from vision.clip.anchors import learn_anchors
from vision.clip.load import load_encoder
from vision.frames import Plane, Still

VOCABULARY = built_in_vocabulary()
PLEASANT, UNPLEASANT = (235, 128, 128), (20, 128, 128)


def picture(rgb: tuple[int, int, int], contrast: int = 20) -> Plane:
    """One colour, lit from dark to bright so that there is something to see."""
    light = np.linspace(-contrast, contrast, 64)[None, :, None]
    return np.clip(np.array(rgb)[None, None] + np.repeat(light, 32, axis=0), 0, 255).astype(np.uint8)


def stills(*parts: tuple[tuple[int, int, int], float], contrast: int = 20) -> list[Still]:
    """Two stills a second; the parts are (colour, seconds)."""
    found: list[Still] = []
    for rgb, length_s in parts:
        found += [Still(len(found) / 2 + k / 2, picture(rgb, contrast)) for k in range(round(length_s * 2))]
    return [Still(k / 2, still.rgb) for k, still in enumerate(found)]


def reading(duration_s: float = 20.0, *, motion=0.3, sound_db=-23.0, cuts_s=(), has_sound=True) -> Reading:
    bins = bin_count(duration_s)
    cuts = tuple(Cut(float(time_s), "cut", 1.0) for time_s in cuts_s)
    activity = Activity(RATE_HZ, np.full(bins, float(motion)), np.full(bins, float(sound_db)))
    shots = Shots(duration_s, cuts, (0.0,) * (len(cuts) + 1))
    return Reading(duration_s, shots, activity, cut_pace(cuts, duration_s), has_sound)


def curve(seen: list[Still], film: Reading | None = None, **encoder) -> EmotionCurve:
    pointing = PointingEncoder(VOCABULARY, **encoder)
    analyser = ClipAnalyser(pointing, learn_anchors(pointing, VOCABULARY))
    for still in seen:
        analyser.see(still)
    return analyser.read(film or reading())


def test_with_an_injected_encoder_a_pleasant_picture_reads_pleasant_and_an_unpleasant_one_not() -> None:
    told = curve(stills((PLEASANT, 10), (UNPLEASANT, 10)), reading(cuts_s=[10.0]))
    assert told.valence[:20].min() > 0.3
    assert told.valence[20:].max() < -0.3


def test_with_an_injected_encoder_nothing_is_smoothed_across_a_cut() -> None:
    told = curve(stills((PLEASANT, 10), (UNPLEASANT, 10)), reading(cuts_s=[10.0]))
    without = curve(stills((PLEASANT, 10), (UNPLEASANT, 10)))
    assert np.ptp(told.valence[:20]) < 1e-6
    assert np.ptp(told.valence[20:]) < 1e-6
    assert without.valence[19] < without.valence[0] - 0.03


def test_with_an_injected_encoder_movement_sound_and_cuts_raise_arousal_over_the_same_pictures() -> None:
    seen = stills(((128, 128, 128), 20))
    calm = curve(seen, reading(motion=0.05, sound_db=-40.0))
    lively = curve(seen, reading(motion=0.8, sound_db=-12.0, cuts_s=[2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0]))
    assert lively.arousal.mean() > calm.arousal.mean() + 0.3
    assert abs(lively.valence.mean() - calm.valence.mean()) < 0.05


def test_with_an_injected_encoder_a_place_is_read_and_a_black_picture_is_nowhere() -> None:
    told = curve(stills(((128, 128, 128), 20)), place=lambda picture: "sea")
    assert told.settings == VOCABULARY.setting_names
    assert told.setting_probabilities.mean(axis=0).argmax() == told.settings.index("sea")
    black = curve(stills(((0, 0, 0), 20), contrast=0), place=lambda picture: "sea")
    assert black.setting_probabilities.mean(axis=0).argmax() == told.settings.index("none")
    assert black.confidence.max() < told.confidence.min()


def test_a_picture_held_is_encoded_once() -> None:
    pointing = PointingEncoder(VOCABULARY)
    anchors = learn_anchors(pointing, VOCABULARY)
    pointing.encoded.clear()
    analyser = ClipAnalyser(pointing, anchors)
    for still in stills((PLEASANT, 30), (UNPLEASANT, 0.5)):
        analyser.see(still)
    told = analyser.read(reading(30.5, cuts_s=[30.0]))
    assert pointing.encoded == [2]
    assert told.valence[:60].min() > 0.3 > -0.3 > told.valence[60]


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_how_many_go_at_once_changes_nothing(batch: int) -> None:
    seen = [Still(k / 2, picture((128 + 3 * k, 128 - k, 100))) for k in range(40)]
    np.testing.assert_allclose(curve(seen, batch=batch).valence, curve(seen, batch=4).valence, atol=1e-6)


def test_a_film_without_a_still_is_neutral_and_hardly_trusted() -> None:
    told = curve([])
    assert np.abs(told.valence).max() < 1e-9
    assert told.confidence.max() < 0.2
    np.testing.assert_allclose(told.setting_probabilities[:, -1], 1.0)


def test_the_next_film_begins_anew() -> None:
    pointing = PointingEncoder(VOCABULARY)
    analyser = ClipAnalyser(pointing, learn_anchors(pointing, VOCABULARY))
    for colour in (PLEASANT, UNPLEASANT):
        for still in stills((colour, 20)):
            analyser.see(still)
        last = analyser.read(reading())
    assert last.valence.max() < -0.3


def test_it_says_who_read_what_and_which_stills_it_wants() -> None:
    told = curve(stills((PLEASANT, 20)), reading(has_sound=False, sound_db=-120.0))
    assert told.analyser == "clip pointing"
    assert told.read_from == ("picture", "motion", "cuts")
    pointing = PointingEncoder(VOCABULARY)
    analyser = ClipAnalyser(pointing, learn_anchors(pointing, VOCABULARY))
    assert analyser.wants == StillWish(224, 2.0, shot_starts=True)


class Fixed:
    """A calibration of this test's own."""

    confidence = 0.7

    def apply(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert features.shape[1] == 48 + len(VOCABULARY.moods) + len(VOCABULARY.settings)
        return np.full(len(features), 0.4), np.full(len(features), -0.2)


def test_a_calibration_takes_the_place_of_the_zero_shot_axes_and_brings_its_own_trust() -> None:
    pointing = PointingEncoder(VOCABULARY)
    analyser = ClipAnalyser(pointing, learn_anchors(pointing, VOCABULARY), Fixed())
    for still in stills((UNPLEASANT, 20), contrast=80):
        analyser.see(still)
    told = analyser.read(reading(motion=0.3, sound_db=-23.0, has_sound=False))
    np.testing.assert_allclose(told.valence, 0.4)
    assert told.analyser.endswith(", calibrated")
    assert told.confidence.max() == pytest.approx(0.7, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)), max_size=12),
    st.floats(0.5, 12),
    st.floats(0, 1),
    st.floats(-120, 0),
    st.lists(st.floats(0.1, 11), max_size=3, unique=True),
)
def test_whatever_is_shown_every_number_stays_in_its_range(
    colours: list[tuple[int, int, int]], duration_s: float, motion: float, sound_db: float, cuts_s: list[float]
) -> None:
    cuts_s = sorted(cut for cut in cuts_s if cut < duration_s)
    seen = [Still(k / 2, picture(rgb)) for k, rgb in enumerate(colours) if k / 2 < duration_s]
    told = curve(seen, reading(duration_s, motion=motion, sound_db=sound_db, cuts_s=cuts_s))
    for values, low in ((told.valence, -1), (told.arousal, -1), (told.tension, 0), (told.confidence, 0)):
        assert np.isfinite(values).all()
        assert values.min() >= low
        assert values.max() <= 1
    for rows in (told.mood_probabilities, told.setting_probabilities):
        np.testing.assert_allclose(rows.sum(axis=1), 1.0)


def test_a_real_network_with_random_weights_reads_the_same_film_the_same_twice(tmp_path: Path) -> None:
    folder = tiny_open_clip(tmp_path / "tiny")
    seen = [Still(k / 2, np.random.default_rng(k).integers(0, 255, (224, 300, 3)).astype(np.uint8)) for k in range(10)]

    def read() -> EmotionCurve:
        encoder = load_encoder(library="open_clip", architecture="", weights=folder, name="tiny", device="cpu")
        analyser = ClipAnalyser(encoder, learn_anchors(encoder, VOCABULARY))
        for still in seen:
            analyser.see(still)
        return analyser.read(reading(5.0))

    first, second = read(), read()
    assert first.to_json() == second.to_json()
    assert np.ptp(first.setting_probabilities.sum(axis=1)) < 1e-9
