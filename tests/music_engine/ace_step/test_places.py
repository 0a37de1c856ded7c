from __future__ import annotations

from pathlib import Path

import pytest

from music_engine.ace_step.places import find_checkpoint
from scoring.errors import EngineUnavailable


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def _weights(folder: Path) -> Path:
    (folder / "ace_step_transformer").mkdir(parents=True)
    (folder / "ace_step_transformer" / "config.json").touch()
    return folder


def test_our_own_place_comes_before_upstreams_and_the_hubs(home: Path) -> None:
    hub = _weights(home / ".cache/huggingface/hub/models--ACE-Step--ACE-Step-v1-3.5B/snapshots/82cd0d7b")
    assert find_checkpoint(None) == hub
    upstream = _weights(home / ".cache/ace-step/checkpoints")
    assert find_checkpoint(None) == upstream
    own = _weights(home / ".cache/cuesmith/models/ace-step-v1")
    assert find_checkpoint(None) == own


def test_an_empty_place_is_no_checkpoint(home: Path) -> None:
    (home / ".cache/cuesmith/models/ace-step-v1").mkdir(parents=True)
    with pytest.raises(EngineUnavailable, match=r"no checkpoint is on this machine.*hf download"):
        find_checkpoint(None)


def test_a_place_that_is_named_outranks_them_and_must_be_there(home: Path) -> None:
    _weights(home / ".cache/ace-step/checkpoints")
    assert find_checkpoint(home) == home
    with pytest.raises(EngineUnavailable, match="nowhere"):
        find_checkpoint(home / "nowhere")
