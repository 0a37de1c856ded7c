"""From a hub to an encoder that runs: the files a card lists are all that its loader needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from clip_models import tiny_clip, tiny_siglip
from published import REPOSITORY, model_of, pinned, settings_for
from range_server import range_server

from pipeline.models.download import fetch_model
from vision.clip.catalogue import encoder_card
from vision.clip.load import load_encoder


@pytest.mark.parametrize(
    ("name", "make"),
    [("TinyCLIP-8M", tiny_clip), ("clip-vit-base-patch32", tiny_clip), ("siglip-base-patch16-224", tiny_siglip)],
)
def test_what_the_card_lists_is_fetched_and_loads(name: str, make: Callable[[Path], Path], tmp_path: Path) -> None:
    card, made = encoder_card(name), make(tmp_path / "made")
    listed = [file.path for file in card.files if (made / file.path).is_file()]
    assert {"config.json", "preprocessor_config.json", "model.safetensors"} <= set(listed)
    with range_server() as hub:
        for path in listed:
            hub.serve(REPOSITORY, path, (made / path).read_bytes())
        model = model_of(*map(pinned, listed), name=name)
        folder = fetch_model(model, settings_for(hub, tmp_path), advance=lambda share: None, note=lambda text: None)
    encoder = load_encoder(
        library=card.library,
        architecture=card.architecture,
        weights=card.weights_in(folder),
        name=card.title,
        device="cpu",
        precision="float32",
    )
    vectors = encoder.texts(["a photo of the sea", "a storm at night"])
    assert encoder.name == name
    assert encoder.side_px == card.side_px
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
