"""Rows do not depend on their neighbours, and the same pictures give the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.errors import EngineError
from vision.clip.encoder import Encoder
from vision.clip.load import load_encoder
from vision.clip.torch_encoder import TorchEncoder
from vision.frames import Plane

NEIGHBOURS = 1e-6  # measured 1.2e-7 with these models and 3e-7 with ViT-B-32 (docs/clip.md)


def drawn(count: int, seed: int = 0) -> list[Plane]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (224, 224 + 2 * int(rng.integers(0, 90)), 3), np.uint8) for _ in range(count)]


def test_it_is_an_encoder(encoder: TorchEncoder) -> None:
    promised: Encoder = encoder
    assert (promised.side_px, promised.batch) == (224, 16)
    assert (encoder.device, encoder.precision) == ("cpu", "float32")


def test_a_picture_alone_has_the_vector_it_has_in_a_batch(encoder: TorchEncoder) -> None:
    pictures = drawn(37)
    together = encoder.pictures(pictures)()
    alone = np.concatenate([encoder.pictures([picture])() for picture in pictures])
    assert together.shape == (37, 16)
    assert np.abs(together - alone).max() < NEIGHBOURS


def test_a_text_alone_has_the_vector_it_has_in_a_long_list(encoder: TorchEncoder) -> None:
    texts = [f"a photo of the {word} at night, number {i}" for i in range(50) for word in ("sea", "city", "forest")]
    together = encoder.texts(texts)
    assert together.shape == (150, 16)
    assert np.abs(together[[0, 77, 149]] - np.concatenate([encoder.texts([texts[i]]) for i in (0, 77, 149)])).max() < (
        NEIGHBOURS
    )


def test_the_same_pictures_and_words_give_the_same_bits(encoder: TorchEncoder) -> None:
    pictures, texts = drawn(20), ["the sea", "joy"]
    assert encoder.pictures(pictures)().tobytes() == encoder.pictures(pictures)().tobytes()
    assert encoder.texts(texts).tobytes() == encoder.texts(texts).tobytes()


def test_loading_again_gives_the_same_bits(open_clip_folder: Path) -> None:
    def vectors() -> bytes:
        encoder = load_encoder(library="open_clip", architecture="", weights=open_clip_folder, name="n", device="cpu")
        return encoder.pictures(drawn(3))().tobytes()

    assert vectors() == vectors()


def test_pictures_may_be_overwritten_as_soon_as_it_returns(encoder: TorchEncoder) -> None:
    pictures = drawn(3)
    expected = encoder.pictures(pictures)()
    again = [picture.copy() for picture in pictures]
    pending = encoder.pictures(again)
    for picture in again:
        picture[...] = 0
    assert np.array_equal(pending(), expected)
    assert np.array_equal(pending(), expected)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(height=st.integers(1, 500), width=st.integers(1, 500), value=st.integers(0, 255))
def test_any_picture_gives_a_vector_of_length_one(encoder: TorchEncoder, height: int, width: int, value: int) -> None:
    vector = encoder.pictures([np.full((height, width, 3), value, np.uint8)])()
    assert np.linalg.norm(vector, axis=1) == pytest.approx(1, abs=1e-6)


def test_nothing_given_is_no_rows(encoder: TorchEncoder) -> None:
    assert encoder.pictures([])().shape == (0, 16)
    assert encoder.texts([]).shape == (0, 16)


def test_words_longer_than_the_network_reads_are_cut(encoder: TorchEncoder) -> None:
    assert np.isfinite(encoder.texts(["the sea at night " * 100, ""])).all()


def test_a_lower_precision_is_near_and_touches_no_words(open_clip_folder: Path) -> None:
    def loaded(precision: str) -> TorchEncoder:
        return load_encoder(
            library="open_clip", architecture="", weights=open_clip_folder, name="n", device="cpu", precision=precision
        )

    pictures, full = drawn(8), loaded("float32")
    for precision, nearest in (("bfloat16", 0.999), ("float16", 0.99999)):
        lower = loaded(precision)
        cosines = (lower.pictures(pictures)() * full.pictures(pictures)()).sum(axis=1)
        assert cosines.min() > nearest
        assert lower.pictures(pictures)().dtype == np.float32
        assert np.array_equal(lower.texts(["joy"]), full.texts(["joy"]))


def test_a_network_that_overflows_says_so(open_clip_folder: Path) -> None:
    encoder = load_encoder(
        library="open_clip", architecture="", weights=open_clip_folder, name="n", device="cpu", precision="float16"
    )
    with torch.no_grad():
        encoder._towers.model.visual.conv1.weight.mul_(1e6)  # type: ignore[operator, union-attr]
    with pytest.raises(EngineError, match=r"float16.*Use precision float32"):
        encoder.pictures(drawn(1))()
