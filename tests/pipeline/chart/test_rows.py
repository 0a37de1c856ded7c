"""The rows: exact columns and values, and everything of the curve comes back."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from analyses import made_up
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.chart.rows import COLUMNS, timecode, write_rows
from scoring.analysis import Activity, Analysis, Cut, EmotionCurve, Shots
from scoring.speech import SourceMusic, Speech, SpeechRegion
from scoring.timebase import FrameRate, TimeRange


def small(**curve: object) -> Analysis:
    """Two seconds, a cut at 0.75 s, speech from 0.9 to 1.2 s, music from 1.5 s."""
    return Analysis(
        2.0,
        Shots(2.0, (Cut(0.75, "cut", 1.0),), (0.1, 0.2)),
        EmotionCurve(
            times_s=np.array([0.0, 0.5, 1.0, 1.5]),
            valence=np.array([-1.0, 0.12345, 0.5, -0.00001]),
            arousal=np.array([0.0, 0.25, 0.5, 1.0]),
            tension=np.array([0.0, 0.1, 0.2, 0.3]),
            confidence=np.full(4, 0.3),
            moods=("calm", 'so, "so"'),
            mood_probabilities=np.array([(0.9, 0.1), (0.6, 0.4), (0.25, 0.75), (0.0, 1.0)]),
            analyser="by hand",
            **curve,  # type: ignore[arg-type]
        ),
        Activity(10.0, np.arange(20) / 100, np.array([-20.0] * 10 + [-120.0] * 10)),
        Speech((SpeechRegion(0.9, 1.2),)),
        SourceMusic((TimeRange(1.5, 2.0),)),
    )


def test_the_text_is_exactly_this() -> None:
    assert write_rows(small(), FrameRate(25)).decode("utf-8") == (
        "time_s,timecode,valence,arousal,tension,confidence,mood,mood_probability,setting,setting_probability,voice,"
        'speech,source_music,motion,sound_db,shot,cut,mood_calm,"mood_so, ""so"""\r\n'
        "0.000,00:00:00:00,-1.0000,0.0000,0.0000,0.3000,calm,0.9000,,,,0,0,0.0200,-20.00,1,0,0.9000,0.1000\r\n"
        "0.500,00:00:00:12,0.1235,0.2500,0.1000,0.3000,calm,0.6000,,,,1,0,0.0700,-20.00,1,1,0.6000,0.4000\r\n"
        '1.000,00:00:01:00,0.5000,0.5000,0.2000,0.3000,"so, ""so""",0.7500,,,,1,0,0.1200,-120.00,2,0,0.2500,0.7500\r\n'
        '1.500,00:00:01:12,0.0000,1.0000,0.3000,0.3000,"so, ""so""",1.0000,,,,0,1,0.1700,-120.00,2,0,0.0000,1.0000\r\n'
    )


def test_places_and_voices_fill_their_columns_where_the_analyser_knows_them() -> None:
    places = np.array([(0.2, 0.8), (0.7, 0.3), (0.5, 0.5), (0.0, 1.0)])
    text = write_rows(
        small(settings=("none", "sea"), setting_probabilities=places, voice=np.array([0.0, 0.5, -0.5, 1.0])),
        FrameRate(25),
    )
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))
    assert [row["setting"] for row in rows] == ["sea", "none", "none", "sea"]
    assert [row["setting_probability"] for row in rows] == ["0.8000", "0.7000", "0.5000", "1.0000"]
    assert [row["voice"] for row in rows] == ["0.0000", "0.5000", "-0.5000", "1.0000"]


@settings(max_examples=30, deadline=None)
@given(
    duration_s=st.floats(0.05, 200.0),
    seed=st.integers(0, 1000),
    cuts=st.integers(0, 40),
    full=st.booleans(),
)
def test_the_curve_comes_back_from_its_rows(duration_s: float, seed: int, cuts: int, full: bool) -> None:
    analysis = made_up(duration_s, seed=seed, cuts=cuts, places=full, voice=full, speech=full)
    curve = analysis.curve
    rows = list(csv.DictReader(io.StringIO(write_rows(analysis, FrameRate(24)).decode("utf-8"), newline="")))
    assert len(rows) == len(curve.times_s)
    assert list(rows[0]) == [*COLUMNS, *(f"mood_{name}" for name in curve.moods)]
    for name in ("valence", "arousal", "tension", "confidence"):
        np.testing.assert_allclose([float(row[name]) for row in rows], getattr(curve, name), atol=5.01e-5)
    np.testing.assert_allclose([float(row["time_s"]) for row in rows], curve.times_s, atol=5.01e-4)
    for k, row in enumerate(rows):
        np.testing.assert_allclose(
            [float(row[f"mood_{name}"]) for name in curve.moods], curve.mood_probabilities[k], atol=5.01e-5
        )
        assert curve.mood_probabilities[k, curve.moods.index(row["mood"])] == curve.mood_probabilities[k].max()
        assert "-0.0000" not in row.values()
    # Every cut is counted where it lies, and the shots go up by as many.
    starts_s = [*curve.times_s[1:], duration_s]
    for row, end_s in zip(rows, starts_s, strict=True):
        start_s = float(row["time_s"])
        inside = [cut for cut in analysis.shots.cuts if start_s <= cut.time_s < end_s]
        assert int(row["cut"]) == bool(inside)
        assert int(row["shot"]) == 1 + sum(cut.time_s <= start_s for cut in analysis.shots.cuts)
        assert int(row["speech"]) == any(r.start_s < end_s and start_s < r.end_s for r in analysis.speech.ranges)


@pytest.mark.parametrize(
    ("time_s", "rate", "expected"),
    [
        (0.0, FrameRate(25), "00:00:00:00"),
        (3661.5, FrameRate(24), "01:01:01:12"),
        (1.0, FrameRate(30000, 1001), "00:00:00:29"),
        (1001 / 1000, FrameRate(30000, 1001), "00:00:01:00"),
        (0.5, FrameRate(120), "00:00:00:060"),
        (9.0, FrameRate(1, 3), "00:00:03:00"),
    ],
)
def test_timecode_counts_the_pictures_without_dropping_numbers(time_s: float, rate: FrameRate, expected: str) -> None:
    assert timecode(time_s, rate) == expected
