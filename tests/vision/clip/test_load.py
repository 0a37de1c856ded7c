"""Checkpoint files made here, by the libraries themselves, give the vectors of the model they came from."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from clip_models import TINY_VECTOR, tiny_open_clip
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, CLIPModel, CLIPProcessor, SiglipModel, SiglipProcessor

from scoring.errors import CheckpointRefused, EngineUnavailable, UnknownChoice
from vision.clip import load
from vision.clip.load import load_encoder
from vision.clip.torch_encoder import TorchEncoder
from vision.frames import Plane

TEXTS = ["a photo of the sea", "a storm at night, and fear", "joy"]
TOLERANCE = 2e-6  # of numbers in vectors of length 1: float32 sums in another order


def unit(vectors: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(vectors, dim=-1).detach().numpy()


def opened(weights: Path, library: str = "open_clip", architecture: str = "", **more: Any) -> TorchEncoder:
    return load_encoder(library=library, architecture=architecture, weights=weights, name="n", device="cpu", **more)  # type: ignore[arg-type]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
def test_a_file_of_open_clip_gives_the_vectors_of_its_model(open_clip_folder: Path, stills: list[Plane]) -> None:
    model = open_clip.create_model(f"local-dir:{open_clip_folder}").eval()
    transform = image_transform_v2(PreprocessCfg(size=224), is_train=False)
    shown = torch.stack([transform(Image.fromarray(still)) for still in stills])
    encoder = opened(open_clip_folder)
    assert np.abs(encoder.pictures(stills)() - unit(model.encode_image(shown))).max() < TOLERANCE
    said = unit(model.encode_text(open_clip.get_tokenizer(f"local-dir:{open_clip_folder}")(TEXTS)))
    assert np.abs(encoder.texts(TEXTS) - said).max() < TOLERANCE


@pytest.mark.usefixtures("no_network")
def test_a_folder_of_transformers_clip_gives_the_vectors_of_its_model(clip_folder: Path, stills: list[Plane]) -> None:
    model = CLIPModel.from_pretrained(clip_folder).eval()
    given = CLIPProcessor.from_pretrained(clip_folder)(
        text=TEXTS, images=[Image.fromarray(still) for still in stills], return_tensors="pt", padding=True
    )
    theirs = model(**given)
    encoder = opened(clip_folder, "transformers")
    assert np.abs(encoder.pictures(stills)() - unit(theirs.image_embeds)).max() < TOLERANCE
    assert np.abs(encoder.texts(TEXTS) - unit(theirs.text_embeds)).max() < TOLERANCE


@pytest.mark.usefixtures("no_network")
def test_a_folder_of_siglip_gives_the_vectors_of_its_model(siglip_folder: Path, stills: list[Plane]) -> None:
    model = SiglipModel.from_pretrained(siglip_folder).eval()
    given = SiglipProcessor.from_pretrained(siglip_folder)(
        text=TEXTS, images=[Image.fromarray(still) for still in stills], return_tensors="pt", padding="max_length"
    )
    theirs = model(input_ids=given["input_ids"], pixel_values=given["pixel_values"])
    encoder = opened(siglip_folder, "transformers")
    assert np.abs(encoder.pictures(stills)() - unit(theirs.image_embeds)).max() < TOLERANCE
    assert np.abs(encoder.texts(TEXTS) - unit(theirs.text_embeds)).max() < TOLERANCE


def test_an_architecture_s_name_is_enough_where_no_configuration_lies_beside_the_weights(
    open_clip_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = json.loads((open_clip_folder / "open_clip_config.json").read_text("utf-8"))["model_cfg"]
    (tmp_path / "Tiny-B-32.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIGS", dict(open_clip.factory._MODEL_CONFIGS))
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIG_PATHS", list(open_clip.factory._MODEL_CONFIG_PATHS))
    open_clip.add_model_config(tmp_path / "Tiny-B-32.json")
    weights = shutil.copy(open_clip_folder / "open_clip_model.safetensors", tmp_path / "weights.safetensors")
    picture = np.zeros((224, 300, 3), np.uint8)
    by_name = opened(Path(weights), architecture="Tiny-B-32").pictures([picture])()
    assert np.array_equal(by_name, opened(open_clip_folder).pictures([picture])())


def test_a_file_from_before_text_towers_were_separate_still_loads(open_clip_folder: Path, tmp_path: Path) -> None:
    table = json.loads((open_clip_folder / "open_clip_config.json").read_text("utf-8"))
    table["model_cfg"]["custom_text"] = True
    (tmp_path / "open_clip_config.json").write_text(json.dumps(table), "utf-8")
    shutil.copy(open_clip_folder / "open_clip_model.safetensors", tmp_path)
    assert np.allclose(opened(tmp_path).texts(TEXTS), opened(open_clip_folder).texts(TEXTS), atol=TOLERANCE)


def test_weights_in_half_precision_are_read_into_full(open_clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(open_clip_folder, tmp_path / "half"))
    file = folder / "open_clip_model.safetensors"
    save_file({name: tensor.half() for name, tensor in load_file(file).items()}, file)
    picture = np.full((224, 224, 3), 90, np.uint8)
    half, full = (opened(place).pictures([picture])() for place in (folder, open_clip_folder))
    assert 0 < np.abs(half - full).max() < 5e-3


def test_the_published_weights_tag_decides_normalisation_and_activation(tmp_path: Path) -> None:
    from vision.clip.open_clip_towers import _described, _framing

    config, published, _ = _described("ViT-L-14", tmp_path, "laion2b_s32b_b82k")
    assert _framing(published, 224).shift == (-1.0, -1.0, -1.0)
    assert "quick_gelu" not in config
    config, published, _ = _described("ViT-L-14", tmp_path, "openai")
    assert _framing(published, 224).shift[0] == pytest.approx(-0.48145466 / 0.26862954)
    assert config["quick_gelu"]
    with pytest.raises(UnknownChoice, match="laion2b_s32b_b82k"):
        _described("ViT-L-14", tmp_path, "of my own")


def test_a_vocabulary_that_open_clip_would_fetch_is_taken_from_the_folder(
    open_clip_folder: Path, clip_folder: Path, tmp_path: Path, no_network: None
) -> None:
    table = json.loads((open_clip_folder / "open_clip_config.json").read_text("utf-8"))
    table["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "timm/ViT-B-16-SigLIP"
    (tmp_path / "open_clip_config.json").write_text(json.dumps(table), "utf-8")
    shutil.copy(open_clip_folder / "open_clip_model.safetensors", tmp_path)
    with pytest.raises(CheckpointRefused, match=r"timm/ViT-B-16-SigLIP.*tokenizer\.json"):
        opened(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(clip_folder / name, tmp_path)
    ids = AutoTokenizer.from_pretrained(clip_folder)(
        TEXTS, padding="max_length", max_length=77, return_tensors="pt"
    ).input_ids
    model = open_clip.create_model(f"local-dir:{open_clip_folder}").eval()
    assert np.allclose(opened(tmp_path).texts(TEXTS), unit(model.encode_text(ids)), atol=TOLERANCE)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("architecture", "why"),
    [
        ("roberta-ViT-B-32", "roberta-base, which open_clip would fetch"),
        ("coca_ViT-B-32", "captions"),
        ("ViT-B-16-SigLIP", "vocabulary timm/ViT-B-16-SigLIP"),
    ],
)
def test_an_architecture_that_would_be_fetched_or_was_never_tried_is_refused_before_anything_is_read(
    tmp_path: Path, architecture: str, why: str
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointRefused, match=why):
        opened(tmp_path, architecture=architecture)


def test_a_name_that_is_on_no_list_is_refused(open_clip_folder: Path, tmp_path: Path) -> None:
    weights = Path(shutil.copy(open_clip_folder / "open_clip_model.safetensors", tmp_path))
    with pytest.raises(UnknownChoice, match=r"ViT-B-33.*ViT-B-32"):
        opened(weights, architecture="ViT-B-33")
    with pytest.raises(UnknownChoice, match="library called 'keras'"):
        opened(weights, "keras")
    with pytest.raises(UnknownChoice, match="device called 'tpu'"):
        load_encoder(library="open_clip", architecture="", weights=open_clip_folder, name="n", device="tpu")
    with pytest.raises(UnknownChoice, match="precision called 'int3'"):
        opened(open_clip_folder, precision="int3")


def test_a_model_of_another_kind_is_refused(clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clip_folder, tmp_path / "other"))
    table = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**table, "model_type": "llava"}), "utf-8")
    with pytest.raises(CheckpointRefused, match="found model_type 'llava', expected one of clip, siglip"):
        opened(folder, "transformers")


def test_code_in_a_folder_is_not_run(clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clip_folder, tmp_path / "code"))
    (folder / "own.py").write_text("raise AssertionError('this was run')", "utf-8")
    for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        table = json.loads((folder / name).read_text("utf-8"))
        parts = ("AutoConfig", "AutoModel", "AutoTokenizer", "AutoImageProcessor")
        table["auto_map"] = dict.fromkeys(parts, "own.Own")
        (folder / name).write_text(json.dumps(table), "utf-8")
    assert opened(folder, "transformers").texts(["a"]).shape == (1, TINY_VECTOR)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"embed_dim": 2**40}, "embed_dim is 1099511627776, at most 1000000"),
        ({"vision_cfg": {"image_size": 224, "colour": "red"}}, "does not describe a model: TypeError"),
        ({"vision_cfg": {"timm_model_name": "hf-hub:some/one"}}, "hf-hub:some/one, which open_clip would fetch"),
        ({"vision_cfg": {"timm_model_name": "no_such_net"}}, "does not describe a model"),
        (
            {"vision_cfg": {"image_size": [224, 448], "width": 32, "layers": 1, "head_width": 16, "patch_size": 32}},
            "square",
        ),
    ],
)
def test_a_configuration_that_describes_no_model_is_refused(
    open_clip_folder: Path, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    table = json.loads((open_clip_folder / "open_clip_config.json").read_text("utf-8"))
    table["model_cfg"].update(change)
    (tmp_path / "open_clip_config.json").write_text(json.dumps(table), "utf-8")
    shutil.copy(open_clip_folder / "open_clip_model.safetensors", tmp_path)
    with pytest.raises(CheckpointRefused, match=why):
        opened(tmp_path)


def test_a_missing_package_is_named_with_what_to_install(
    open_clip_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_NEEDED", {"open_clip": ("torch", "no_such_package.inside")})
    with pytest.raises(EngineUnavailable, match=r"no_such_package.inside.*cuesmith\[clip\]"):
        opened(open_clip_folder)


def test_every_tiny_model_s_vectors_are_as_long_as_it_says(tmp_path: Path) -> None:
    encoder = opened(tiny_open_clip(tmp_path, side_px=64))
    assert encoder.side_px == 64
    assert encoder.pictures([np.zeros((64, 114, 3), np.uint8)])().shape == (1, TINY_VECTOR)


def test_a_folder_in_the_form_of_openai_s_own_publication_loads(clip_folder: Path, tmp_path: Path) -> None:
    """No tokenizer_config.json, a preprocessor_config.json from before sizes were tables, as vision/data lists them."""
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        shutil.copy(clip_folder / name, tmp_path)
    old = {
        "crop_size": 224, "do_center_crop": True, "do_normalize": True, "do_resize": True, "resample": 3, "size": 224,
        "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }  # fmt: skip
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(old), "utf-8")
    older, newer = opened(tmp_path, "transformers"), opened(clip_folder, "transformers")
    picture = np.random.default_rng(0).integers(0, 256, (300, 401, 3), np.uint8)
    assert np.array_equal(older.texts(TEXTS), newer.texts(TEXTS))
    assert np.array_equal(older.pictures([picture])(), newer.pictures([picture])())
    assert older.fingerprint == newer.fingerprint
