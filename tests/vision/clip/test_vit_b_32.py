"""The architecture most people will use, at its real size, with random weights: the published ones are not here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from vision.clip.load import load_encoder
from vision.frames import Plane


@pytest.mark.slow
def test_vit_b_32_from_a_file_gives_open_clip_s_own_vectors_whatever_the_batch(
    tmp_path: Path, stills: list[Plane]
) -> None:
    torch.manual_seed(0)
    model, _, transform = open_clip.create_model_and_transforms("ViT-B-32", pretrained=None)
    model.eval()
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    pictures = stills[:3]
    texts = ["a photo of the sea", "a photo of a wedding"]
    with torch.inference_mode():
        shown = torch.stack([transform(Image.fromarray(picture)) for picture in pictures])
        seen = model.encode_image(shown, normalize=True).numpy()
        said = model.encode_text(open_clip.tokenize(texts), normalize=True).numpy()
    del model
    encoder = load_encoder(
        library="open_clip", architecture="ViT-B-32", weights=tmp_path / "weights.safetensors", name="n", device="cpu"
    )
    together, alone = encoder.pictures(pictures)(), encoder.pictures(pictures[:1])()
    assert together.shape == (3, 512)
    assert np.abs(together - seen).max() < 1e-5
    assert np.abs(alone - together[:1]).max() < 1e-5
    assert np.abs(encoder.texts(texts) - said).max() < 1e-5
