from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from films import ffmpeg, picture
from scored import loudness_lufs

from pipeline.settings import Settings
from pipeline.takes.hearing import OUTLINE_STEPS, hear, level_gains_db


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """6 s: two of silence, two of a tone at 0.5, two at 0.05."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    level = "if(lt(t,2),0,if(lt(t,4),0.5,0.05))*sin(440*2*PI*t)"
    tone = ["-f", "lavfi", "-i", f"aevalsrc='{level}|{level}':s=48000:d=6"]
    ffmpeg(*picture(6.0), *tone, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", path)
    return path


def test_the_outline_shows_peak_and_mean_where_they_are(film: Path) -> None:
    heard = hear(film, 6.0, 0.0, 48_000, Settings())
    third = OUTLINE_STEPS // 3
    for peak, part in (
        (0.0, slice(2, third - 2)),
        (0.5, slice(third + 2, 2 * third - 2)),
        (0.05, slice(2 * third + 2, -2)),
    ):
        assert heard.peaks[part] == pytest.approx(peak, abs=0.01)
        assert heard.rms[part] == pytest.approx(peak / math.sqrt(2), abs=0.01)


def test_the_passage_is_the_sound_of_that_time_and_silence_past_the_end(film: Path) -> None:
    heard = hear(film, 6.0, 3.0, 4 * 48_000, Settings())
    assert np.abs(heard.passage[:, :47_000]).max() == pytest.approx(0.5, abs=0.01)
    assert np.abs(heard.passage[:, 49_000 : 3 * 48_000 - 10]).max() == pytest.approx(0.05, abs=0.01)
    assert not heard.passage[:, 3 * 48_000 :].any()
    assert heard.passage_lufs == pytest.approx(loudness_lufs(heard.passage), abs=0.1)
    assert hear(film, 6.0, 0.0, 48_000, Settings()).passage_lufs == -math.inf


def test_every_passage_is_lowered_to_the_quietest_and_silence_counts_for_nothing() -> None:
    assert level_gains_db([-14.0, -16.5, -15.0]) == pytest.approx([-2.5, 0.0, -1.5])
    assert level_gains_db([-14.0, -math.inf, -15.0]) == pytest.approx([-1.0, 0.0, 0.0])
    assert level_gains_db([-math.inf, -math.inf]) == [0.0, 0.0]
