"""From weights on this machine to an encoder that runs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from scoring.errors import EngineUnavailable, UnknownChoice
from vision.clip.device import AUTO, choose_device, choose_precision
from vision.clip.torch_encoder import TorchEncoder

Library = Literal["open_clip", "transformers"]
INSTALL = "Install them with: pip install 'cuesmith[clip]'"
_NEEDED = {
    "open_clip": ("torch", "torchvision", "open_clip", "safetensors"),
    "transformers": ("torch", "torchvision", "transformers", "safetensors", "sentencepiece", "google.protobuf"),
}


def load_encoder(
    *,
    library: Library,
    architecture: str,
    weights: Path,
    name: str,
    device: str = AUTO,
    precision: str | None = None,
    pretrained: str | None = None,
    batch: int | None = None,
) -> TorchEncoder:
    """An encoder from safetensors weights; nothing is fetched.

    library: whose classes. architecture: open_clip's name of the model ("ViT-B-32"), unless an open_clip_config.json
    beside the weights describes it; transformers reads config.json instead. weights: a .safetensors file or the folder
    with it. name: what outputs will carry. precision: of the picture tower; None takes float16 on CUDA, else float32.
    pretrained: open_clip's tag ("laion2b_s34b_b79k"), which knows how those weights want pictures normalised; needed
    only where no open_clip_config.json says so. batch: pictures at once, where the device's usual is too much.

    Raises CheckpointRefused (key, found, expected), UnknownChoice, EngineUnavailable (a library or device is missing).
    """
    if library not in _NEEDED:
        raise UnknownChoice.among("library", library, list(_NEEDED))
    missing = missing_libraries(library)
    if missing:
        raise EngineUnavailable(f"these packages are missing: {', '.join(missing)}", INSTALL)
    place = choose_device(device)
    exact = choose_precision(place, precision)
    if library == "open_clip":
        from vision.clip.open_clip_towers import open_clip_towers

        towers = open_clip_towers(architecture, weights, pretrained)
    else:
        from vision.clip.transformers_towers import transformers_towers

        towers = transformers_towers(weights)
    return TorchEncoder(name, towers, place, exact, batch)


def missing_libraries(library: Library) -> tuple[str, ...]:
    """What loading needs that is not installed; nothing is imported."""
    return tuple(needed for needed in _NEEDED[library] if not _is_installed(needed))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False
