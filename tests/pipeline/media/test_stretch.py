from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import ffmpeg, picture, plain_film, tone
from numpy.typing import NDArray
from reviewed import numbered_film

from pipeline.media import ffmpeg_gate
from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.media.stretch import stretch_sound
from pipeline.settings import Settings
from scoring.timebase import SAMPLE_RATE_HZ

SETTINGS = Settings()
SHIFTS = range(-200, 201)


def heard(film: Path, start_s: float, seconds: float) -> NDArray[np.float32]:
    """[C, n] of a stretch."""
    samples = round(seconds * SAMPLE_RATE_HZ)
    sound, bed = stretch_sound(probe(film, SETTINGS), start_s, samples, SETTINGS)
    output = ffmpeg_gate.own_output(sound, format="f32le", acodec="pcm_f32le")
    with ffmpeg_gate.run(output, SETTINGS, film_s=seconds) as child:
        raw = child.stdout.read()
        child.finish()
    return np.frombuffer(raw, np.float32).reshape(-1, bed.size).T


def whole(film: Path) -> NDArray[np.float32]:
    blocks = list(read_sound(probe(film, SETTINGS), SETTINGS))
    sound = np.concatenate([block.bed for block in blocks], axis=1)
    first = round(blocks[0].time_s * SAMPLE_RATE_HZ)
    return np.pad(sound, ((0, 0), (first, 0)))


def lag_of(part: NDArray[np.float32], film: NDArray[np.float32], start_s: float) -> int:
    """How many samples later a stretch sounds than it should, at most 200."""
    first = round(start_s * SAMPLE_RATE_HZ)
    unlike = [np.abs(part[:, 200:-200] - film[:, first + 200 + at :][:, : part.shape[1] - 400]).max() for at in SHIFTS]
    return -SHIFTS[int(np.argmin(unlike))]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered_film(tmp_path_factory.mktemp("stretch") / "film.mp4", 16.0)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "film.mov"])
@pytest.mark.parametrize(("start_s", "seconds"), [(0.0, 2.0), (0.48, 1.0), (9.04, 3.2), (14.5, 1.0)])
def test_a_stretchs_sound_is_that_part_of_the_films_to_the_sample(
    film: Path, tmp_path: Path, name: str, start_s: float, seconds: float
) -> None:
    kept = tmp_path / name
    ffmpeg("-i", film, "-c", "copy", kept)
    part = heard(kept, start_s, seconds)
    # Where it was sought in, a file that keeps time by the millisecond is exact to that.
    late = 0 if start_s < 10 or name != "film.mkv" else -lag_of(part, whole(kept), start_s)
    assert abs(late) < SAMPLE_RATE_HZ / 1000
    first = round(start_s * SAMPLE_RATE_HZ) + late
    same = whole(kept)[:, first : first + part.shape[1]]
    assert part.shape == (2, round(seconds * SAMPLE_RATE_HZ))
    assert np.abs(part).max() > 0.01
    assert np.abs(part[:, : same.shape[1]] - same).max() < 1e-3


def test_a_picture_that_starts_after_the_sound_keeps_the_films_time(film: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "1.4", "-i", film, "-i", film, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    first = round(3.0 * SAMPLE_RATE_HZ)
    part = heard(late, 3.0, 1.0)
    assert np.abs(part - whole(late)[:, first : first + SAMPLE_RATE_HZ]).max() < 1e-3


def test_past_its_end_a_film_is_silent(tmp_path: Path) -> None:
    short = plain_film(tmp_path / "film.mkv", 2.0, extra=("-c:a", "pcm_s16le"))
    part = heard(short, 1.5, 3.0)
    assert part.shape == (2, 3 * SAMPLE_RATE_HZ)
    assert np.abs(part[:, : SAMPLE_RATE_HZ // 4]).max() > 0.05
    assert not part[:, SAMPLE_RATE_HZ:].any()


def test_surround_sound_keeps_its_channels(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    ffmpeg(*picture(2.0), *tone(2.0, channels=6), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac", path)
    assert heard(path, 0.5, 1.0).shape == (6, SAMPLE_RATE_HZ)
