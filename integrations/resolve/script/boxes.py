"""What a rendered file is, read from the boxes of MP4 and QuickTime: whether it has a picture, and how long."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

LARGEST_MOOV = 64 << 20


class Film(NamedTuple):
    """picture_s: None without a picture."""

    picture_s: "float | None"


def film_of(path: Path) -> "Film | None":
    """The film in a file; None where it cannot be read, which says nothing against it."""
    try:
        with path.open("rb") as file:
            moov = _moov(file, path.stat().st_size)
    except (OSError, struct.error):
        return None
    if moov is None:
        return None
    try:
        return Film(_picture_s(moov))
    except (struct.error, IndexError, ZeroDivisionError):
        return None


def _moov(file: BinaryIO, size: int) -> "bytes | None":
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            head = 16
        if length == 0:
            length = size - at
        if length < head:
            return None
        if kind == b"moov":
            return file.read(length - head) if length <= LARGEST_MOOV else None
        at += length
    return None


def _boxes(data: bytes) -> "Iterator[tuple[bytes, bytes]]":
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if length == 1:
            (length,) = struct.unpack(">Q", data[at + 8 : at + 16])
            head = 16
        if length == 0:
            length = len(data) - at
        if length < head:
            return
        yield kind, data[at + head : at + length]
        at += length


def _picture_s(moov: bytes) -> "float | None":
    for kind, track in _boxes(moov):
        media = dict(_boxes(dict(_boxes(track)).get(b"mdia", b""))) if kind == b"trak" else {}
        if media.get(b"hdlr", b"")[8:12] == b"vide" and b"mdhd" in media:
            head = media[b"mdhd"]
            scale, duration = struct.unpack(">IQ", head[20:32]) if head[0] == 1 else struct.unpack(">II", head[12:20])
            return float(duration) / float(scale)
    return None
