"""Models of open_clip (CLIP and its kin), built from the library's classes without its downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.errors import CheckpointRefused, UnknownChoice
from vision.clip.framing import Framing, numbers_of
from vision.clip.towers import Towers, configured, read_config, without_chance
from vision.clip.weights import fill, find_weights
from vision.frames import Plane

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WEIGHTS = ("open_clip_model.safetensors", "model.safetensors")
CONFIG = "open_clip_config.json"
# Parts of the text tower that older files keep at the top, as open_clip's own loader moves them.
_ONCE_AT_THE_TOP = ("token_embedding.", "positional_embedding", "transformer.", "ln_final.", "text_projection")
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")


def open_clip_towers(architecture: str, place: Path, pretrained: str | None) -> Towers:
    """architecture: a name of open_clip's, used where no open_clip_config.json lies beside the weights.

    pretrained: open_clip's tag of the weights, which knows their normalisation and activation where no file says.
    Raises CheckpointRefused, UnknownChoice.
    """
    import open_clip

    path = find_weights(place, WEIGHTS)
    config, preprocess, where = _described(architecture, path.parent, pretrained)
    _refuse_what_would_download(config, where)
    tokens = _tokenizer(config, path.parent, where)
    with configured(where), without_chance():
        separate = config.pop("custom_text", False)
        model = (open_clip.CustomTextCLIP if separate else open_clip.CLIP)(**config)
    with configured(where):
        framing = _framing(preprocess, model.visual.image_size)
    model.eval().requires_grad_(False)
    fill(model, path, prefixed=_ONCE_AT_THE_TOP)

    def texts(given: Sequence[str], device: torch.device) -> Tensor:
        encoded: Tensor = model.encode_text(tokens(list(given)).to(device))
        return encoded

    return Towers(model, (model.visual,), model.encode_image, texts, int(config["embed_dim"]), framing)


def _described(
    architecture: str, folder: Path, pretrained: str | None
) -> tuple[dict[str, Any], dict[str, Any], object]:
    """The model's configuration, its preprocessing, and where the first was read."""
    from open_clip import get_model_config, get_pretrained_cfg, list_models, list_pretrained_tags_by_model

    if (folder / CONFIG).is_file():
        table = read_config(folder / CONFIG)
        config, preprocess = table.get("model_cfg"), table.get("preprocess_cfg", {})
        if not isinstance(config, dict) or not isinstance(preprocess, dict):
            raise CheckpointRefused(f"{folder / CONFIG} has no table model_cfg", "Download the file again")
        return config, preprocess, folder / CONFIG
    if architecture not in list_models():
        raise UnknownChoice.among("architecture of open_clip", architecture, list_models())
    config, published = get_model_config(architecture), {}
    if pretrained is not None:
        published = get_pretrained_cfg(architecture, pretrained)
        if not published:
            known = list_pretrained_tags_by_model(architecture)
            raise UnknownChoice.among(f"set of weights for {architecture}", pretrained, known)
        if published.get("quick_gelu"):
            config["quick_gelu"] = True
    return config, published, f"open_clip's {architecture}"


def _refuse_what_would_download(config: dict[str, Any], where: object) -> None:
    """Towers that the library would fetch from a hub, and ones that nothing here was tried with."""
    with configured(where):
        text, picture = config["text_cfg"], config["vision_cfg"]
        fetched = [str(text[key]) for key in ("hf_model_name",) if text.get(key)]
        fetched += [name for name in [str(picture.get("timm_model_name") or "")] if ":" in name]
        picture["timm_model_pretrained"] = False
    if fetched:
        raise CheckpointRefused(
            f"{where} builds on {fetched[0]}, which open_clip would fetch", "Take an architecture of open_clip's own"
        )
    if "multimodal_cfg" in config:
        raise CheckpointRefused(f"{where} also writes captions (CoCa), which is not supported", "Take a CLIP model")


def _tokenizer(config: dict[str, Any], folder: Path, where: object) -> Callable[[list[str]], Tensor]:
    """CLIP's own vocabulary comes with open_clip; SigLIP's and others' must lie beside the weights."""
    from open_clip.tokenizer import HFTokenizer, SimpleTokenizer

    with configured(where):
        text = config["text_cfg"]
        length, options = int(text.get("context_length", 77)), deepcopy(text.get("tokenizer_kwargs") or {})
        if not text.get("hf_tokenizer_name"):
            own: Callable[[list[str]], Tensor] = SimpleTokenizer(context_length=length, **options)
            return own
    if not all((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise CheckpointRefused(
            f"{where} needs the vocabulary {text['hf_tokenizer_name']}, and {folder} holds no tokenizer",
            f"Download {' and '.join(_TOKENIZER_FILES)} of that repository beside the weights",
        )
    with configured(folder):
        other: Callable[[list[str]], Tensor] = HFTokenizer(
            str(folder), context_length=length, tokenizer_mode=text.get("tokenizer_mode"),
            local_files_only=True, trust_remote_code=False, **options,
        )  # fmt: skip
        return other


def _framing(preprocess: dict[str, Any], image_size: int | tuple[int, int]) -> Framing:
    """From open_clip's own transform, all of it but the last two steps, which become one on the device."""
    from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
    from PIL import Image

    sides = {image_size} if isinstance(image_size, int) else set(image_size)
    if len(sides) != 1:
        raise ValueError(f"pictures of {image_size} are not square")
    side = sides.pop()
    chosen = PreprocessCfg(**merge_preprocess_dict(merge_preprocess_dict({}, preprocess), {"size": side}))
    steps = image_transform_v2(chosen, is_train=False).transforms[:-2]

    def resized(picture: Plane) -> Plane:
        shown: Any = Image.fromarray(picture)
        for step in steps:
            shown = step(shown)
        return np.asarray(shown)

    scale, shift = numbers_of(_triple(chosen.mean), _triple(chosen.std))
    return Framing(side, chosen.resize_mode == "shortest", _middle, resized, scale, shift)


def _middle(surplus_px: int) -> int:
    """As torchvision's CenterCrop rounds: halves to the even neighbour."""
    return round(surplus_px / 2)


def _triple(value: float | Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = [value] * 3 if isinstance(value, int | float) else value
    return float(red), float(green), float(blue)
