"""What is kept in each container, and what is said to be lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import ffmpeg, picture, plain_film, tone
from scored import channels, decoded, picture_s, stream_md5

from pipeline.media.probe import MediaProbe, probe
from pipeline.score_video import score_video
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import MediaToolError, OutputRefused

SETTINGS = Settings()
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def look(path: Path) -> MediaProbe:
    return probe(path, SETTINGS)


def rich_film(path: Path, subtitle_codec: str) -> Path:
    """Two languages of sound, subtitles and two chapters."""
    words = path.with_suffix(".srt")
    words.write_text("1\n00:00:00,500 --> 00:00:02,000\nHello\n", encoding="utf-8")
    chapters = path.with_suffix(".txt")
    chapters.write_text(
        ";FFMETADATA1\ntitle=A film\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=3000\ntitle=Two\n",
        encoding="utf-8",
    )
    ffmpeg(
        *picture(3.0), *tone(3.0), *tone(3.0, hz=500), "-i", words, "-i", chapters, "-map_metadata", "4",
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", *X264, "-c:a", "aac", "-c:s", subtitle_codec,
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra", path,
    )  # fmt: skip
    return path


@pytest.mark.parametrize(("suffix", "subtitles"), [("mp4", "mov_text"), ("mkv", "srt"), ("mov", "mov_text")])
def test_further_sound_subtitles_chapters_and_tags_are_kept(tmp_path: Path, suffix: str, subtitles: str) -> None:
    film = rich_film(tmp_path / f"film.{suffix}", subtitles)
    made = score_video(film)
    before, after = look(film), look(made.video)
    assert [s.language for s in after.of_kind("audio")] == ["eng", "fra"]
    assert stream_md5(made.video, "a:1") == stream_md5(film, "a:1")
    assert stream_md5(made.video, "v:0") == stream_md5(film, "v:0")
    assert len(after.of_kind("subtitle")) == 1
    assert after.chapters == before.chapters == 2
    assert made.report.losses == ()


def test_what_another_container_cannot_hold_is_named(tmp_path: Path) -> None:
    film = rich_film(tmp_path / "film.mkv", "srt")
    made = score_video(film, Wish(output=tmp_path / "out.mp4"))
    assert any("subtitle" in loss for loss in made.report.losses)
    assert len(look(made.video).of_kind("audio")) == 2


def test_a_timecode_is_kept_in_quicktime(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mov", extra=("-timecode", "01:00:00:00"))
    assert look(film).timecode == "01:00:00:00"
    made = score_video(film)
    assert look(made.video).timecode == "01:00:00:00"
    assert made.report.losses == ()


def test_rotation_and_colour_are_kept(tmp_path: Path) -> None:
    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    tags = "setparams=color_trc=arib-std-b67:color_primaries=bt2020:colorspace=bt2020nc:range=tv,format=yuv420p10le"
    ffmpeg(*picture(2.0), *tone(2.0), "-vf", tags, "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", flat)
    ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", turned)
    made = score_video(turned)
    after = look(made.video)
    assert after.info.rotation_deg == 90
    assert after.info.transfer == "hlg"
    assert after.colour == look(turned).colour
    assert made.report.losses == ()


@pytest.mark.parametrize(
    ("suffix", "coding"),
    [
        ("mp4", (*X264, "-c:a", "aac")),
        ("mov", (*X264, "-c:a", "pcm_s16le")),
        ("mkv", (*X264, "-c:a", "flac")),
        ("webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")),
        ("avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
        ("ts", (*X264, "-c:a", "aac")),
        ("flv", (*X264, "-c:a", "aac", "-ar", "44100")),
        ("mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000")),
        ("3gp", ("-c:v", "h263", "-s", "176x144", "-c:a", "aac", "-ar", "44100")),
    ],
)
def test_every_container_keeps_length_and_sync(tmp_path: Path, suffix: str, coding: tuple[str, ...]) -> None:
    film = tmp_path / f"film.{suffix}"
    ffmpeg(*picture(4.0), *tone(4.0), *coding, film)
    made = score_video(film)
    assert made.video.suffix == film.suffix
    assert stream_md5(made.video, "v:0") == stream_md5(film, "v:0")
    rows = {check.name: check for check in made.report.checks}
    assert rows["sound offset after muxing"].status == "pass", rows["sound offset after muxing"]
    assert rows["sound length minus picture length"].status == "pass", rows["sound length minus picture length"]
    assert abs(decoded(made.video).shape[1] / 48_000 - picture_s(made.video)) <= 0.06


def test_sixty_pictures_a_second_leave_a_tighter_frame_and_it_is_kept(tmp_path: Path) -> None:
    made = score_video(plain_film(tmp_path / "film.mp4", 4.0, rate="60000/1001"))
    rows = {check.name: check for check in made.report.checks}
    assert rows["sound length minus picture length"].status == "pass", rows["sound length minus picture length"]


def test_a_late_picture_keeps_the_music_on_the_picture(tmp_path: Path) -> None:
    film = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "0.5", *picture(4.0), *tone(4.5), "-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac", film)
    made = score_video(film)
    rows = {check.name: check for check in made.report.checks}
    assert rows["sound offset after muxing"].status == "pass"


def test_a_film_without_sound_and_one_with_digital_silence_get_music(tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    ffmpeg(*picture(3.0), "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "3", *X264, "-c:a", "aac", silent)
    for film in (plain_film(tmp_path / "mute.mp4", sound=False), silent):
        made = score_video(film)
        assert made.report.fell_short == []


VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")


@pytest.mark.parametrize(
    ("suffix", "picture_coder"), [(".webm", VP9), (".mxf", ("-c:v", "mpeg2video")), (".flv", X264)]
)
def test_surround_sound_stays_surround_in_every_container_that_can_hold_it(
    tmp_path: Path, suffix: str, picture_coder: tuple[str, ...]
) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg(*picture(3.0), *tone(3.0, channels=6), *picture_coder, "-c:a", "ac3", film)
    made = score_video(film, Wish(output=tmp_path / f"out{suffix}"))
    assert channels(made.video) in [(6, "5.1"), (6, "6 channels")]  # MXF names no layout
    assert made.report.fell_short == []


def test_a_container_that_cannot_hold_the_picture_is_replaced_or_refused(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg(*picture(2.0), "-c:v", "ffv1", film)
    with pytest.raises(MediaToolError, match="mkv"):
        score_video(film, Wish(output=tmp_path / "out.webm"))
    assert not list(tmp_path.glob("*.part*"))
    assert score_video(film).video.suffix == ".mkv"


def test_a_name_that_says_no_container_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match=r"\.mp4"):
        score_video(plain_film(tmp_path / "film.mp4", 1.0), Wish(output=tmp_path / "out.xyz"))
