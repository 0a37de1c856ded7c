"""The three tiny models, made once, and pictures as the gate delivers them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from clip_models import tiny_clip, tiny_open_clip, tiny_siglip
from films import plain_film

from pipeline.media.decode import FilmReader
from pipeline.media.probe import probe
from pipeline.settings import Settings
from vision.clip.load import load_encoder
from vision.clip.torch_encoder import TorchEncoder
from vision.frames import Plane, Still


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def open_clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_open_clip(tmp_path_factory.mktemp("open_clip"))


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def siglip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="session", params=["open_clip", "clip", "siglip"])
def encoder(request: pytest.FixtureRequest) -> TorchEncoder:
    """Each of the three in turn, on the processor."""
    folder = request.getfixturevalue(f"{request.param}_folder")
    library = "open_clip" if request.param == "open_clip" else "transformers"
    return load_encoder(library=library, architecture="", weights=folder, name=request.param, device="cpu")


@pytest.fixture(scope="session")
def stills(tmp_path_factory: pytest.TempPathFactory) -> list[Plane]:
    """Stills of a 720p film, [224, 398, 3], through the gate."""
    settings = Settings()
    film = plain_film(tmp_path_factory.mktemp("film") / "film.mp4", 2.0, size="1280x720", sound=False)
    return [item.rgb for item in FilmReader(probe(film, settings), settings) if isinstance(item, Still)]
