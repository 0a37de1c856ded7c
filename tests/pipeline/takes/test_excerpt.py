from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from films import ffmpeg

from pipeline.media.probe import probe
from pipeline.settings import Settings
from pipeline.takes.excerpt import Excerpt, Pictures, cut_excerpt, picture_size
from pipeline.takes.passage import Passage

SETTINGS = Settings()
# A white edge moves from left to right in ten seconds: where it stands says when the picture is shown.
CLOCKED = "geq=lum='if(lt(X,W*T/10),235,16)':cb=128:cr=128,format=yuv420p"


def clocked(
    path: Path, seconds: float = 10.0, *, size: str = "400x226", more: str = "", extra: tuple[str, ...] = ()
) -> Path:
    source = f"color=black:s={size}:r=25:d={seconds},{CLOCKED}{more}"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", *extra, path)
    return path


def cut(film: Path, start_s: float, seconds: float, folder: Path) -> Excerpt:
    passage = Passage(start_s, Fraction(25), round(25 * seconds), "")
    return cut_excerpt(probe(film, SETTINGS), passage, folder / "passage.mkv", SETTINGS)


def shown_at(picture: np.ndarray) -> float:
    """The film time that a clocked picture states."""
    return 10 * float((picture[picture.shape[0] // 2, :, 0] > 128).mean())


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "film.avi", "film.flv"])
def test_a_passages_pictures_are_those_of_its_time(tmp_path: Path, name: str) -> None:
    film = clocked(tmp_path / name, extra=("-g", "120"))
    with Pictures(cut(film, 3.2, 4.0, tmp_path), SETTINGS) as pictures:
        for time_s in (0.0, 0.5, 1.0, 2.5, 3.98):
            assert shown_at(pictures.at(time_s)) == pytest.approx(3.2 + time_s, abs=0.05)


def test_going_back_starts_anew_and_gives_the_same_pictures(tmp_path: Path) -> None:
    with Pictures(cut(clocked(tmp_path / "film.mp4"), 2.0, 2.0, tmp_path), SETTINGS) as pictures:
        first = [pictures.at(t).copy() for t in (0.0, 1.0, 1.99)]
        again = [pictures.at(t) for t in (0.0, 1.0, 1.99)]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_picture_that_is_held_for_long_is_held(tmp_path: Path) -> None:
    film = clocked(tmp_path / "slides.mkv", more=",select='not(mod(n,100))'", extra=("-fps_mode", "vfr"))
    with Pictures(cut(film, 5.0, 4.0, tmp_path), SETTINGS) as pictures:
        assert shown_at(pictures.at(0.0)) == pytest.approx(4.0, abs=0.05)
        assert shown_at(pictures.at(2.9)) == pytest.approx(4.0, abs=0.05)
        assert shown_at(pictures.at(3.1)) == pytest.approx(8.0, abs=0.05)
        assert shown_at(pictures.at(3.9)) == pytest.approx(8.0, abs=0.05)


def test_a_picture_that_starts_after_the_sound_keeps_the_films_time(tmp_path: Path) -> None:
    plain = clocked(tmp_path / "plain.mkv")
    late = tmp_path / "late.mkv"
    tone = ["-f", "lavfi", "-i", "sine=d=12"]
    ffmpeg("-itsoffset", "1.4", "-i", plain, *tone, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", late)
    with Pictures(cut(late, 3.0, 1.0, tmp_path), SETTINGS) as pictures:
        assert shown_at(pictures.at(0.5)) == pytest.approx(3.5, abs=0.05)


def test_a_turned_phones_film_stands_upright(tmp_path: Path) -> None:
    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    # A column of light at the left edge; turned a quarter clockwise it lies along the top.
    box = "drawbox=0:0:iw/4:ih:white:fill"
    ffmpeg(
        "-f", "lavfi", "-i", f"color=black:s=1280x720:d=2:r=25,{box}", "-c:v", "libx264", "-pix_fmt", "yuv420p", flat
    )
    ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", turned)
    excerpt = cut(turned, 0.5, 1.0, tmp_path)
    assert (excerpt.width_px, excerpt.height_px) == (480, 854)
    with Pictures(excerpt, SETTINGS) as pictures:
        seen = pictures.at(0.5)
    assert seen[20].mean() > 230
    assert seen[-20].mean() < 20


@pytest.mark.parametrize("size", ["161x91", "64x720", "1280x98", "720x1280"])
def test_odd_and_narrow_films_become_even_pictures_with_room_for_a_caption(tmp_path: Path, size: str) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg("-f", "lavfi", "-i", f"color=white:s={size}:d=1:r=25", "-c:v", "ffv1", "-pix_fmt", "yuv444p", film)
    excerpt = cut(film, 0.0, 1.0, tmp_path)
    assert excerpt.width_px % 2 == excerpt.height_px % 2 == 0
    assert excerpt.width_px >= 400
    with Pictures(excerpt, SETTINGS) as pictures:
        seen = pictures.at(0.9)
    assert seen.shape == (excerpt.height_px, excerpt.width_px, 3)
    assert seen[excerpt.height_px // 2, excerpt.width_px // 2].min() > 230


def test_high_dynamic_range_is_brought_to_display_brightness(tmp_path: Path) -> None:
    film = tmp_path / "hdr.mkv"
    tags = "setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc"
    grey = f"color=0xC0C0C0:s=160x90:d=1:r=25,format=yuv420p10le,{tags}"
    ffmpeg("-f", "lavfi", "-i", grey, "-c:v", "libx265", "-preset", "ultrafast", film)
    with Pictures(cut(film, 0.0, 1.0, tmp_path), SETTINGS) as pictures:
        # Code 0.75 of PQ is about 1000 cd/m², near a display's white.
        assert np.median(pictures.at(0.5)) > 215


def test_the_picture_fits_its_box_and_keeps_the_films_shape() -> None:
    for width_px, height_px in ((1920, 1080), (1080, 1920), (3840, 1608), (640, 480), (320, 180)):
        width, height = picture_size(width_px, height_px)
        assert max(width, height) <= 854
        assert min(width, height) <= 480
        assert width / height == pytest.approx(width_px / height_px, rel=0.02)
