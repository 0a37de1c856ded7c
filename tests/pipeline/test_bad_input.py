"""What cannot be scored is refused in one clear line, and nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from films import ffmpeg, plain_film, tone
from scored import picture_s

from pipeline.publish import published
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.errors import (
    BrokenMedia,
    CuesmithError,
    DiskFull,
    FilmTooShort,
    InputError,
    MediaTooLarge,
    OutputRefused,
    UnsupportedMedia,
    VideoMissing,
)

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def refuse(path: Path, kind: type[CuesmithError], words: str) -> None:
    """The film is refused as `kind`, the message says `words` and what to do, and no file was made."""
    before = sorted(path.parent.rglob("*")) if path.parent.is_dir() else []
    with pytest.raises(kind, match=words) as caught:
        score_video(path)
    assert caught.value.advice
    assert (sorted(path.parent.rglob("*")) if path.parent.is_dir() else []) == before


def test_a_missing_file(folder: Path) -> None:
    refuse(folder / "none.mp4", VideoMissing, "no file")


def test_an_empty_file(folder: Path) -> None:
    (folder / "film.mp4").touch()
    refuse(folder / "film.mp4", UnsupportedMedia, "empty")


def test_a_folder(folder: Path) -> None:
    (folder / "film.mp4").mkdir()
    refuse(folder / "film.mp4", UnsupportedMedia, "folder")


@pytest.mark.parametrize(("text", "words"), [("Dear diary", "text file"), (PLAYLIST, "playlist")])
def test_text_and_playlists_that_pose_as_video(folder: Path, text: str, words: str) -> None:
    (folder / "film.mp4").write_text(text)
    refuse(folder / "film.mp4", UnsupportedMedia, words)


def test_a_playlist_inside_a_container_name_never_opens_its_neighbour(folder: Path) -> None:
    plain_film(folder / "secret.ts", 2.0)
    # Padded so that it begins like an MP4 box and goes on as a playlist.
    (folder / "film.mp4").write_bytes(b"\x00\x00\x00\x08ftyp" + b"\nffconcat version 1.0\nfile secret.ts\n")
    refuse(folder / "film.mp4", InputError, "film.mp4")


def test_sound_without_a_picture(folder: Path) -> None:
    ffmpeg(*tone(2.0), "-c:a", "aac", folder / "film.mp4")
    refuse(folder / "film.mp4", UnsupportedMedia, "no picture")


def test_a_cover_picture_is_no_film(folder: Path, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=300x300:d=1", "-frames:v", "1", cover)
    ffmpeg(
        *tone(2.0), "-i", cover, "-map", "0:a", "-map", "1:v", "-c:a", "aac", "-c:v", "copy",
        "-disposition:v", "attached_pic", folder / "film.mp4",
    )  # fmt: skip
    refuse(folder / "film.mp4", UnsupportedMedia, "no picture")


def test_a_truncated_film(folder: Path) -> None:
    whole = plain_film(folder / "film.mp4", 8.0, extra=("-movflags", "+faststart"))
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    refuse(whole, BrokenMedia, "cut off")


def test_a_film_whose_index_is_missing(folder: Path) -> None:
    whole = plain_film(folder / "film.mp4", 4.0)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    refuse(whole, BrokenMedia, "cannot be read")


@pytest.mark.parametrize("head", [b"", b"\x00\x00\x00\x18ftypmp42", b"\x1aE\xdf\xa3", b"RIFF\x00\x00\x01\x00AVI LIST"])
def test_random_bytes_with_and_without_a_video_head(folder: Path, head: bytes) -> None:
    (folder / "film.mp4").write_bytes(head + random.Random(7).randbytes(200_000))
    refuse(folder / "film.mp4", InputError, "film.mp4")


def test_ten_by_six_pixels(folder: Path) -> None:
    refuse(plain_film(folder / "film.mp4", size="10x6"), UnsupportedMedia, "10x6 pixels")


def test_a_tenth_of_a_second(folder: Path) -> None:
    refuse(plain_film(folder / "film.mp4", 0.1, rate="30", sound=False), FilmTooShort, r"0\.10 s")


def test_an_hour_claimed_by_a_few_bytes_is_refused_by_its_length(folder: Path) -> None:
    ffmpeg(
        "-f", "lavfi", "-i", "color=black:s=16x16:r=1:d=18000", "-c:v", "libx264", "-preset", "ultrafast",
        folder / "film.mp4",
    )  # fmt: skip
    refuse(folder / "film.mp4", MediaTooLarge, r"5\.0 hours")


@pytest.mark.parametrize("name", ["-vf.mp4", "two\nlines.mp4", "http:evil.mp4", "pic%03d.mp4", "film [1] 'é' 雨.mp4"])
def test_odd_names_are_scored_like_any_other(folder: Path, name: str) -> None:
    film = plain_film(folder / "plain.mp4", 1.0).rename(folder / name)
    made = score_video(film)
    assert made.video == folder / f"{name.removesuffix('.mp4')}.scored.mp4"
    assert made.report.fell_short == []


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_not_unicode_is_scored(folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/film\xff\xfe.mp4"))
    assert score_video(plain_film(folder / "plain.mp4", 1.0).rename(odd)).video.exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to become somebody else")
def test_no_permission_to_write_is_said_before_any_work(folder: Path) -> None:
    film = plain_film(folder / "film.mp4", 1.0)
    with pytest.raises(OutputRefused):
        score_video(film, Wish(output=Path("/proc/film.mp4")))


def test_an_output_folder_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(OutputRefused, match="no folder"):
        score_video(plain_film(folder / "film.mp4", 1.0), Wish(output=folder / "none" / "out.mp4"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None or os.name == "nt" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_too_small_is_said_before_any_work(small_disk: Path, tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 60.0)
    with pytest.raises(DiskFull, match="free"):
        score_video(film, Wish(output=small_disk / "out.mp4"))
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("left_mb", [1, 4, 8, 12, 16])
def test_a_disk_that_fills_up_on_the_way_leaves_no_result(small_disk: Path, tmp_path: Path, left_mb: int) -> None:
    film = plain_film(tmp_path / "film.mp4", 12.0)
    (small_disk / "other").write_bytes(bytes((23 - left_mb) * 2**20))
    with contextlib.suppress(DiskFull):
        score_video(film, Wish(output=small_disk / "out.mp4"))
    left = [p for p in small_disk.rglob("*") if ".part" in p.name or "scratch" in p.name]
    assert left == []
    if (small_disk / "out.mp4").exists():
        assert picture_s(small_disk / "out.mp4") == pytest.approx(12.0, abs=0.05)


def test_publishing_leaves_either_the_old_file_or_the_new(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with contextlib.suppress(RuntimeError), published(target) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    with published(target) as aside:
        aside.write_text("new")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]
