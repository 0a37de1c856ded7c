from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.media import pictures
from pipeline.media.decode import still_size
from pipeline.media.pictures import Unread, read_pictures
from pipeline.settings import Settings
from scoring.errors import MediaToolError


def scene(width=120, height=80, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def coded(picture, kind, **options):
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def read(tmp_path, *files, settings=None):
    """What comes of files given as bytes, or as (name, bytes)."""
    paths = []
    for number, given in enumerate(files):
        name, data = given if isinstance(given, tuple) else (f"{number}.jpg", given)
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    return list(read_pictures(paths, settings or Settings()))


def png(width, height, rows=b""):
    """A PNG that claims a size, with whatever pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_jpeg_png_and_webp_are_read_whatever_their_names_at_the_size_of_a_still(tmp_path):
    picture = scene()
    found = read(
        tmp_path, coded(picture, "JPEG", quality=95), coded(picture, "PNG"), coded(picture, "WEBP", quality=95)
    )
    width, height = still_size(120, 80, 224)
    expected = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), int)
    for rgb in found:
        assert rgb.dtype == np.uint8
        assert rgb.shape == (height, width, 3)
        assert np.mean(np.abs(rgb - expected)) < 3
    assert np.array_equal(found[1], expected)


@pytest.mark.parametrize("size", [(320, 213), (16, 2000), (333, 100), (224, 224), (5000, 40)])
def test_the_child_measures_a_still_as_the_parent_does(tmp_path, size):
    (found,) = read(tmp_path, coded(scene(*size), "PNG"))
    assert found.shape[1::-1] == still_size(*size, 224)


def test_a_picture_is_turned_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side: turn clockwise
    upright, lying = scene(60, 120), scene(60, 120).transpose(Image.Transpose.ROTATE_90)
    plain, turned = read(tmp_path, coded(upright, "PNG"), coded(lying, "PNG", exif=exif))
    assert np.array_equal(plain, turned)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA", "I;16"])
def test_every_way_to_store_colour_is_read(tmp_path, mode):
    picture = Image.new("RGB", (40, 40), (130, 130, 130))
    stored = Image.fromarray(np.full((40, 40), 130 * 257, np.uint16)) if mode == "I;16" else picture.convert(mode)
    (found,) = read(tmp_path, coded(stored, "JPEG" if mode == "CMYK" else "PNG"))
    assert np.mean(found) == pytest.approx(130, abs=6)


def test_what_is_transparent_lies_on_white_paper(tmp_path):
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    palette = Image.new("P", (40, 40), 0)
    found = read(tmp_path, coded(clear, "PNG"), coded(palette, "PNG", transparency=0), coded(clear, "WEBP"))
    assert all(rgb.min() == 255 for rgb in found)


def whys(found):
    return [picture.why if isinstance(picture, Unread) else "" for picture in found]


def test_hostile_and_broken_pictures_are_named_and_the_others_are_read(tmp_path):
    good = coded(scene(), "JPEG")
    found = read(
        tmp_path,
        good,
        good[: len(good) // 2],
        b"a text file with a picture's name",
        png(30_000, 30_000),
        b"",
        b"\xff\xd8\xff" + bytes(2000),
        good,
        png(40, 40, b"\0" * 100),
        coded(scene(), "GIF"),
        coded(scene(8, 8), "PNG"),
        b"\x89PNG\r\n\x1a\n" + os.urandom(500),
        b"RIFF\x40\0\0\0WEBPVP8L" + bytes(64),
        good,
    )
    said = whys(found)
    assert [number for number, why in enumerate(said) if not why] == [0, 6, 12]
    assert "truncated" in said[1]
    assert "not a JPEG, PNG or WebP" in said[2]
    assert "30000x30000 pixels" in said[3]
    assert said[4] == "it is empty"
    assert "not a JPEG, PNG or WebP" in said[8]
    assert "8x8 pixels" in said[9]
    assert all("cannot be decoded" in said[number] for number in (1, 3, 5, 7, 9, 10, 11))
    assert next(picture.path.name for picture in found if isinstance(picture, Unread)) == "1.jpg"


def test_what_is_no_file_is_named(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    found = list(read_pictures([tmp_path / "folder.jpg", tmp_path / "none.jpg", tmp_path / "a\0b.jpg"], Settings()))
    assert all(isinstance(picture, Unread) for picture in found)


def test_a_file_too_large_is_not_even_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "PICTURE_BYTES", 100)
    assert "the limit is" in whys(read(tmp_path, coded(scene(), "PNG")))[0]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_picture_too_large_for_the_memory_of_the_child_is_named(tmp_path):
    limits = replace(Settings().limits, memory_bytes=400 << 20)
    large = coded(Image.new("RGB", (14_000, 2_500)), "PNG")
    found = read(tmp_path, coded(scene(), "PNG"), large, coded(scene(), "PNG"), settings=Settings(limits=limits))
    assert [bool(why) for why in whys(found)] == [False, True, False]


@pytest.mark.parametrize("broken", ["os.abort()", "sys.exit(0)", "print('{', end='', flush=True); os.abort()"])
def test_a_picture_on_which_the_child_ends_is_named_and_a_new_child_takes_the_rest(tmp_path, monkeypatch, broken):
    """With a child of the test's own, since no picture is known that ends the real one."""
    child = tmp_path / "child.py"
    child.write_text(
        "import json, os, sys\n"
        "for line in sys.stdin:\n"
        f"    if 'bad' in line: {broken}\n"
        "    sys.stdout.write(json.dumps({'width': 2, 'height': 1}) + '\\n' + 'abcdef')\n"
        "    sys.stdout.flush()\n"
    )
    monkeypatch.setattr(pictures, "_CHILD", child)
    data = coded(scene(), "PNG")
    found = read(tmp_path, ("a.png", data), ("bad.png", data), ("b.png", data), ("bad2.png", data))
    assert ["the decoder" in why for why in whys(found)] == [False, True, False, True]
    assert found[2].tolist() == [[[97, 98, 99], [100, 101, 102]]]


def test_a_child_that_cannot_start_is_our_fault_and_not_the_pictures(tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text("import a_library_that_is_not_there\n")
    monkeypatch.setattr(pictures, "_CHILD", child)
    with pytest.raises(MediaToolError, match="a_library_that_is_not_there"):
        read(tmp_path, coded(scene(), "PNG"))


@pytest.mark.skipif(sys.platform == "win32", reason="names are Unicode there")
def test_names_may_hold_anything(tmp_path):
    name = os.fsdecode(b'caf\xe9 \n "quoted" -x.jpg')
    (found,) = read(tmp_path, (name, coded(scene(), "PNG")))
    assert not isinstance(found, Unread)


def test_nothing_to_read_starts_no_child(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "Child", None)
    assert list(read_pictures([], Settings())) == []
