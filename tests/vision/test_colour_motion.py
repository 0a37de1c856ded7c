from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.analysis import Activity, Cut, Shots
from scoring.moods import mood_names
from vision.activity import RATE_HZ, bin_count, cut_pace
from vision.analyser import Reading
from vision.colour_motion import ColourMotion
from vision.confidence import CEILING
from vision.frames import Still
from vision.relations import RELATIONS, SCALES

DULL, MUTED, VIVID = (110, 112, 114), (140, 110, 85), (205, 90, 30)


def reading(duration_s=20.0, *, motion=0.3, sound_db=-23.0, cuts_s=(), has_sound=True):
    """A film whose motion and sound are the values given, or change from the first to the second half way."""
    bins = bin_count(duration_s)

    def track(value):
        first, second = value if isinstance(value, tuple) else (value, value)
        return np.where(np.arange(bins) < bins // 2, first, second).astype(np.float64)

    cuts = tuple(Cut(float(time_s), "cut", 1.0) for time_s in cuts_s)
    shots = Shots(duration_s, cuts, (0.0,) * (len(cuts) + 1))
    return Reading(
        duration_s, shots, Activity(RATE_HZ, track(motion), track(sound_db)), cut_pace(cuts, duration_s), has_sound
    )


def curve_of(studio, colour=DULL, contrast=40.0, second=None, **film):
    """The curve of stills in one colour, or in two, one half of the film each."""
    analyser, read = ColourMotion(), reading(**film)
    half_s = read.duration_s / 2
    for still in studio.stills(colour, half_s, contrast=contrast):
        analyser.see(still)
    for still in studio.stills(second or colour, half_s, contrast=contrast):
        analyser.see(Still(still.time_s + half_s, still.rgb))
    return analyser.read(read)


def test_a_colourful_film_is_more_pleasant_than_a_muted_one(studio):
    assert np.mean(curve_of(studio, VIVID).valence) > np.mean(curve_of(studio, MUTED).valence) + 0.1


def test_a_light_film_is_more_pleasant_and_less_tense_than_a_dark_one(studio):
    light, dark = curve_of(studio, (190, 160, 150)), curve_of(studio, (50, 20, 10))
    assert np.mean(light.valence) > np.mean(dark.valence)
    assert np.mean(light.tension) < np.mean(dark.tension)
    assert np.mean(light.arousal) < np.mean(dark.arousal)


@pytest.mark.parametrize(
    ("calm", "excited"),
    [
        pytest.param({"motion": 0.05}, {"motion": 0.7}, id="motion"),
        pytest.param({"sound_db": -40.0}, {"sound_db": -12.0}, id="loudness"),
        pytest.param({"cuts_s": (10,)}, {"cuts_s": tuple(range(1, 20))}, id="cut pace"),
    ],
)
def test_more_of_it_excites(studio, calm, excited):
    assert np.mean(curve_of(studio, **excited).arousal) > np.mean(curve_of(studio, **calm).arousal) + 0.1


@pytest.mark.parametrize("change", [{"motion": (0.05, 0.6)}, {"sound_db": (-45.0, -15.0)}])
def test_the_curve_shows_where_within_the_film_it_happens(studio, change):
    arousal = curve_of(studio, **change).arousal
    assert np.mean(arousal[-15:]) > np.mean(arousal[:15]) + 0.3


def test_rising_arousal_is_tension(studio):
    tension = curve_of(studio, motion=(0.1, 0.8)).tension
    assert np.max(tension[20:28]) > tension[-1] > tension[0]


def test_a_change_of_colour_at_a_cut_is_a_step_and_without_a_cut_a_slope(studio):
    step = curve_of(studio, DULL, second=VIVID, cuts_s=(10.0,)).valence
    slope = curve_of(studio, DULL, second=VIVID).valence
    assert np.ptp(step[:20]) < 1e-6 > np.ptp(step[20:])
    assert step[20] - step[19] > 0.2
    assert np.max(np.diff(slope)) < 0.5 * (step[20] - step[19])


def test_colour_excites_a_little_less_than_anything_that_moves_sounds_or_is_cut(studio):
    weights = {relation.cue: relation.weight for relation in RELATIONS if relation.axis == "arousal"}
    assert 0 < weights["colourfulness"] <= min(weights[cue] for cue in ("motion", "cut_pace", "loudness")) / 2
    vivid, muted = curve_of(studio, VIVID).arousal, curve_of(studio, MUTED).arousal
    moving = curve_of(studio, MUTED, motion=0.7).arousal
    assert np.mean(muted) < np.mean(vivid) < np.mean(moving)


def test_every_number_has_a_source():
    assert all(relation.source and relation.cue in SCALES for relation in RELATIONS)
    assert all(scale.why and scale.unit > 0 for scale in SCALES.values())


def test_confidence_is_never_high_and_lower_where_there_is_less_to_go_by(studio):
    usual = curve_of(studio, VIVID).confidence
    without_colour = curve_of(studio, (120, 120, 120)).confidence
    without_sound = curve_of(studio, VIVID, sound_db=-120.0, has_sound=False).confidence
    black = curve_of(studio, (0, 0, 0), contrast=0.0).confidence
    assert np.max(usual) <= CEILING
    assert np.mean(without_colour) < np.mean(usual)
    assert np.mean(without_sound) < np.mean(usual)
    assert np.mean(black) < 0.5 * np.mean(usual)
    assert np.mean(curve_of(studio, VIVID, duration_s=1.0).confidence) < np.mean(usual)


def test_a_black_and_white_film_is_not_called_unpleasant_for_its_lack_of_colour(studio):
    assert np.mean(curve_of(studio, (120, 120, 120)).valence) == pytest.approx(0.0, abs=0.1)


def test_a_film_without_sound_is_not_called_calm_for_it(studio):
    silent = curve_of(studio, sound_db=-120.0, has_sound=False).arousal
    assert np.mean(silent) == pytest.approx(np.mean(curve_of(studio, sound_db=-23.0).arousal), abs=0.05)


def test_a_film_without_stills_gets_a_curve_with_little_confidence():
    curve = ColourMotion().read(reading())
    assert len(curve.times_s) == 40
    assert np.allclose(curve.valence, 0.0)
    assert np.max(curve.confidence) < 0.1


def test_reading_ends_the_film_so_that_the_next_one_starts_afresh(studio):
    analyser = ColourMotion()
    for still in studio.stills(VIVID, 20.0):
        analyser.see(still)
    analyser.read(reading())
    assert np.allclose(analyser.read(reading()).valence, ColourMotion().read(reading()).valence)


@settings(max_examples=40, deadline=None)
@given(
    duration_s=st.floats(0.04, 40.0),
    motion=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    sound_db=st.tuples(st.floats(-120, 3), st.floats(-120, 3)),
    cuts=st.lists(st.floats(0.01, 0.99), max_size=8, unique=True),
    colours=st.lists(st.tuples(*[st.integers(0, 255)] * 3), max_size=6),
)
def test_every_curve_stays_within_its_bounds(duration_s, motion, sound_db, cuts, colours):
    analyser = ColourMotion()
    for index, colour in enumerate(colours):
        picture = np.full((24, 32, 3), colour, np.uint8)
        picture[:12] //= 2
        analyser.see(Still(index * duration_s / len(colours), picture))
    cuts_s = tuple(sorted(share * duration_s for share in cuts))
    curve = analyser.read(reading(duration_s, motion=motion, sound_db=sound_db, cuts_s=cuts_s))
    count = len(curve.times_s)
    assert count == max(1, np.ceil(duration_s * 2 - 1e-6))
    assert count == 1 or curve.times_s[-1] < duration_s
    assert np.all(np.abs(curve.valence) <= 1)
    assert np.all(np.abs(curve.arousal) <= 1)
    assert np.all((curve.tension >= 0) & (curve.tension <= 1))
    assert np.all((curve.confidence > 0) & (curve.confidence <= CEILING))
    assert curve.mood_probabilities.shape == (count, len(mood_names()))
    assert np.allclose(curve.mood_probabilities.sum(axis=1), 1)
