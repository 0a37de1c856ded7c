"""A model for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from ace_step_sampling import CountingModel, random_transformer

from music_engine.ace_step.dit.transformer import AceStepTransformer


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Matrices this small are computed faster by one thread than shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def transformer() -> AceStepTransformer:
    return random_transformer()


@pytest.fixture
def model(transformer: AceStepTransformer) -> CountingModel:
    return CountingModel(transformer)
