from __future__ import annotations

from pathlib import Path

import pytest
from films import plain_film
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.sniff import _family, sniff
from scoring.errors import UnsupportedMedia, VideoMissing


@pytest.mark.parametrize(
    ("suffix", "family", "extra"),
    [
        ("mp4", "mov", ()),
        ("mov", "mov", ()),
        ("mkv", "matroska", ()),
        ("avi", "avi", ()),
        ("ts", "mpegts", ()),
        ("m2ts", "mpegts", ("-f", "mpegts", "-mpegts_m2ts_mode", "1")),
        ("flv", "flv", ("-ar", "44100")),
        ("mxf", "mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000")),
    ],
)
def test_each_container_is_known_by_its_first_bytes_whatever_its_name(
    tmp_path: Path, suffix: str, family: str, extra: tuple[str, ...]
) -> None:
    film = plain_film(tmp_path / f"film.{suffix}", 1.0, extra=extra)
    film.rename(tmp_path / "named.bin")
    assert sniff(tmp_path / "named.bin").name == family


@pytest.mark.parametrize(
    ("content", "described"),
    [
        (b"", "empty"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "playlist"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "playlist"),
        (b"hello, this is a letter\n", "text file"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "WAV"),
        (b"OggS\x00", "Ogg"),
        (bytes(range(128, 256)), "unknown"),
    ],
)
def test_what_is_not_a_video_is_refused_and_named(tmp_path: Path, content: bytes, described: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(UnsupportedMedia, match=described):
        sniff(path)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing, match="no file"):
        sniff(tmp_path / "none.mp4")
    with pytest.raises(UnsupportedMedia, match="folder"):
        sniff(tmp_path)


@given(st.text(alphabet=st.characters(min_codepoint=9, max_codepoint=126), max_size=400))
def test_no_text_is_ever_taken_for_a_video_unless_it_spells_a_container(text: str) -> None:
    head = text.encode()
    if head[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") and head[8:12] != b"AVI ":
        assert _family(head) is None or head.count(b"G") >= 5
