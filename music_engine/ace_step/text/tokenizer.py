"""Prompts to the text encoder's ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from scoring.errors import CheckpointRefused

# UMT5's own ids, and the length at which ACE-Step v1 cuts a prompt, the end mark included.
PAD_ID, END_ID = 0, 1
MAX_TOKENS = 256
_AGAIN = "Take the file that came with the weights"


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """ids: [B, S] int64, PAD_ID at the end of shorter prompts; mask: [B, S] int64, 0 there and 1 elsewhere."""

    ids: Tensor
    mask: Tensor


class PromptTokenizer:
    """The prompt as typed, without prefix or lower-casing, to at most 256 ids of which the last is the end mark.

    size: one more than the highest id; split, join: text to ids without the end mark, and back.
    """

    def __init__(self, size: int, split: Callable[[str], list[int]], join: Callable[[list[int]], str]) -> None:
        self.size = size
        self._split = split
        self._join = join

    def encode(self, prompts: Sequence[str]) -> PromptTokens:
        """Raises ValueError for no prompts."""
        if not prompts:
            raise ValueError("there must be at least one prompt")
        rows = [[*self._split(prompt)[: MAX_TOKENS - 1], END_ID] for prompt in prompts]
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[PAD_ID] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[*[1] * len(row), *[0] * (longest - len(row))] for row in rows])
        return PromptTokens(ids, mask)

    def decode(self, ids: Tensor) -> str:
        """ids: [S], one prompt's -> its text, as far as the vocabulary keeps it."""
        return self._join([int(one) for one in ids if int(one) not in (PAD_ID, END_ID)])


def read_tokenizer(path: Path) -> PromptTokenizer:
    """path: a `tokenizer.json`. Raises CheckpointRefused."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise CheckpointRefused(f"{path} is no tokenizer: {error}", _AGAIN) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def split(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    return PromptTokenizer(1 + max(tokenizer.get_vocab().values(), default=0), split, tokenizer.decode)


def read_sentencepiece(model: bytes, where: str) -> PromptTokenizer:
    """model: a SentencePiece model file's bytes; where: what a message calls them. Raises CheckpointRefused."""
    from sentencepiece import SentencePieceProcessor

    try:
        pieces = SentencePieceProcessor(model_proto=model)
    except (RuntimeError, OSError) as error:
        raise CheckpointRefused(f"{where} is no SentencePiece model: {error}", _AGAIN) from error
    return PromptTokenizer(pieces.get_piece_size(), pieces.encode, pieces.decode)
