"""The table of encoders."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from scoring.errors import UnknownChoice
from vision.clip.catalogue import DEFAULT, EncoderCard, encoder_card, encoders, read_encoders

ROW: dict[str, Any] = {
    "name": "one",
    "purpose": "for tests",
    "library": "transformers",
    "architecture": "CLIPModel",
    "repository": "a/b",
    "side_px": 224,
    "dimensions": 8,
    "files": [{"path": "model.safetensors", "verified": False, "source": "somebody"}],
}
CARDS = list(encoders().values())


def test_the_default_may_be_used_commercially_and_its_weights_have_a_published_hash() -> None:
    card = encoder_card(DEFAULT)
    assert card.licence in ("MIT", "Apache-2.0")
    assert card.weights.sha256 is not None
    assert card.revision is not None
    assert card.library == "open_clip"


def test_there_is_a_small_one_a_large_one_and_both_of_transformers_kinds() -> None:
    default = encoder_card(DEFAULT).memory_bytes
    assert default is not None
    sizes = [card.memory_bytes for card in CARDS if card.memory_bytes is not None]
    assert min(sizes) < default / 4
    assert max(sizes) > 2 * default
    assert {card.architecture for card in CARDS if card.library == "transformers"} == {"CLIPModel", "SiglipModel"}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_licence_allows_commercial_use_and_nothing_is_called_verified_that_nobody_compared(
    card: EncoderCard,
) -> None:
    assert card.licence in ("MIT", "Apache-2.0")
    assert not any(file.verified for file in card.files)
    assert all(file.repository == card.repository and file.revision == card.revision for file in card.files)


@pytest.mark.parametrize("card", [c for c in CARDS if c.library == "open_clip"], ids=lambda card: card.name)
def test_open_clip_rows_say_what_open_clip_says(card: EncoderCard) -> None:
    open_clip = pytest.importorskip("open_clip")
    config = open_clip.get_model_config(card.architecture)
    assert (config["embed_dim"], config["vision_cfg"]["image_size"]) == (card.dimensions, card.side_px)
    published = open_clip.get_pretrained_cfg(card.architecture, card.pretrained)
    assert published["hf_hub"].rstrip("/") == card.repository
    assert (tuple(published["mean"]), tuple(published["std"])) == (card.mean, card.std)
    assert not published.get("quick_gelu")


@pytest.mark.parametrize("card", [c for c in CARDS if c.library == "transformers"], ids=lambda card: card.name)
def test_transformers_rows_have_the_files_that_transformers_reads(card: EncoderCard) -> None:
    transformers = pytest.importorskip("transformers")
    assert hasattr(transformers, card.architecture)
    paths = {file.path for file in card.files}
    assert {"config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"} <= paths


def test_the_loader_is_given_a_file_for_open_clip_and_a_folder_for_transformers() -> None:
    folder = Path("models")
    assert encoder_card(DEFAULT).weights_in(folder) == folder / "open_clip_model.safetensors"
    assert encoder_card("siglip-base-patch16-224").weights_in(folder) == folder


def test_outputs_name_the_tag_where_there_is_one() -> None:
    assert encoder_card("ViT-B-32").title == "ViT-B-32/laion2b_s34b_b79k"
    assert encoder_card("TinyCLIP-8M").title == "TinyCLIP-8M"


def test_memory_is_four_bytes_a_parameter_or_the_file_where_nobody_counted() -> None:
    assert encoder_card("ViT-B-32").memory_bytes == 4 * 151_277_313
    assert encoder_card("TinyCLIP-40M").memory_bytes == 337_000_000
    (bare,) = read_encoders({"encoders": [ROW]}).values()
    assert bare.memory_bytes is None


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownChoice, match=r"no encoder called 'ViT-B-33'.*ViT-B-32"):
        encoder_card("ViT-B-33")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "blue"}, "colour is no field"),
        ({"library": "timm"}, "expected 'open_clip' or 'transformers'"),
        ({"side_px": "224"}, "side_px is '224', expected int"),
        ({"revision": "main"}, "40 hex digits"),
        ({"files": []}, "expected one of weights"),
        ({"files": [{"path": "model.bin", "verified": False, "source": "x"}]}, "can run a program"),
        ({"files": [{"path": "a.safetensors", "verified": False}]}, "no source"),
        ({"files": [{"path": "a.safetensors", "sha256": "abc", "verified": False, "source": "x"}]}, "64 hex digits"),
        ({"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}, "expected both for open_clip"),
        ({"library": "open_clip"}, "expected both for open_clip"),
        ({"library": "open_clip", "mean": [0.5, 0.5, 0.5]}, "expected both for open_clip"),
        ({"library": "open_clip", "mean": [0.5, 0.5]}, "a list of 3 float"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_encoders({"encoders": [{**deepcopy(ROW), **change}]})


@pytest.mark.parametrize("name", ["name", "purpose", "library", "architecture", "repository", "side_px", "dimensions"])
def test_a_row_that_lacks_a_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"has no {name}"):
        read_encoders({"encoders": [{key: value for key, value in ROW.items() if key != name}]})


def test_a_name_twice_or_a_table_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="a name twice"):
        read_encoders({"encoders": [ROW, ROW]})
    with pytest.raises(ValueError, match="expected encoders alone"):
        read_encoders({"encoders": [], "more": []})
