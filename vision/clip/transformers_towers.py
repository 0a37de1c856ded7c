"""CLIP and SigLIP of transformers, from a folder as save_pretrained writes it. Nothing is fetched, no code is run."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.errors import CheckpointRefused
from vision.clip.framing import Framing, numbers_of
from vision.clip.towers import Towers, configured, read_config, without_chance
from vision.clip.weights import fill, find_weights
from vision.frames import Plane

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WEIGHTS = ("model.safetensors",)
MODEL_TYPES = ("clip", "siglip")
_SIGLIP_TOKENS = 64  # SigLIP was trained with every text padded to 64 (transformers' documentation of the model)


def transformers_towers(place: Path) -> Towers:
    """place: the folder, or the .safetensors file in it. Raises CheckpointRefused."""
    if place.is_dir() and (place / "model.safetensors.index.json").is_file():
        raise CheckpointRefused(f"{place} keeps its weights in several files", "Take a model that is in one file")
    path = find_weights(place, WEIGHTS)
    folder = path.parent
    table = read_config(folder / "config.json")
    kind = table.get("model_type")
    if kind not in MODEL_TYPES:
        raise CheckpointRefused(
            f"{folder / 'config.json'}: found model_type {kind!r}, expected one of {', '.join(MODEL_TYPES)}",
            "Take a CLIP or a SigLIP model",
        )
    with _quiet():
        return _towers(kind, table, path)


def _towers(kind: str, table: dict[str, Any], path: Path) -> Towers:
    import transformers

    folder = path.parent
    names = ("CLIPConfig", "CLIPModel") if kind == "clip" else ("SiglipConfig", "SiglipModel")
    config_class, model_class = (getattr(transformers, name) for name in names)
    with configured(folder / "config.json"), without_chance():
        config = config_class.from_dict(table)
        model = model_class(config)
    model.eval().requires_grad_(False)
    fill(model, path)
    with configured(folder / "tokenizer_config.json"):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    longest = config.text_config.max_position_embeddings
    tokens = min(longest, _SIGLIP_TOKENS) if kind == "siglip" else longest

    def pictures(pixels: Tensor) -> Tensor:
        shown: Tensor = model.get_image_features(pixel_values=pixels).pooler_output
        return shown

    def texts(given: Sequence[str], device: torch.device) -> Tensor:
        # Always padded to one length: CLIP reads no further than its end mark, SigLIP was trained so, without a mask.
        ids = tokenizer(
            list(given), padding="max_length", truncation=True, max_length=tokens, return_tensors="pt"
        ).input_ids
        said: Tensor = model.get_text_features(input_ids=ids.to(device)).pooler_output
        return said

    parts = (model.vision_model, *([model.visual_projection] if kind == "clip" else []))
    vision, text = config.vision_config, config.text_config
    length = config.projection_dim if kind == "clip" else text.projection_size or text.hidden_size
    with configured(folder / "preprocessor_config.json"):
        framing = _framing(kind, folder, int(vision.image_size))
    return Towers(model, parts, pictures, texts, int(length), framing)


def _framing(kind: str, folder: Path, side: int) -> Framing:
    """The folder's own image processor, all of it but the arithmetic, which happens on the device."""
    import transformers

    name = "CLIPImageProcessor" if kind == "clip" else "SiglipImageProcessor"
    processor = getattr(transformers, name).from_pretrained(folder, local_files_only=True)
    crops = bool(getattr(processor, "do_center_crop", False))
    final = processor.crop_size if crops else processor.size
    if (final["height"], final["width"]) != (side, side) or not (processor.do_resize and processor.do_rescale):
        raise ValueError(f"{final} is not the {side} x {side} pixels of the model, or is not resized or rescaled")

    def resized(picture: Plane) -> Plane:
        done = processor(images=[picture], do_rescale=False, do_normalize=False, return_tensors="np")
        shown: Plane = np.asarray(done["pixel_values"][0]).transpose(1, 2, 0)
        return shown

    red_green_blue = (tuple(processor.image_mean), tuple(processor.image_std))
    mean, std = red_green_blue if processor.do_normalize else ((0.0,) * 3, (1.0,) * 3)
    scale, shift = numbers_of(mean, std, processor.rescale_factor)
    whole = crops and processor.size.get("shortest_edge") == side
    return Framing(side, whole, lambda surplus_px: surplus_px // 2, resized, scale, shift)


@contextmanager
def _quiet() -> Iterator[None]:
    """The library's remarks on published configurations help nobody who did not write them; its errors still come."""
    from transformers.utils import logging as library_log

    before = library_log.get_verbosity()
    library_log.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        library_log.set_verbosity(before)
