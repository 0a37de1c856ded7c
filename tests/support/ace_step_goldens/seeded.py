"""Weights that need no file: drawn from a stream that numpy has frozen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.transformer import AceStepTransformer


def seeded_transformer(config: dict[str, Any], seed: int) -> AceStepTransformer:
    """A transformer with normal weights, each scaled by what it adds up. config: as in a checkpoint's config.json."""
    model = AceStepTransformer(TransformerConfig.from_mapping(config))
    draw = np.random.RandomState(seed)
    for _, parameter in sorted(model.named_parameters()):
        inputs = math.prod(parameter.shape[1:]) if parameter.ndim > 1 else 10
        drawn = draw.standard_normal(tuple(parameter.shape)) / math.sqrt(inputs)
        parameter.data.copy_(torch.from_numpy(drawn))
    return model.eval().requires_grad_(False)
