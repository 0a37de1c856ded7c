"""Whole films pass, films that end too early do not: every container, cut anywhere."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from films import ffmpeg, picture, plain_film, tone
from hypothesis import given
from hypothesis import strategies as st

from integrations.watch_folder.wholeness import reserved, wholeness
from pipeline.media.sniff import sniff

# name → output options
KINDS: Mapping[str, tuple[str, ...]] = {
    "late.mp4": (),
    "early.mp4": ("-movflags", "+faststart"),
    "fragments.mp4": ("-movflags", "+frag_keyframe+empty_moov", "-g", "5"),
    "plain.mov": (),
    "plain.mkv": (),
    "plain.avi": (),
    "plain.ts": (),
    "plain.flv": (),
    "plain.mxf": (),
}
UNSTATED = {"plain.ts", "plain.flv"}


def make(folder: Path) -> dict[str, tuple[str, bytes]]:
    made = {}
    for name, options in KINDS.items():
        path = folder / name
        if path.suffix == ".mxf":
            ffmpeg(*picture(0.8, size="720x576"), *tone(0.8), "-c:v", "mpeg2video", "-c:a", "pcm_s16le", path)
        else:
            plain_film(path, 0.8, size="64x36", extra=options)
        made[name] = (sniff(path).name, path.read_bytes())
    return made


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    return make(tmp_path_factory.mktemp("films"))


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_film_lacks_nothing(films: dict[str, tuple[str, bytes]], name: str) -> None:
    container, data = films[name]
    found = wholeness(io.BytesIO(data), container)
    assert (found.missing, found.is_stated) == ("", name not in UNSTATED)


@pytest.mark.parametrize("name", sorted(set(KINDS) - UNSTATED))
def test_a_film_that_is_cut_off_anywhere_is_not_whole(films: dict[str, tuple[str, bytes]], name: str) -> None:
    container, data = films[name]

    @given(st.integers(1, len(data) - 1))
    def cut(length: int) -> None:
        found = wholeness(io.BytesIO(data[:length]), container)
        assert found.missing or not found.is_stated, length

    cut()


@pytest.mark.parametrize("name", ["late.mp4", "early.mp4", "plain.mov", "plain.mkv", "plain.avi", "plain.mxf"])
def test_a_film_of_these_kinds_that_is_cut_off_is_seen_to_be(films: dict[str, tuple[str, bytes]], name: str) -> None:
    container, data = films[name]
    for length in {len(data) * part // 100 for part in range(30, 100, 7)} | {len(data) - 1}:
        assert wholeness(io.BytesIO(data[:length]), container).missing, length


@given(st.binary(max_size=300), st.sampled_from(["mov", "matroska", "avi", "mxf", "mpegts", "flv"]))
def test_nothing_that_a_file_may_hold_breaks_the_look(data: bytes, container: str) -> None:
    wholeness(io.BytesIO(data), container)
    reserved(io.BytesIO(data))


@given(st.binary(max_size=200))
def test_boxes_of_any_length_end(data: bytes) -> None:
    wholeness(io.BytesIO(b"\0\0\0\x10ftypisom\0\0\0\0" + data), "mov")


def test_room_that_was_reserved_and_not_filled_shows(tmp_path: Path, films: dict[str, tuple[str, bytes]]) -> None:
    data = films["early.mp4"][1]
    path = tmp_path / "film.mp4"
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    with path.open("rb") as file:
        assert "zeros" in reserved(file)
    path.write_bytes(data)
    with path.open("rb") as file:
        assert reserved(file) == ""


def test_a_hole_in_the_middle_shows_where_the_disk_tells(tmp_path: Path, films: dict[str, tuple[str, bytes]]) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.write(films["early.mp4"][1])
        file.seek(10 << 20)
        file.write(b"end" * 2000)
    with path.open("rb") as file:
        if not hasattr(os, "SEEK_HOLE") or file.seek(0, os.SEEK_HOLE) == path.stat().st_size:
            pytest.skip("this disk does not tell")
        assert "nothing was written" in reserved(file)
