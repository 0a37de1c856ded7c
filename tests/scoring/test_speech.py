from __future__ import annotations

import math

import pytest

from scoring.speech import SourceMusic, Speech, SpeechRegion
from scoring.timebase import TimeRange


def test_speech_keeps_its_times_and_loudness_through_json() -> None:
    speech = Speech((SpeechRegion(0.0, 1.25, -23.5), SpeechRegion(1.25, 3.0)))
    assert Speech.from_json(speech.to_json()) == speech
    assert speech.ranges == (TimeRange(0.0, 1.25), TimeRange(1.25, 3.0))
    assert speech.regions[0].duration_s == 1.25


def test_source_music_keeps_its_times_through_json() -> None:
    music = SourceMusic((TimeRange(0.5, 2.0), TimeRange(4.0, 9.125)))
    assert SourceMusic.from_json(music.to_json()) == music


@pytest.mark.parametrize("loudness_lufs", [math.inf, -math.inf, math.nan])
def test_a_loudness_that_is_no_number_is_refused(loudness_lufs: float) -> None:
    with pytest.raises(ValueError, match="LUFS"):
        SpeechRegion(0.0, 1.0, loudness_lufs)


def test_regions_that_run_backwards_or_begin_before_the_film_are_refused() -> None:
    with pytest.raises(ValueError, match="run forward"):
        SpeechRegion(2.0, 2.0)
    with pytest.raises(ValueError, match="before the film"):
        SpeechRegion(-0.1, 2.0)
    with pytest.raises(ValueError, match="before the film"):
        SourceMusic((TimeRange(-0.1, 2.0),))


def test_regions_out_of_order_or_over_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found \[0\.0, 2\.0\) before \[1\.0, 3\.0\)"):
        Speech((SpeechRegion(0.0, 2.0), SpeechRegion(1.0, 3.0)))
    with pytest.raises(ValueError, match="overlap"):
        SourceMusic((TimeRange(4.0, 5.0), TimeRange(0.0, 1.0)))
