"""Whether files that are here are the right ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from published import CONFIG, REPOSITORY, WEIGHTS, model_of, pinned, settings_for, tiny_model
from range_server import COMMIT, RangeServer, range_server

from pipeline.models import catalogue
from pipeline.models.catalogue import Model
from pipeline.models.check import FileCheck, check, recognised
from pipeline.models.download import fetch_model
from pipeline.models.lock import NAME
from scoring.errors import CheckpointRefused


@pytest.fixture
def hub() -> Iterator[RangeServer]:
    with range_server() as server:
        yield server


@pytest.fixture
def fetched(hub: RangeServer, tmp_path: Path) -> tuple[Model, Path]:
    model = tiny_model(hub)
    return model, fetch_model(model, settings_for(hub, tmp_path), advance=lambda share: None, note=lambda text: None)


def of(model: Model, folder: Path, path: str) -> FileCheck:
    return next(file for file in check(model, folder).files if file.path == path)


def test_what_was_fetched_is_sound_and_says_what_it_was_compared_with(fetched: tuple[Model, Path]) -> None:
    model, folder = fetched
    found = check(model, folder)
    assert found.is_sound
    assert found.revision == COMMIT
    assert found.fetched is not None
    weights, config = found.files
    assert (weights.compared_with, config.compared_with) == ("the table", "the first download")
    assert (weights.tensors, weights.parameters) == (1, 75_000)
    assert config.size_bytes == len(CONFIG)


def test_a_file_that_was_changed_after_the_first_download_is_found_by_its_lock(fetched: tuple[Model, Path]) -> None:
    model, folder = fetched
    (folder / "config.json").write_bytes(CONFIG.replace(b"clip", b"clop"))
    config = of(model, folder, "config.json")
    assert config.verdict == "wrong hash"
    assert "by the first download" in config.problem
    assert not check(model, folder).is_sound


def test_one_bit_of_the_weights_is_noticed_and_without_hashing_it_is_not(fetched: tuple[Model, Path]) -> None:
    model, folder = fetched
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1]))
    assert of(model, folder, "model.safetensors").verdict == "wrong hash"
    unhashed = check(model, folder, with_hash=False)
    assert unhashed.is_sound
    assert {file.sha256 for file in unhashed.files} == {None}


def test_a_shorter_file_a_missing_one_and_a_pickle_are_told_apart(fetched: tuple[Model, Path]) -> None:
    model, folder = fetched
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1])
    assert of(model, folder, "model.safetensors").problem == f"{len(WEIGHTS) - 1} bytes, expected {len(WEIGHTS)}"
    (folder / "config.json").unlink()
    assert of(model, folder, "config.json").verdict == "missing"


def test_a_pickle_that_nobody_has_a_hash_of_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04" + bytes(200))
    (file,) = check(model_of(pinned("model.safetensors")), tmp_path).files
    assert file.verdict == "unreadable"
    assert "is pickled" in file.problem


def test_a_folder_in_place_of_a_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    (file,) = check(model_of(pinned("config.json")), tmp_path).files
    assert file.verdict == "unreadable"


def test_files_that_another_program_fetched_have_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(CONFIG)
    found = check(model_of(pinned("config.json")), tmp_path)
    assert found.is_sound
    assert (found.files[0].compared_with, found.fetched) == ("nothing", None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other", "files": {}}', '{"files": 3}', "\xff"])
def test_a_lock_that_cannot_be_read_is_refused_with_what_to_do(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text, encoding="latin-1")
    with pytest.raises(CheckpointRefused, match="--force"):
        check(model_of(pinned("config.json")), tmp_path)


@pytest.mark.parametrize("field", ["sha256", "size_bytes", "fetched", "in_table"])
def test_a_lock_that_lacks_a_field_is_refused(field: str, fetched: tuple[Model, Path]) -> None:
    model, folder = fetched
    document = json.loads((folder / NAME).read_text())
    del document["files"]["config.json"][field]
    (folder / NAME).write_text(json.dumps(document))
    with pytest.raises(CheckpointRefused, match="cannot be read"):
        check(model, folder)


def test_a_folder_is_recognised_by_its_lock_the_hubs_cache_and_its_name(
    fetched: tuple[Model, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, folder = fetched
    table = {**catalogue.models(), "tiny": model}
    monkeypatch.setattr("pipeline.models.check.models", lambda: table)
    renamed = folder.rename(tmp_path / "renamed")
    assert recognised(renamed) is model
    (renamed / NAME).unlink()
    unlisted = recognised(renamed)
    assert unlisted is not None
    assert unlisted.purpose == "an encoder that is on no list"
    assert recognised(renamed.rename(tmp_path / "tiny")) is model
    snapshot = tmp_path / f"models--{REPOSITORY.replace('/', '--')}" / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    assert recognised(snapshot) is model
    assert recognised(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("name", "text"), [("config.json", '{"model_type": "siglip"}'), ("open_clip_config.json", '{"model_cfg": {}}')]
)
def test_an_encoder_of_ones_own_is_looked_at_as_far_as_can_be(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert recognised(tmp_path) is None, "no weights yet"
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    model = recognised(tmp_path)
    assert model is not None
    found = check(model, tmp_path)
    assert [(file.path, file.compared_with) for file in found.files] == [
        ("model.safetensors", "nothing"),
        (name, "nothing"),
    ]
    assert found.is_sound
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS[:-1])
    assert not check(model, tmp_path).is_sound


@pytest.mark.parametrize("text", ['{"model_type": "bert"}', "{", "[]", "3", '{"model_type": ["clip"]}'])
def test_a_folder_of_something_else_is_no_encoder(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    assert recognised(tmp_path) is None
