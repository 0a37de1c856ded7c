from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from music_engine.ace_step.checkpoint.header import read_header
from scoring.errors import CheckpointRefused


def written(path: Path, header: object, data: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_it_tells_names_shapes_dtypes_and_sizes(tmp_path: Path) -> None:
    tensors = {"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.bfloat16), "c": torch.tensor(1.0)}
    save_file(tensors, tmp_path / "x.safetensors", metadata={"format": "pt"})
    header = read_header(tmp_path / "x.safetensors")
    assert {name: (e.dtype, e.shape, e.size_bytes) for name, e in header.entries.items()} == {
        "a": ("F32", (2, 3), 24),
        "b": ("BF16", (4,), 8),
        "c": ("F32", (), 4),
    }
    assert header.metadata == {"format": "pt"}
    assert header.file_bytes == (tmp_path / "x.safetensors").stat().st_size == header.data_bytes + 36


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        ({"a": tensor(0, 8, [3])}, b"\0" * 8, "found 8 bytes, expected 12 for F32 [3]"),
        ({"a": tensor(0, 4, [1]), "b": tensor(0, 4, [1])}, b"\0" * 4, "b: found bytes from 0, expected from 4"),
        ({"a": tensor(4, 8, [1])}, b"\0" * 8, "expected from 0"),
        ({"a": tensor(0, 4, [1], "F33")}, b"\0" * 4, "a known dtype"),
        ({"a": tensor(0, 4, [-1])}, b"\0" * 4, "a known dtype, a shape"),
        ({"a": tensor(0, 4, [True])}, b"\0" * 4, "a known dtype, a shape"),
        ({"a": 3}, b"", "a: found 3"),
        ({"a": tensor(0, 4 * 10**15, [10**15])}, b"\0" * 8, "truncated: found 8 bytes"),
        ({"__metadata__": {"a": 1}}, b"", "__metadata__"),
        (b'{"a": 1, "a": 2}', b"", "twice"),
        (b"[1]", b"", "no table"),
        (b"\xff\xfe", b"", "no JSON"),
        (b"[" * 100_000, b"", "no JSON"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_found_and_expected(
    header: object, data: bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointRefused) as refusal:
        read_header(written(tmp_path / "x.safetensors", header, data))
    assert words in str(refusal.value)


def test_a_header_that_promises_gigabytes_costs_nothing(tmp_path: Path) -> None:
    for length in (10**18, (64 << 20) - 1):
        with pytest.raises(CheckpointRefused):
            read_header(written(tmp_path / "x.safetensors", {}, length=length))


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_otherwise_than_by_refusing(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x.safetensors"
    path.write_bytes(raw)
    with suppress(CheckpointRefused):
        read_header(path)


@pytest.mark.parametrize("suffix", [".bin", ".pt", ".pth", ".ckpt", ".pkl"])
def test_a_pickled_file_is_refused_by_its_name_before_it_is_opened(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointRefused, match="pickled"):
        read_header(tmp_path / f"not-even-there{suffix}")
