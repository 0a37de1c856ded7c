"""Settings that say where models are and which analyser is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import Settings
from scoring.errors import InputError


def test_where_nothing_is_said_models_lie_below_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    found = Settings.from_env({})
    assert found == Settings()
    assert found.models == tmp_path / ".cache/cuesmith/models"
    assert found.hub_cache == tmp_path / ".cache/huggingface/hub"
    assert found.hub == "https://huggingface.co"
    assert (found.analyser, found.encoder, found.words) == (None, None, None)


def test_everything_can_be_said(tmp_path: Path) -> None:
    words = tmp_path / "words.toml"
    words.write_text("")
    found = Settings.from_env(
        {
            "CUESMITH_MODELS": str(tmp_path / "not yet there"),
            "CUESMITH_HUB": "https://mirror.example/",
            "CUESMITH_ANALYSER": "clip",
            "CUESMITH_ENCODER": "ViT-L-14",
            "CUESMITH_WORDS": str(words),
            "HF_HOME": str(tmp_path),
        }
    )
    assert found.models == tmp_path / "not yet there"
    assert found.hub == "https://mirror.example"
    assert (found.analyser, found.encoder, found.words) == ("clip", "ViT-L-14", words.resolve())
    assert found.hub_cache == tmp_path / "hub"
    assert Settings.from_env({"HF_HUB_CACHE": str(tmp_path / "x"), "HF_HOME": "y"}).hub_cache == tmp_path / "x"


@pytest.mark.parametrize(
    "name", ["CUESMITH_MODELS", "CUESMITH_HUB", "CUESMITH_ANALYSER", "CUESMITH_ENCODER", "CUESMITH_WORDS"]
)
def test_empty_says_nothing(name: str) -> None:
    assert Settings.from_env({name: ""}) == Settings()


@pytest.mark.parametrize(
    "address",
    [
        *("http://mirror.example", "mirror.example", "ftp://x", "https://", "file:///x"),
        *("https://[x", "https://x:99999", "https://x:y", "https://a b", "https://a\nb"),
    ],
)
def test_a_hub_is_encrypted_or_on_this_machine(address: str) -> None:
    with pytest.raises(InputError, match="CUESMITH_HUB is"):
        Settings.from_env({"CUESMITH_HUB": address})
    for local in ("http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"):
        assert Settings.from_env({"CUESMITH_HUB": local}).hub == local


def test_a_vocabulary_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CUESMITH_WORDS is"):
        Settings.from_env({"CUESMITH_WORDS": str(tmp_path / "none.toml")})


def test_an_engines_weights_in_another_models_folder_are_its_checkpoint(tmp_path: Path) -> None:
    env = {"CUESMITH_MODELS": str(tmp_path)}
    assert Settings.from_env(env).engines.checkpoint is None
    mark = tmp_path / "ace-step-v1" / "ace_step_transformer" / "config.json"
    mark.parent.mkdir(parents=True)
    mark.write_text("{}")
    assert Settings.from_env(env).engines.checkpoint == tmp_path / "ace-step-v1"
    named = tmp_path / "named"
    named.mkdir()
    assert Settings.from_env({**env, "CUESMITH_CHECKPOINT": str(named)}).engines.checkpoint == named
