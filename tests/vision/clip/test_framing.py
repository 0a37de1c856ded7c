"""Pictures reach the network as the library's own transform would show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from clip_models import tiny_open_clip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from transformers import CLIPImageProcessor, SiglipImageProcessor

from vision.clip.framing import numbers_of
from vision.clip.load import load_encoder
from vision.clip.torch_encoder import TorchEncoder
from vision.frames import Plane

TOLERANCE = 1e-5  # in the network's own numbers, which run from about -2 to 2


def drawn(height: int, width: int, seed: int = 0) -> Plane:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def of_the_library(kind: str, folder: Path, picture: Plane) -> torch.Tensor:
    if kind == "open_clip":
        transform = image_transform_v2(PreprocessCfg(size=224), is_train=False)
        return transform(Image.fromarray(picture))
    processor = (CLIPImageProcessor if kind == "clip" else SiglipImageProcessor).from_pretrained(folder)
    return processor(images=[picture], return_tensors="pt")["pixel_values"][0]


def folder_of(kind: str, request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(f"{kind}_folder")


def test_what_the_gate_delivers_is_shown_as_the_library_would_show_it(
    encoder: TorchEncoder, stills: list[Plane], request: pytest.FixtureRequest
) -> None:
    shown = encoder.pixels(stills)
    assert shown.shape == (len(stills), 3, 224, 224)
    for ours, still in zip(shown, stills, strict=True):
        theirs = of_the_library(encoder.name, folder_of(encoder.name, request), still)
        assert torch.allclose(ours, theirs, rtol=0, atol=TOLERANCE)


def test_a_still_of_the_right_size_is_cropped_without_a_copy(open_clip_folder: Path, stills: list[Plane]) -> None:
    encoder = load_encoder(library="open_clip", architecture="", weights=open_clip_folder, name="n", device="cpu")
    assert np.shares_memory(encoder._towers.framing.cut(stills[0]), stills[0])


@pytest.mark.parametrize(
    ("height", "width"),
    [(224, 399), (401, 224), (224, 227), (225, 224), (223, 500), (1080, 1920), (90, 64), (300, 300)],
)
def test_a_picture_of_any_size_is_shown_as_the_library_would_show_it(
    encoder: TorchEncoder, height: int, width: int, request: pytest.FixtureRequest
) -> None:
    picture = drawn(height, width)
    theirs = of_the_library(encoder.name, folder_of(encoder.name, request), picture)
    assert torch.allclose(encoder.pixels([picture])[0], theirs, rtol=0, atol=TOLERANCE)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(surplus=st.integers(0, 700), upright=st.booleans())
def test_a_crop_begins_where_each_library_begins_it(encoder: TorchEncoder, surplus: int, upright: bool) -> None:
    shape = (224 + surplus, 224) if upright else (224, 224 + surplus)
    picture = np.ascontiguousarray(np.broadcast_to(np.zeros(3, np.uint8), (*shape, 3)))
    along = np.arange(224 + surplus) % 251
    picture[...] = along[:, None, None] if upright else along[None, :, None]
    framing = encoder._towers.framing
    assert np.array_equal(framing.cut(picture), framing.resized(picture))


@pytest.mark.parametrize(
    "preprocess",
    [
        {"resize_mode": "squash", "mean": [0.5] * 3, "std": [0.5] * 3},
        {"resize_mode": "longest", "fill_color": 127},
        {"interpolation": "bilinear", "mean": [0.0] * 3, "std": [1.0] * 3},
    ],
    ids=["squashed, as SigLIP", "padded", "plain numbers, as MobileCLIP"],
)
def test_a_configuration_beside_the_weights_decides_how_pictures_are_shown(
    tmp_path: Path, preprocess: dict[str, object]
) -> None:
    folder = tiny_open_clip(tmp_path, **preprocess)
    encoder = load_encoder(library="open_clip", architecture="", weights=folder, name="n", device="cpu")
    transform = image_transform_v2(PreprocessCfg(size=224, **preprocess), is_train=False)
    for picture in (drawn(224, 398), drawn(360, 300), drawn(224, 224)):
        assert torch.allclose(encoder.pixels([picture])[0], transform(Image.fromarray(picture)), atol=TOLERANCE)


def test_a_small_picture_of_the_decoder_differs_little_from_the_large_one_shrunk_by_the_library(
    stills: list[Plane], open_clip_folder: Path, tmp_path: Path
) -> None:
    """The decoder shrinks with ffmpeg's bicubic, the library with Pillow's; benchmarks/clip.py prints by how much."""
    from films import ffmpeg, picture

    ffmpeg(*picture(2.0, size="1280x720"), "-frames:v", "1", tmp_path / "first.png")
    large = np.asarray(Image.open(tmp_path / "first.png").convert("RGB"))
    encoder = load_encoder(library="open_clip", architecture="", weights=open_clip_folder, name="n", device="cpu")
    small, shrunk = encoder.pixels([stills[0], large])
    assert float((small - shrunk).abs().mean()) < 0.1


@settings(max_examples=50)
@given(st.integers(0, 255), st.floats(0, 1), st.floats(0.05, 2))
def test_scale_and_shift_are_the_library_s_normalisation(byte: int, mean: float, std: float) -> None:
    scale, shift = numbers_of((mean,) * 3, (std,) * 3)
    assert byte * scale[0] + shift[0] == pytest.approx((byte / 255 - mean) / std, abs=1e-9)
