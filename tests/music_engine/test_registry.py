"""The table of engines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from music_engine.registry import EngineOptions, availability, choose, engine_names, make_engine
from scoring.errors import EngineUnavailable, UnknownChoice


def test_the_composer_is_always_there() -> None:
    assert "composer" in engine_names()
    assert availability("composer").ready


def test_auto_takes_a_ready_engine_and_says_why() -> None:
    chosen = choose("auto")
    assert chosen.name in engine_names()
    assert chosen.reason


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownChoice, match="auto, composer"):
        choose("theremin")


def test_an_engine_asked_for_by_name_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    wrong = tmp_path / "not.sf2"
    wrong.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(EngineUnavailable, match="not a SoundFont"):
        make_engine("composer", EngineOptions(soundfont=wrong))


def test_an_engine_is_made_by_name() -> None:
    engine = make_engine("composer")
    assert engine.name == "composer"
    assert engine.capabilities.deterministic
    assert engine.capabilities.tempo == "exact"


def test_looking_at_the_table_loads_no_engine() -> None:
    heavy = ("scipy", "symusic", "mido", "torch")
    code = f"import sys, music_engine.registry; print([m for m in {heavy} if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
