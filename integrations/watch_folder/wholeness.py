"""Whether a container is all there, from its outermost structure alone: a copy that stopped half-way has a head and
no end, or an end that was reserved and not written. A few reads, no parser, at most 64 KiB at once.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

TAIL_BYTES = 4096
_MOST_PARTS = 200_000  # boxes or chunks of the outermost level; a fragmented film of ten hours has a tenth of it
_TS_PACKETS = (188, 192)
_SEGMENT = 0x18538067
_FOOTER = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x04"  # SMPTE 377-1, footer partition pack
_HEADER = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"


@dataclass(frozen=True, slots=True)
class Wholeness:
    """missing: what is not there yet, "" for nothing. is_stated: whether the container says how long it is: where it
    does not, a file that ends too early looks like one that is whole.
    """

    missing: str = ""
    is_stated: bool = True


def wholeness(file: BinaryIO, container: str) -> Wholeness:
    """Look at a file of a container family of pipeline.media.sniff. Raises OSError."""
    size_bytes = file.seek(0, os.SEEK_END)
    check = _CHECKS.get(container)
    return Wholeness(is_stated=False) if check is None else check(file, size_bytes)


def reserved(file: BinaryIO) -> str:
    """What in a file looks reserved rather than written, "" for nothing: some copies set the size first and fill later.

    Rarely a finished film looks so too: one of raw black pictures, or copied by a tool that leaves out zeros.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(max(0, size_bytes - TAIL_BYTES))
    tail = file.read(TAIL_BYTES)
    if not any(tail):
        return f"the last {len(tail)} bytes are zeros"
    hole = _first_hole(file)
    return "" if hole is None or hole >= size_bytes else f"nothing was written at byte {hole}"


def _first_hole(file: BinaryIO) -> int | None:
    if not hasattr(os, "SEEK_HOLE"):
        return None
    try:
        return file.seek(0, os.SEEK_HOLE)
    except (OSError, ValueError):  # a file system that does not say, or no file of one
        return None


def _boxes(file: BinaryIO, size_bytes: int) -> Wholeness:
    """ISO base media and QuickTime: boxes one after the other, each with its length."""
    offset, is_open = 0, False
    seen: set[bytes] = set()
    for _ in range(_MOST_PARTS):
        if offset >= size_bytes:
            break
        file.seek(offset)
        head = file.read(16)
        if len(head) < 8:
            break  # a few bytes behind the last box; what matters is asked below
        length, kind = struct.unpack(">I4s", head[:8])
        if not (kind.isascii() and all(32 <= byte < 127 or byte == 0xA9 for byte in kind)):
            if {b"moov", b"mdat"} <= seen and b"moof" not in seen:
                break  # something that is no box behind a film that is all there
            return Wholeness(f"there is no box at byte {offset}")
        if length == 1:
            if len(head) < 16:
                return Wholeness(f"the box at byte {offset} is cut off")
            length = struct.unpack(">Q", head[8:])[0]
            if length < 16:
                return Wholeness(f"the box at byte {offset} says that it has {length} bytes")
        elif length == 0:
            is_open, length = kind == b"mdat", size_bytes - offset  # until the end of the file, wherever that is
        elif length < 8:
            return Wholeness(f"the box at byte {offset} says that it has {length} bytes")
        if offset + length > size_bytes:
            return Wholeness(f"{offset + length - size_bytes} bytes of {kind.decode('latin-1')!r} are missing")
        seen.add(kind)
        offset += length
    if b"moov" not in seen:
        return Wholeness("the index is not there ('moov')")
    if b"moof" in seen:
        return Wholeness(is_stated=b"mfra" in seen)
    return Wholeness(is_stated=not is_open) if b"mdat" in seen else Wholeness("the pictures are not there ('mdat')")


def _elements(file: BinaryIO, size_bytes: int) -> Wholeness:
    """Matroska: the header, then one segment with its length, unless it was written to something without an end."""
    offset = 0
    for _ in range(16):
        if offset >= size_bytes:
            return Wholeness("the segment is not there")
        file.seek(offset)
        head = file.read(16)
        number, used = _variable(head, keeps_marker=True)
        length, more = _variable(head[used:], keeps_marker=False)
        if not used or not more:
            return Wholeness(f"the element at byte {offset} is cut off")
        if length == (1 << 7 * more) - 1:
            return Wholeness(is_stated=False)
        offset += used + more + length
        if offset > size_bytes:
            return Wholeness(f"{offset - size_bytes} bytes of the segment are missing")
        if number == _SEGMENT:
            return Wholeness()
    return Wholeness("the segment is not there")


def _variable(data: bytes, *, keeps_marker: bool) -> tuple[int, int]:
    """An EBML number and its bytes, (0, 0) where there is none."""
    if not data or not data[0]:
        return 0, 0
    used = 9 - data[0].bit_length()
    if len(data) < used:
        return 0, 0
    value = int.from_bytes(data[:used], "big")
    return (value if keeps_marker else value & ((1 << 7 * used) - 1)), used


def _riff(file: BinaryIO, size_bytes: int) -> Wholeness:
    """AVI: one RIFF chunk with its length, or several where it is longer than 1 GB."""
    offset = 0
    while offset < size_bytes:
        file.seek(offset)
        head = file.read(12)
        if len(head) < 12 or not head.startswith(b"RIFF"):
            return Wholeness("" if offset else "there is no chunk")  # padding behind the last one
        length = struct.unpack("<I", head[4:8])[0]
        if length in (0, 0xFFFFFFFF):
            return Wholeness(is_stated=False)  # its writer has not come back to say how long it is
        if offset + 8 + length > size_bytes:
            return Wholeness(f"{offset + 8 + length - size_bytes} bytes are missing")
        offset += 8 + length + length % 2
    return Wholeness()


def _partitions(file: BinaryIO, size_bytes: int) -> Wholeness:
    """MXF: the first partition says where the footer is, and there it must be, with all that follows it."""
    file.seek(0)
    head = file.read(64 << 10)
    start = head.find(_HEADER)
    if start < 0 or len(head) < start + 60:
        return Wholeness("the header partition is cut off")
    value = _ber(head[start + 16 : start + 25])[1]
    # Version 2+2, KAG 4, this 8, previous 8, footer 8.
    footer = int.from_bytes(head[start + 16 + value + 24 : start + 16 + value + 32], "big")
    if not footer:
        return Wholeness(is_stated=False)
    offset, is_first = start + footer, True
    while offset < size_bytes:
        file.seek(offset)
        key = file.read(25)
        if is_first and not key.startswith(_FOOTER):
            return Wholeness("the footer partition is not there")
        length, used = _ber(key[16:])
        if not used or offset + 16 + used + length > size_bytes:
            return Wholeness("the footer partition is cut off")
        offset, is_first = offset + 16 + used + length, False
    return Wholeness("the footer partition is not there" if is_first else "")


def _ber(data: bytes) -> tuple[int, int]:
    """A length of basic encoding rules and its bytes, (0, 0) where there is none."""
    if not data:
        return 0, 0
    if data[0] < 0x80:
        return data[0], 1
    count = data[0] & 0x7F
    if not 0 < count <= 8 or len(data) < 1 + count:
        return 0, 0
    return int.from_bytes(data[1 : 1 + count], "big"), 1 + count


def _packets(file: BinaryIO, size_bytes: int) -> Wholeness:
    """MPEG transport streams say no length; a cut inside a packet shows all the same."""
    is_cut = all(size_bytes % length for length in _TS_PACKETS)
    return Wholeness("the last packet is cut off" if is_cut else "", is_stated=False)


_CHECKS: Mapping[str, Callable[[BinaryIO, int], Wholeness]] = {
    "mov": _boxes,
    "matroska": _elements,
    "avi": _riff,
    "mxf": _partitions,
    "mpegts": _packets,
}
