from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from films import ffmpeg, picture, plain_film, tone

from pipeline.media.decode import FilmReader, small_size, still_size
from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.settings import Settings
from scoring.errors import BrokenMedia
from vision.frames import Frame, SoundBlock, Still

SETTINGS = Settings()
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def read(path: Path) -> tuple[list[Frame], list[Still], list[SoundBlock], FilmReader]:
    reader = FilmReader(probe(path, SETTINGS, shortest_s=0), SETTINGS)
    items = list(reader)
    return (
        [i for i in items if isinstance(i, Frame)],
        [i for i in items if isinstance(i, Still)],
        [i for i in items if isinstance(i, SoundBlock)],
        reader,
    )


def test_one_pass_gives_every_picture_two_stills_a_second_and_all_the_sound(tmp_path: Path) -> None:
    frames, stills, sound, reader = read(plain_film(tmp_path / "film.mp4", 4.0))
    assert [round(f.time_s * 25) for f in frames] == list(range(100))
    assert len(stills) == 8
    assert stills[0].rgb.shape == (224, 398, 3)
    assert sum(b.samples.shape[1] for b in sound) == pytest.approx(4 * 48000, abs=2048)
    assert reader.picture_end.end_s == pytest.approx(4.0, abs=1e-6)


def test_sound_blocks_follow_each_other_without_gaps(tmp_path: Path) -> None:
    _, _, sound, _ = read(plain_film(tmp_path / "film.mkv", 3.0))
    at = 0
    for block in sound:
        assert round(block.time_s * 48000) == at
        at += block.samples.shape[1]


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "60", "12.5", "50"])
def test_times_keep_to_the_rational_frame_rate(tmp_path: Path, rate: str) -> None:
    film = plain_film(tmp_path / "film.mkv", 2.0, rate=rate, sound=False)
    frames, _, sound, _ = read(film)
    exact = probe(film, SETTINGS).info.frame_rate
    assert sound == []
    for number, frame in enumerate(frames):
        assert frame.time_s == pytest.approx(exact.time_of(number), abs=1.1e-3)  # Matroska counts milliseconds


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pictures_come_upright_as_a_player_shows_them(tmp_path: Path, degrees: int) -> None:
    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    # White in the top-left quarter only, so that each turn looks different.
    box = "drawbox=0:0:iw/2:ih/2:white:fill"
    ffmpeg("-f", "lavfi", "-i", f"color=black:s=160x90:d=1:r=25,{box}", *H264, flat)
    ffmpeg("-display_rotation", str(-degrees), "-i", flat, "-c", "copy", turned)
    found = probe(turned, SETTINGS).info
    assert found.rotation_deg == degrees
    assert (found.width_px, found.height_px) == ((90, 160) if degrees != 180 else (160, 90))
    frames, stills, _, _ = read(turned)
    luma = frames[0].luma
    bright = np.unravel_index(int(np.argmax(luma)), luma.shape)
    # A clockwise turn takes the top-left corner to the top right, then bottom right, then bottom left.
    corner = {90: (0, 1), 180: (1, 1), 270: (1, 0)}[degrees]
    quarter = luma.shape[0] // 4, luma.shape[1] // 4
    sample = luma[quarter[0] if corner[0] == 0 else -quarter[0], quarter[1] if corner[1] == 0 else -quarter[1]]
    assert sample > 200, bright
    assert stills[0].rgb.shape[0] > stills[0].rgb.shape[1] or degrees == 180


def test_a_film_whose_picture_starts_late_has_its_sound_cut_to_match(tmp_path: Path) -> None:
    late = tmp_path / "late.mkv"
    # A click at 1.0 s of the sound; the picture starts at 0.4 s, so the film hears it at 0.6 s.
    click = "aevalsrc='if(between(t,1,1.01),0.8,0)':s=48000:d=3"
    ffmpeg(
        "-itsoffset", "0.4", *picture(2.0), "-f", "lavfi", "-i", click, "-map", "0:v", "-map", "1:a",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", late,
    )  # fmt: skip
    film = probe(late, SETTINGS)
    frames, _, sound, _ = read(late)
    assert frames[0].time_s == 0.0
    for blocks in (sound, list(read_sound(film, SETTINGS))):
        samples = np.concatenate([b.samples for b in blocks], axis=1)[0]
        assert round(blocks[0].time_s * 48000) == 0
        assert int(np.argmax(np.abs(samples) > 0.4)) / 48000 == pytest.approx(0.6, abs=0.002)


def test_sound_that_starts_after_the_picture_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    click = "aevalsrc='if(between(t,0.5,0.51),0.8,0)':s=48000:d=1.5"
    ffmpeg(
        *picture(3.0), "-itsoffset", "0.7", "-f", "lavfi", "-i", click, "-map", "0:v", "-map", "1:a",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", path,
    )  # fmt: skip
    blocks = list(read_sound(probe(path, SETTINGS), SETTINGS))
    samples = np.concatenate([b.samples for b in blocks], axis=1)[0]
    first_s = blocks[0].time_s
    assert first_s + int(np.argmax(np.abs(samples) > 0.4)) / 48000 == pytest.approx(1.2, abs=0.002)


def test_a_variable_frame_rate_is_read_with_its_own_times(tmp_path: Path) -> None:
    path = tmp_path / "vfr.mkv"
    ffmpeg(*picture(4.0), "-vf", "select='not(mod(n,4))+lt(t,2)',setpts=PTS", "-fps_mode", "vfr", *H264, path)
    frames, _, _, reader = read(path)
    gaps = np.diff([f.time_s for f in frames])
    assert gaps.min() == pytest.approx(0.04, abs=0.002)
    assert gaps.max() == pytest.approx(0.16, abs=0.002)
    assert reader.picture_end.is_variable_rate


def test_five_point_one_comes_with_every_channel_and_mixed_down_to_stereo(tmp_path: Path) -> None:
    path = tmp_path / "surround.mkv"
    ffmpeg(*picture(1.0), *tone(1.0, channels=6), *H264, path)
    film = probe(path, SETTINGS)
    assert film.info.audio[0].channels == 6
    _, _, heard, _ = read(path)
    for blocks in (heard, list(read_sound(film, SETTINGS))):
        assert all(block.bed.shape[0] == 6 and block.samples.shape[0] == 2 for block in blocks)


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "pq"), ("arib-std-b67", "hlg")])
def test_high_dynamic_range_is_brought_to_display_brightness(tmp_path: Path, transfer: str, name: str) -> None:
    path = tmp_path / "hdr.mkv"
    tags = f"setparams=color_trc={transfer}:color_primaries=bt2020:colorspace=bt2020nc"
    grey = f"color=0xC0C0C0:s=160x90:d=1:r=25,format=yuv420p10le,{tags}"
    ffmpeg("-f", "lavfi", "-i", grey, "-c:v", "libx265", "-preset", "ultrafast", path)
    assert probe(path, SETTINGS).info.transfer == name
    frames, _, _, _ = read(path)
    plain = plain_film(tmp_path / "sdr.mkv", 1.0, sound=False)
    assert probe(plain, SETTINGS).info.transfer == "sdr"
    # Code 0.75: about 1000 cd/m² in PQ and diffuse white in HLG, both near a display's white.
    assert 190 <= int(np.median(frames[0].luma)) <= 255


def test_a_truncated_film_is_refused_with_both_lengths(tmp_path: Path) -> None:
    whole = plain_film(tmp_path / "film.mp4", 10.0, extra=("-movflags", "+faststart"))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(BrokenMedia, match=r"cut off: it declares 10\.0 s"):
        read(cut)


def test_tags_that_are_not_utf8_do_no_harm(tmp_path: Path) -> None:
    path = plain_film(tmp_path / "film.mkv", 1.0, extra=("-metadata", "title=QQQQQQQQ"))
    path.write_bytes(path.read_bytes().replace(b"QQQQQQQQ", b"\xff\xfe\xc3\x28\xa0\xa1\xe2\x28"))
    assert Counter(type(i).__name__ for i in FilmReader(probe(path, SETTINGS), SETTINGS))["Frame"] == 25


@pytest.mark.parametrize("shape", [(1920, 1080), (1080, 1920), (720, 576), (64, 4000), (16, 16), (4096, 1716)])
def test_sizes_are_even_and_keep_the_shape(shape: tuple[int, int]) -> None:
    for size in (small_size(*shape), still_size(*shape, 224)):
        assert size[0] % 2 == size[1] % 2 == 0
        assert min(size) >= 2
    width, height = small_size(*shape)
    assert 0.5 < width * height / (320 * 180) < 2


@pytest.mark.parametrize("coder", [("-preset", "ultrafast"), ("-preset", "medium")])
@pytest.mark.parametrize("sound", ["pcm_s16le", "libmp3lame"])
def test_the_sound_of_an_avi_keeps_its_place_against_the_first_picture(
    tmp_path: Path, coder: tuple[str, ...], sound: str
) -> None:
    # Its readers disagree on when an H.264 picture with reordered frames comes on; both passes must agree.
    path = tmp_path / "film.avi"
    click = "aevalsrc='if(between(t,1,1.01),0.8,0)':s=48000:d=3"
    ffmpeg(
        *picture(3.0, rate="10"), "-f", "lavfi", "-i", click, "-c:v", "libx264", *coder, "-pix_fmt", "yuv420p",
        "-c:a", sound, path,
    )  # fmt: skip
    _, _, heard, _ = read(path)
    at_s = []
    for blocks in (heard, list(read_sound(probe(path, SETTINGS), SETTINGS))):
        samples = np.concatenate([block.samples for block in blocks], axis=1)[0]
        at_s.append(blocks[0].time_s + int(np.argmax(np.abs(samples) > 0.4)) / 48000)
    assert at_s[0] == pytest.approx(at_s[1], abs=0.001)
