from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np

from scoring.analysis import SCHEMA, Analysis, Cut, Shots

# Written by the first version; every later one must still read it.
VERSION_1: dict[str, Any] = {
    "schema": "cuesmith.analysis/1",
    "duration_s": 2.0,
    "shots": {
        "duration_s": 2.0,
        "cuts": [{"time_s": 0.8, "kind": "cut", "strength": 0.7}],
        "motion": [0.2, 0.4],
    },
    "curve": {
        "times_s": [0.25, 0.75, 1.25, 1.75],
        "valence": [0.1, 0.1, -0.2, -0.3],
        "arousal": [0.0, 0.1, 0.5, 0.5],
        "tension": [0.2, 0.2, 0.6, 0.7],
        "confidence": [0.3, 0.3, 0.3, 0.3],
        "moods": ["calm", "tense"],
        "mood_probabilities": [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.05, 0.95]],
        "analyser": "colour-motion",
    },
    "activity": {"rate_hz": 10.0, "motion": [0.1] * 20, "sound_db": [-40.0] * 20},
}


# Written by the second version, which hears speech and music.
VERSION_2: dict[str, Any] = {
    **VERSION_1,
    "schema": "cuesmith.analysis/2",
    "speech": {
        "regions": [
            {"start_s": 0.25, "end_s": 0.75, "loudness_lufs": -23.4},
            {"start_s": 1.5, "end_s": 2.0, "loudness_lufs": None},
        ]
    },
    "source_music": {"regions": [{"start_s": 0.0, "end_s": 1.25}]},
}


# Written by the third version, whose curve also knows places and voices.
VERSION_3: dict[str, Any] = {
    **VERSION_2,
    "schema": "cuesmith.analysis/3",
    "curve": {
        **VERSION_2["curve"],
        "settings": ["sea", "none"],
        "setting_probabilities": [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.05, 0.95]],
        "voice": [0.0, 0.25, 0.5, 0.0],
        "read_from": ["picture", "motion", "sound"],
    },
}


def test_the_schema_is_the_one_files_carry() -> None:
    assert VERSION_3["schema"] == SCHEMA


def test_a_file_of_the_first_version_still_loads_and_knows_of_no_speech_and_no_music() -> None:
    analysis = Analysis.from_json(VERSION_1)
    assert analysis.shots.cuts[0].time_s == 0.8
    assert analysis.curve.mood_probabilities.shape == (4, 2)
    assert analysis.speech.regions == ()
    assert analysis.source_music.regions == ()
    written = analysis.to_json()
    for name in ("duration_s", "shots", "activity"):
        assert written[name] == VERSION_1[name]
    assert {name: written["curve"][name] for name in VERSION_1["curve"]} == VERSION_1["curve"]


def test_a_file_of_the_second_version_still_loads_and_knows_of_no_places_and_no_voices() -> None:
    analysis = Analysis.from_json(VERSION_2)
    assert len(analysis.speech.regions) == 2
    assert analysis.curve.settings == ()
    assert analysis.curve.voice.shape == (0,)


def test_a_file_of_the_third_version_loads_and_is_written_the_same() -> None:
    assert Analysis.from_json(VERSION_3).to_json() == VERSION_3


def test_json_keeps_an_analysis_to_four_decimals(three_parts: Analysis) -> None:
    again = Analysis.from_json(json.loads(json.dumps(three_parts.to_json())))
    assert again.duration_s == three_parts.duration_s
    assert again.shots == three_parts.shots
    assert again.curve.moods == three_parts.curve.moods
    for name in ("times_s", "valence", "arousal", "tension", "confidence", "mood_probabilities"):
        np.testing.assert_allclose(getattr(again.curve, name), getattr(three_parts.curve, name), atol=5.1e-5)
    np.testing.assert_allclose(again.activity.motion, three_parts.activity.motion, atol=5.1e-5)
    np.testing.assert_allclose(again.activity.sound_db, three_parts.activity.sound_db, atol=5.1e-3)
    assert again.to_json() == three_parts.to_json()


def test_shots_cover_the_film(three_parts: Analysis) -> None:
    ranges = three_parts.shots.ranges
    assert len(ranges) == len(three_parts.shots.cuts) + 1 == len(three_parts.shots.motion)
    assert ranges[0].start_s == 0.0
    assert ranges[-1].end_s == three_parts.duration_s
    assert all(a.end_s == b.start_s for a, b in pairwise(ranges))


def test_a_film_in_one_shot_is_one_range() -> None:
    (only,) = Shots(5.0, (), (0.1,)).ranges
    assert (only.start_s, only.end_s) == (0.0, 5.0)


def test_a_hard_cut_takes_no_time_and_a_dissolve_keeps_its_extent() -> None:
    cuts = Cut(1.0, "cut", 0.5), Cut(3.0, "dissolve", 0.5, 2.5, 3.5)
    shots = Shots(5.0, cuts, (0.1,) * 3)
    assert (cuts[0].start_s, cuts[0].end_s, cuts[0].length_s, cuts[1].length_s) == (1.0, 1.0, 0.0, 1.0)
    assert "start_s" not in shots.to_json()["cuts"][0]
    assert Shots.from_json(json.loads(json.dumps(shots.to_json()))) == shots
