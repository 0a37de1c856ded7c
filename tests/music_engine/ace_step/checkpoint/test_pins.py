from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from music_engine.ace_step.checkpoint.pins import pins, read_pins, sha256

ROW = {"part": "dcae", "repository": "a/b", "path": "c", "verified": False, "source": "somebody"}


def test_every_part_has_a_row_and_nothing_is_called_verified_that_nobody_compared() -> None:
    table = pins()
    assert set(table) == {"transformer", "dcae", "vocoder", "text_encoder", "single_file"}
    for pin in table.values():
        assert not pin.verified
        assert pin.source == "third-party text"
        assert pin.revision is None, "no source gave one"
    assert table["single_file"].sha256 is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "blue"}, "colour is no field"),
        ({"verified": "yes"}, "verified is 'yes'"),
        ({"sha256": "abc"}, "64 hex digits"),
        ({"size_bytes": "12"}, "size_bytes is '12'"),
        ({}, "one for each part"),
    ],
)
def test_a_row_that_does_not_fit_the_table_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_pins({"files": [{**ROW, **change}]})


def test_a_row_without_a_source_is_refused() -> None:
    with pytest.raises(ValueError, match="no source"):
        read_pins({"files": [{name: value for name, value in ROW.items() if name != "source"}]})


def test_a_file_is_hashed_in_blocks(tmp_path: Path) -> None:
    content = b"cuesmith" * 400_000
    (tmp_path / "x").write_bytes(content)
    told: list[int] = []
    assert sha256(tmp_path / "x", told.append) == hashlib.sha256(content).hexdigest()
    assert told[-1] == len(content)
    assert len(told) > 1
