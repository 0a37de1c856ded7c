"""Which SoundFont plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from music_engine.composer.soundfont import DEFAULT_FILE, find_soundfont, usual_places
from scoring.errors import EngineUnavailable


def test_pretty_midis_is_found_without_importing_it() -> None:
    assert find_soundfont(places=()).path.name == DEFAULT_FILE


def test_a_better_one_on_the_machine_comes_first(tmp_path: Path) -> None:
    better = tmp_path / "better.sf2"
    better.write_bytes(find_soundfont(places=()).path.read_bytes())
    assert find_soundfont(places=(tmp_path / "missing.sf2", better)).path == better


def test_what_the_user_names_comes_before_everything(tmp_path: Path) -> None:
    own = tmp_path / "own.sf2"
    own.write_bytes(b"RIFF\x00\x00\x00\x00sfbk")
    assert find_soundfont(own).path == own
    assert len(find_soundfont(own).digest) == 64


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF\x00\x00\x00\x00WAVE"])
def test_a_file_that_is_no_soundfont_is_refused(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "x.sf2"
    wrong.write_bytes(content)
    with pytest.raises(EngineUnavailable, match="not a SoundFont"):
        find_soundfont(wrong)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        find_soundfont(tmp_path / "none.sf2")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_platform_has_usual_places(platform: str) -> None:
    assert usual_places(platform)
