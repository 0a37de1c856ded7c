"""The head of a safetensors file: what is in it, read without reading any of it.

Format: eight bytes of length, little-endian; JSON of that length, a table of dtype, shape and byte range for each
tensor; then the bytes. Nothing in it can run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from scoring.errors import CheckpointRefused

_MAX_HEADER_BYTES = 64 << 20  # the whole model's in one file is 0.3 MB
_LENGTH_BYTES = 8
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64"), 64),
}
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_ARCHIVE_START = b"PK\x03\x04"  # how torch.save has written since 1.6: a zip archive with a pickle in it
PICKLED_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_AGAIN = "Download the file again"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a file. dtype: as the format spells it ("BF16"); size_bytes: on disk."""

    dtype: str
    shape: tuple[int, ...]
    size_bytes: int

    @property
    def parameters(self) -> int:
        """How many numbers."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """A file's table. data_bytes: where the tensors' bytes begin; digest: sha256 of the table, as hex."""

    path: Path
    entries: Mapping[str, Entry]
    metadata: Mapping[str, str]
    data_bytes: int
    file_bytes: int
    digest: str


def read_header(path: Path) -> Header:
    """Raises CheckpointRefused for what is not a whole safetensors file, with what it is, if that can be told."""
    if path.suffix.lower() in PICKLED_SUFFIXES:
        raise _pickled(path)
    try:
        with path.open("rb") as file:
            return _read(path, file, path.stat().st_size)
    except OSError as error:
        raise CheckpointRefused(
            f"{path} cannot be read: {error.strerror or error}", "Give a file that can be read"
        ) from error


def _read(path: Path, file: BinaryIO, file_bytes: int) -> Header:
    start = file.read(_LENGTH_BYTES)
    _refuse_other_formats(path, start + file.read(120))
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH_BYTES or length > _MAX_HEADER_BYTES:
        raise CheckpointRefused(
            f"{path} is not a safetensors file: {file_bytes} bytes, the first of them {start.hex() or 'none'}", _AGAIN
        )
    data_start = _LENGTH_BYTES + length
    if data_start > file_bytes:
        raise _truncated(path, file_bytes, f"{data_start} for the header alone")
    file.seek(_LENGTH_BYTES)
    raw = file.read(length)
    table = _table(path, raw)
    metadata = table.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _damaged(path, "__metadata__", metadata, "a table of texts")
    entries = _entries(path, table, file_bytes - data_start)
    return Header(path, entries, metadata, data_start, file_bytes, hashlib.sha256(raw).hexdigest())


def _refuse_other_formats(path: Path, start: bytes) -> None:
    if start.startswith(_PICKLE_STARTS) or start.startswith(_ARCHIVE_START):
        raise _pickled(path)
    if start.startswith(b"version https://git-lfs"):
        raise CheckpointRefused(
            f"{path} is a Git LFS pointer, not the file it stands for", "Run `git lfs pull` where it was cloned"
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b'{"error')):
        raise CheckpointRefused(f"{path} is a web page that was saved under this name", _AGAIN)


def _table(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        table = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise CheckpointRefused(f"{path} is not a safetensors file: its header is no JSON ({error})", _AGAIN) from error
    if not isinstance(table, dict):
        raise CheckpointRefused(f"{path} is not a safetensors file: its header is no table", _AGAIN)
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name occurs twice")
    return table


def _entries(path: Path, table: Mapping[str, Any], available: int) -> dict[str, Entry]:
    entries, ranges = {}, []
    for name, given in table.items():
        entry, begin, end = _entry(path, name, given)
        entries[name] = entry
        ranges.append((begin, end, name))
    reached = 0
    for begin, end, name in sorted(ranges):
        if begin != reached:
            raise _damaged(path, name, f"bytes from {begin}", f"from {reached}, where the tensor before it ends")
        reached = end
    if reached > available:
        raise _truncated(path, available, f"{reached} after the header")
    if reached < available:
        raise _damaged(path, "the end", f"{available - reached} bytes that belong to no tensor", "none")
    return entries


def _entry(path: Path, name: str, given: Any) -> tuple[Entry, int, int]:
    try:
        dtype, shape, (begin, end) = given["dtype"], tuple(given["shape"]), given["data_offsets"]
        sound = all(type(n) is int and n >= 0 for n in (*shape, begin, end)) and dtype in _BITS
    except (TypeError, KeyError, ValueError):
        sound = False
    if not sound:
        raise _damaged(path, name, given, "a known dtype, a shape and a byte range")
    size = prod(shape) * _BITS[dtype] // 8
    if end - begin != size:
        raise _damaged(path, name, f"{end - begin} bytes", f"{size} for {dtype} {list(shape)}")
    return Entry(dtype, shape, size), begin, end


def _pickled(path: Path) -> CheckpointRefused:
    return CheckpointRefused(
        f"{path} is pickled, which can run any program when it is opened, so it is not opened",
        "Take the .safetensors file of the same model",
    )


def _truncated(path: Path, found: int, expected: str) -> CheckpointRefused:
    return CheckpointRefused(f"{path} is truncated: found {found} bytes, expected {expected}", _AGAIN)


def _damaged(path: Path, key: str, found: object, expected: str) -> CheckpointRefused:
    shown = repr(found) if not isinstance(found, str) else found
    return CheckpointRefused(f"{path}: {key}: found {shown[:200]}, expected {expected}", _AGAIN)
