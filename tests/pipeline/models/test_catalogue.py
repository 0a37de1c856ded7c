"""The list of what can be fetched."""

from __future__ import annotations

import pytest

from music_engine.ace_step.checkpoint.parts import PARTS
from pipeline.models.catalogue import ACE_STEP, model_named, models
from scoring.errors import UnknownChoice
from vision.clip.catalogue import encoders


def test_every_encoder_and_the_engine_can_be_fetched() -> None:
    assert set(models()) == {*encoders(), ACE_STEP}


def test_the_engine_comes_with_everything_that_its_folder_needs() -> None:
    paths = {file.path for file in model_named(ACE_STEP).files}
    for part in PARTS.values():
        assert {f"{part.folder}/{part.file}", f"{part.folder}/config.json"} <= paths
    assert "umt5-base/tokenizer.json" in paths


def test_the_engines_first_configuration_comes_after_all_of_its_weights() -> None:
    """The settings take that file as the sign of a checkpoint that is there."""
    paths = [file.path for file in model_named(ACE_STEP).files]
    last_weights = max(index for index, path in enumerate(paths) if path.endswith(".safetensors"))
    assert paths.index("ace_step_transformer/config.json") > last_weights


@pytest.mark.parametrize("name", list(models()))
def test_no_model_has_a_file_of_another_repository_or_two_under_one_name(name: str) -> None:
    files = model_named(name).files
    assert len({file.repository for file in files}) == 1
    assert len({file.revision for file in files}) == 1
    assert len({file.path for file in files}) == len(files)


def test_sizes_add_up_as_far_as_they_are_known() -> None:
    assert model_named("ViT-B-32").expected_bytes == 605_143_316
    assert model_named("TinyCLIP-40M").expected_bytes == 337_000_000


def test_hashes_are_counted_and_nothing_is_verified_yet() -> None:
    model = model_named("TinyCLIP-8M")
    assert (model.hashed_files, len(model.files), model.is_verified) == (1, 4, False)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="no model called 'nope'"):
        model_named("nope")
