"""Prompts to the states that the transformer attends to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import torch
from torch import Tensor

from music_engine.ace_step.text.tokenizer import PromptTokenizer
from music_engine.ace_step.text.umt5 import weakened_queries


@dataclass(frozen=True, slots=True)
class TextStates:
    """states: [B, S, width], 768 wide in the published model; mask: [B, S], 1 where a prompt has a token."""

    states: Tensor
    mask: Tensor


class TextEncoder:
    """UMT5 with its tokenizer. As a context, or through `release`, it gives its memory back when the prompts are done.

    model: a `UMT5EncoderModel`. Computes in the precision and on the device of its weights.
    """

    def __init__(self, model: Any, tokenizer: PromptTokenizer) -> None:
        self.tokenizer = tokenizer
        self._model: Any = model.eval().requires_grad_(False)

    def __enter__(self) -> TextEncoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        found: torch.device = self._loaded().shared.weight.device
        return found

    @torch.no_grad()
    def encode(self, prompts: Sequence[str], *, weakened: bool = False) -> TextStates:
        """One row a prompt, each cut at 256 tokens; on the encoder's device.

        weakened: the states that guidance steers away from, with the queries of blocks 8 and 9 a hundredth of theirs.
        """
        model = self._loaded()
        tokens = self.tokenizer.encode(prompts)
        ids, mask = tokens.ids.to(self.device), tokens.mask.to(self.device)
        if weakened:
            with weakened_queries(model):
                return TextStates(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)
        return TextStates(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)

    def to(self, device: torch.device | str) -> TextEncoder:
        """Move the weights; itself."""
        self._loaded().to(device)
        return self

    def release(self) -> None:
        """Let go of the weights. Twice is the same as once; nothing can be encoded afterwards."""
        self._model = None

    def _loaded(self) -> Any:
        if self._model is None:
            raise RuntimeError("this text encoder has been released; open another from the checkpoint")
        return self._model
