"""Where a model lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ace_step_checkpoints import tiny_checkpoint
from published import CONFIG, REPOSITORY, WEIGHTS, model_of, pinned, settings_for

from music_engine.options import EngineOptions
from pipeline.models import catalogue
from pipeline.models.catalogue import ACE_STEP, Model
from pipeline.models.store import Place, find, look
from pipeline.settings import Settings
from scoring.errors import UnknownChoice
from vision.clip.catalogue import encoder_card

MODEL = model_of(pinned("model.safetensors", WEIGHTS), pinned("sub/config.json"))


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One model more, and a home in which nothing is."""
    table = {**catalogue.models(), "tiny": MODEL}
    monkeypatch.setattr("pipeline.models.catalogue.models", lambda: table)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for("http://127.0.0.1:1", tmp_path)


def put(folder: Path, weights: bytes = WEIGHTS, config: bytes = CONFIG) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "sub" / "config.json").write_bytes(config)
    return folder


def hub_folder(settings: Settings, commit: str) -> Path:
    return settings.hub_cache / f"models--{REPOSITORY.replace('/', '--')}" / "snapshots" / commit


def test_nothing_is_missing_and_makes_no_folder(settings: Settings, tmp_path: Path) -> None:
    assert look(MODEL, settings) == Place("missing", None, ("model.safetensors", "sub/config.json"))
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_found_by_name_and_by_model(settings: Settings) -> None:
    folder = put(settings.models / "tiny")
    assert find("tiny", settings) == find(MODEL, settings) == folder


def test_a_card_is_found_like_its_name(settings: Settings) -> None:
    card = encoder_card("ViT-B-32")
    assert find(card, settings) is None
    folder = settings.models / "ViT-B-32"
    folder.mkdir(parents=True)
    with (folder / card.weights.path).open("wb") as file:
        file.truncate(card.weights.size_bytes)  # a hole: it takes no room
    assert find(card, settings) == folder


@pytest.mark.parametrize(("weights", "config"), [(WEIGHTS[:-1], CONFIG), (WEIGHTS, b""), (b"", CONFIG)])
def test_a_file_of_another_size_is_lacking(weights: bytes, config: bytes, settings: Settings) -> None:
    put(settings.models / "tiny", weights, config)
    place = look(MODEL, settings)
    assert place.state == "partial"
    assert place.lacking == (("model.safetensors",) if weights != WEIGHTS else ("sub/config.json",))
    assert find(MODEL, settings) is None


def test_a_begun_download_is_partial(settings: Settings) -> None:
    folder = settings.models / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.safetensors.part").write_bytes(b"begun")
    assert look(MODEL, settings).state == "partial"


def test_what_the_hubs_own_tools_fetched_is_found_the_newest_first(settings: Settings) -> None:
    older, newer = (put(hub_folder(settings, name * 40)) for name in "ab")
    os.utime(older, (1, 1))
    os.utime(newer, (2, 2))
    assert find(MODEL, settings) == newer
    os.utime(older, (3, 3))
    assert find(MODEL, settings) == older


def test_of_a_pinned_revision_no_other_is_taken(settings: Settings) -> None:
    wanted = "c" * 40
    model = Model("tiny", "encoder", "", (pinned("model.safetensors", WEIGHTS, revision=wanted),))
    catalogue.models()["tiny"] = model  # type: ignore[index]
    put(hub_folder(settings, "d" * 40))
    assert find(model, settings) is None
    folder = put(hub_folder(settings, wanted))
    assert find(model, settings) == folder


def test_a_file_that_the_hubs_cache_calls_by_another_hash_is_not_taken(settings: Settings) -> None:
    folder = put(hub_folder(settings, "e" * 40))
    blobs = folder.parents[1] / "blobs"
    blobs.mkdir()
    (folder / "model.safetensors").rename(blobs / ("0" * 64))
    (folder / "model.safetensors").symlink_to(blobs / ("0" * 64))
    assert find(MODEL, settings) is None
    right = MODEL.files[0].sha256
    assert right is not None
    (blobs / ("0" * 64)).rename(blobs / right)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(blobs / right)
    assert find(MODEL, settings) == folder


def test_our_own_folder_comes_first(settings: Settings) -> None:
    put(hub_folder(settings, "f" * 40))
    own = put(settings.models / "tiny")
    assert find(MODEL, settings) == own


def test_the_engines_checkpoint_is_found_where_the_engine_would_find_it(settings: Settings, tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "elsewhere")
    assert look(ACE_STEP, settings).state == "missing"
    told = Settings(models=settings.models, hub_cache=settings.hub_cache, engines=EngineOptions(checkpoint=checkpoint))
    assert find(ACE_STEP, told) == checkpoint


def test_an_unknown_name_is_refused(settings: Settings) -> None:
    with pytest.raises(UnknownChoice):
        find("nope", settings)
